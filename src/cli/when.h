/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* when: points in time as people give them. */
#pragma once

#include <stdint.h>

#include "core/reason.h"

/* YYYY-MM-DD [HH:MM[:SS]], HH:MM[:SS], now, today, yesterday, -2h, "2h ago" (s min h d
 * w), @SECONDS; local time. now_usec and the result: microseconds of CLOCK_REALTIME. 0,
 * or -EINVAL with the reason, which shows the forms. */
int when_parse(int64_t *usec, const char *text, int64_t now_usec, struct reason *reason);
