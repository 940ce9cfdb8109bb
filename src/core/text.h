/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text: one event as one line for people. */
#pragma once

#include "core/buffer.h"
#include "core/event.h"
#include "core/timestamp.h"

/* How times are written: with the date first, and of the day alone. */
struct text_clock {
	const char *(*time)(int64_t usec, char text[TIMESTAMP_SIZE]);
	const char *(*clock)(int64_t usec, char text[TIMESTAMP_SIZE]);
};

/* timestamp.h's. */
extern const struct text_clock text_utc;

/* Adds "SIGNAL from SENDER to TARGET[, detail]..." (or the line of a death or of a trail
 * entry), without time and newline: the journal's MESSAGE. */
void text_message(struct buffer *out, const struct signal_event *ev);

/* The same with the times in it by another clock. */
void text_message_in(struct buffer *out, const struct signal_event *ev,
		     const struct text_clock *clock);

/* Adds "TIME MESSAGE\n". */
void text_line(struct buffer *out, const struct signal_event *ev);

/* --- its parts, for tables --- */

/* "pkill[4312]", "process 4312". */
void text_party(struct buffer *out, const struct party *party);

/* The target like that, or what was addressed: "process group 71". */
void text_target(struct buffer *out, const struct signal_event *ev);

/* Container (12 digits of a long id), user unit or unit; nothing where there is none. */
void text_place(struct buffer *out, const struct party *party);

/* ", via thread GC-worker[731], 1 of 2 in process group 71, NOTE, 480 more since TIME":
 * each part with a comma before it. */
void text_details(struct buffer *out, const struct signal_event *ev,
		  const struct text_clock *clock);
