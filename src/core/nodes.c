/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Without memory an element isn't added, and has no table: not the end of the process. */
#define HASH_NONFATAL_OOM 1
#include "core/nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int nodes_find(struct node **nodes, const struct bytes *name, const struct node **found)
{
	struct node *node;

	*found = NULL;
	if (!name->len)
		return 0;
	HASH_FIND(hh, *nodes, name->data, name->len, node);
	if (!node) {
		if (HASH_COUNT(*nodes) >= NODES_MAX)
			return -E2BIG;
		node = calloc(1, sizeof(*node) + name->len + 1);
		if (!node)
			return -ENOMEM;
		memcpy(node->name, name->data, name->len);
		node->id = HASH_COUNT(*nodes) + 1;
		HASH_ADD_KEYPTR(hh, *nodes, node->name, name->len, node);
		if (!node->hh.tbl) {
			free(node);
			return -ENOMEM;
		}
	}
	*found = node;
	return 0;
}

struct node *nodes_free(struct node *nodes)
{
	struct node *node, *next;

	HASH_ITER (hh, nodes, node, next) {
		HASH_DEL(nodes, node);
		free(node);
	}
	return NULL;
}

struct bytes node_name(const struct node *node)
{
	return bytes_of(node ? node->name : NULL);
}
