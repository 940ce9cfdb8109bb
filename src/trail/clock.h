/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clock: the time that the loop goes by. */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t clock_now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
