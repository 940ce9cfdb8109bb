/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/pool.h"

#include <stdlib.h>
#include <string.h>

static void *pop(struct pool *pool)
{
	void *item = pool->spares;

	if (item) {
		memcpy(&pool->spares, item, sizeof(pool->spares));
		pool->n_spares--;
	}
	return item;
}

void *pool_take(struct pool *pool)
{
	void *item = pop(pool);

	return item ? memset(item, 0, pool->item_bytes) : calloc(1, pool->item_bytes);
}

void pool_give(struct pool *pool, void *item)
{
	if (pool->n_spares == pool->spares_max) {
		free(item);
		return;
	}
	memcpy(item, &pool->spares, sizeof(pool->spares));
	pool->spares = item;
	pool->n_spares++;
}

void pool_clear(struct pool *pool)
{
	while (pool->spares)
		free(pop(pool));
}
