/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* digits: numbers as decimal text, for the paths where printf would cost more than the
 * rest. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"

/* Room for the digits of every int64_t. */
#define DIGITS_SIZE 24

/* Adds the number in decimal. */
static inline void digits_add(struct buffer *out, int64_t n)
{
	char text[DIGITS_SIZE];
	char *p = text + sizeof(text);
	uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do {
		*--p = '0' + rest % 10;
		rest /= 10;
	} while (rest);
	if (n < 0)
		*--p = '-';
	buffer_add(out, p, text + sizeof(text) - p);
}
