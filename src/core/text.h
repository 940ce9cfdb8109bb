/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text: one event as one line for people. */
#pragma once

#include "core/buffer.h"
#include "core/event.h"

/* Adds "SIGNAL from SENDER to TARGET[, detail]..." (or the line of a death or of a trail
 * entry), without time and newline: the journal's MESSAGE. */
void text_message(struct buffer *out, const struct signal_event *ev);

/* Adds "TIME MESSAGE\n". */
void text_line(struct buffer *out, const struct signal_event *ev);
