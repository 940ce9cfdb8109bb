/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool: items of one size that come and go with the events. One that is given back is
 * taken again, so that in the steady state nothing is allocated. */
#pragma once

#include <stddef.h>

struct pool {
	size_t item_bytes; /* at least a pointer's */
	size_t spares_max;
	size_t n_spares;
	void *spares; /* each begins with a pointer to the next */
};

/* An item, all zero: one that was given back, or a new one. NULL without memory. */
void *pool_take(struct pool *pool);

/* The item is the pool's again; behind spares_max of them it is freed. */
void pool_give(struct pool *pool, void *item);

/* Frees those that were given back. The others stay their owner's, free() is theirs. */
void pool_clear(struct pool *pool);
