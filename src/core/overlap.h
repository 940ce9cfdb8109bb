/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overlap: two streams of the same records, one of which ends while the other goes on:
 * each record once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.h"

/* More than a receive buffer of 64 MiB holds. */
#define OVERLAP_MAX (1 << 18)

/* All zero has nothing noted. */
struct overlap {
	uint64_t *marks;
	size_t n, room;
	size_t next; /* marks before this one have been met */
};

/* Notes a record of the stream that ends: OVERLAP_MAX of them, later ones are forgotten.
 * 0 or -ENOMEM. */
int overlap_note(struct overlap *overlap, const struct record *record);

/* Has this record of the other stream, which must come in order, been noted? With the
 * first that hasn't the overlap is over. */
bool overlap_has(struct overlap *overlap, const struct record *record);

void overlap_clear(struct overlap *overlap);
