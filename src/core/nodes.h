/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nodes: the hosts of one stream of records; one name, one pointer. */
#pragma once

#include <stdint.h>
#include <uthash.h>

#include "core/bytes.h"

/* Hosts in one stream; a log of more than these is no log. */
#define NODES_MAX 4096

struct node {
	uint64_t id; /* from 1 */
	UT_hash_handle hh;
	char name[];
};

/* Finds the host or adds it; *nodes is NULL at first. *found is NULL where the name is
 * empty (the host that has none), else valid until nodes_free(). 0, -E2BIG or -ENOMEM. */
int nodes_find(struct node **nodes, const struct bytes *name, const struct node **found);
struct node *nodes_free(struct node *nodes);

/* Its name with a NUL behind it; no data for NULL. */
struct bytes node_name(const struct node *node);
