/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* digits: numbers as decimal text and back, for the paths where printf would cost more
 * than the rest. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/number.h"

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

/* Writes the last so many digits, with zeros in front; no NUL. Where they end. */
static inline char *digits_put(char *p, unsigned value, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		p[i] = '0' + value % 10;
		value /= 10;
	}
	return p + width;
}

/* The number that digits_add() wrote so; NUMBER_ABSENT where it is none, or no number of
 * an event. */
static inline int64_t digits_parse(const char *text, size_t len)
{
	const bool negative = len && text[0] == '-';
	size_t i = negative;
	int64_t n = 0;

	if (len == i || len >= DIGITS_SIZE)
		return NUMBER_ABSENT;
	for (; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, text[i] - '0', &n))
			return NUMBER_ABSENT;
	}
	if (!negative && n == INT64_MIN)
		return NUMBER_ABSENT;
	n = negative ? n : -n;
	return number_known(n) ? n : NUMBER_ABSENT;
}
