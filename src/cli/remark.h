/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* remark: what a person should know of the trail beside the lines shown; to standard
 * error, a sentence each. */
#pragma once

#include "cli/trailread.h"

/* Entries that couldn't be read. */
void remark_damage(const struct trailread *read);

/* Journals that may not be read. */
void remark_partial(const struct journal_read *journal);

/* Why there may be nothing: no trail at all, no permission, or nothing that passed. */
void remark_nothing(struct trailread *read);

/* The trail's own entries of gaps, where what was asked for hides them: within the times
 * asked for, and not before from_usec (NUMBER_ABSENT: no bound). */
void remark_gaps(struct trailread *read, int64_t from_usec);
