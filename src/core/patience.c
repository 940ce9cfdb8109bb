/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/patience.h"

void patience_see(struct patience *patience, bool busy, uint64_t events)
{
	if (!busy || events != patience->events || !patience->usec)
		patience->usec = PATIENCE_MIN_USEC;
	else if (patience->roomy && patience->usec < PATIENCE_MAX_USEC)
		patience->usec *= 2;
	patience->events = events;
}

bool patience_is_busy(const struct patience *patience, int64_t since_usec)
{
	return since_usec < 2 * patience->usec;
}
