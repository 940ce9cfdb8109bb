/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clock: times as people read them, local (TZ) or UTC. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

/* time: 2026-11-21T23:27:27.191+01:00, milliseconds, cut; clock: 23:27:27.191. In UTC as
 * timestamp.h. What is no local time stands in UTC. */
extern const struct text_clock clock_local;

static inline const struct text_clock *clock_choose(bool utc)
{
	return utc ? &text_utc : &clock_local;
}

/* The date alone: 2026-11-21. */
#define CLOCK_DATE_LEN 10
