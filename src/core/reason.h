/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reason: why something that a person asked for can't be done, as one sentence for them.
 */
#pragma once

struct reason {
	char text[512];
};

/* Sets the sentence, printf-style, cut to the room there is; reason may be NULL. It says
 * what is wrong and what to do, without a final newline or full stop. */
void reason_set(struct reason *reason, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
