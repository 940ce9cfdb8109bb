/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* when: points in time as people give them. */
#pragma once

#include <stdint.h>

#include "core/reason.h"

/* YYYY-MM-DD [HH:MM[:SS]], HH:MM[:SS], now, today, yesterday, -2h, "2h ago" (s min h d
 * w, also together: "1h 30min ago"), @SECONDS; local time (TZ). A date may have T before
 * the time, and behind it a fraction, Z or +HH:MM, so that what sigtrail shows can be
 * given back to it. Where the clock was set back the earlier of two times; a time that
 * the clock skipped is taken as if it had not. A day is 24 hours, but yesterday begins at
 * its midnight. now_usec and the result: microseconds of CLOCK_REALTIME, never before
 * 1970. 0, or -EINVAL with the reason, which shows the forms. */
int when_parse(int64_t *usec, const char *text, int64_t now_usec, struct reason *reason);
