/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reason: why something that a person asked for can't be done, as one sentence for them.
 */
#pragma once

struct reason {
	char text[512];
};

/* Sets the sentence, printf-style; it says what is wrong and what to do, without a final
 * newline or full stop. What has no room ends in "...", after a whole character of UTF-8.
 * reason may be NULL. */
void reason_set(struct reason *reason, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
