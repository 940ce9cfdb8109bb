/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json: one event as one JSON object. */
#pragma once

#include "core/buffer.h"
#include "core/event.h"

/* Adds the object and a newline, UTF-8. 0, or -ENOMEM with nothing added. */
int json_line(struct buffer *out, const struct signal_event *ev);

/* Adds the array of the ancestors alone, without newline. 0 or -ENOMEM as above. */
int json_ancestry(struct buffer *out, const struct ancestry *ancestry);
