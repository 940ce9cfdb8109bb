/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* now: what the clocks say, microseconds. */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t now_read_usec(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The clock that loops and deadlines go by: CLOCK_MONOTONIC. */
static inline int64_t now_mono_usec(void)
{
	return now_read_usec(CLOCK_MONOTONIC);
}
