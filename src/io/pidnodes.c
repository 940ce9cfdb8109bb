/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/pidnodes.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

/* Within a tick of the file system's clock a second change has the time of the first. */
#define RACY_USEC 50000

/* The files that hold one number, the first of them in the order of the globs and paths.
 */
struct pidnode_holders {
	UT_hash_handle hh;
	int64_t number;
	struct pidnode *files;
};

const char *pidnodes_path(const struct pidnode *node)
{
	return node->key + 1;
}

size_t pidnodes_places(const struct pidnodes *nodes)
{
	return HASH_COUNT(nodes->all) - nodes->n_files;
}

/* --- times --- */

int64_t pidnodes_usec(const struct statx_timestamp *t)
{
	return (int64_t)t->tv_sec * 1000000 + t->tv_nsec / 1000;
}

bool pidnodes_saw(struct pidnode *node, const struct statx *st, int64_t realtime_usec)
{
	int64_t recently = realtime_usec - RACY_USEC;
	struct pidnode_seen *seen = &node->seen;
	struct pidnode_seen now = { true, st->stx_ino, pidnodes_usec(&st->stx_mtime),
				    pidnodes_usec(&st->stx_ctime) };
	bool same = seen->valid && seen->inode == now.inode &&
		    seen->mtime_usec == now.mtime_usec &&
		    seen->ctime_usec == now.ctime_usec;

	now.valid = now.mtime_usec < recently && now.ctime_usec < recently;
	*seen = now;
	return same;
}

/* --- numbers --- */

void pidnodes_forget_number(struct pidnodes *nodes, struct pidnode *node)
{
	struct pidnode_holders *in = node->in;

	if (!in)
		return;
	DL_DELETE(in->files, node);
	if (!in->files) {
		HASH_DEL(nodes->by_number, in);
		free(in);
	}
	node->in = NULL;
}

static struct pidnode_holders *add_holders(struct pidnodes *nodes, int64_t number)
{
	struct pidnode_holders *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->number = number;
	HASH_ADD(hh, nodes->by_number, number, sizeof(number), in);
	if (!in->hh.tbl) {
		free(in);
		return NULL;
	}
	return in;
}

static void insert_in_order(struct pidnode_holders *in, struct pidnode *node)
{
	struct pidnode *at = in->files;

	for (int i = 0; at && i < PIDNODES_IN_ORDER; i++, at = at->next) {
		if (strcmp(at->key, node->key) > 0) {
			DL_PREPEND_ELEM(in->files, at, node);
			return;
		}
	}
	DL_APPEND(in->files, node);
}

static struct pidnode_holders *find_holders(const struct pidnodes *nodes, int64_t number)
{
	struct pidnode_holders *in;

	HASH_FIND(hh, nodes->by_number, &number, sizeof(number), in);
	return in;
}

void pidnodes_set_number(struct pidnodes *nodes, struct pidnode *node, int64_t number)
{
	struct pidnode_holders *in = find_holders(nodes, number);

	if (!in)
		in = add_holders(nodes, number);
	if (!in)
		return;
	insert_in_order(in, node);
	node->in = in;
}

bool pidnodes_holds(const struct pidnode *node, int64_t number)
{
	return node->in && node->in->number == number;
}

struct pidnode *pidnodes_holding(const struct pidnodes *nodes, int64_t number)
{
	struct pidnode_holders *in = find_holders(nodes, number);

	return in ? in->files : NULL;
}

/* --- queues --- */

static void dequeue(struct pidnodes *nodes, struct pidnode *node)
{
	if (node->queue == PIDNODE_SETTLED)
		return;
	DL_DELETE2(nodes->queues[node->queue], node, queue_prev, queue_next);
	nodes->n_queued[node->queue]--;
	node->queue = PIDNODE_SETTLED;
}

void pidnodes_enqueue(struct pidnodes *nodes, struct pidnode *node,
		      enum pidnode_queue queue)
{
	if (node->queue != PIDNODE_SETTLED && node->queue <= queue)
		return;
	dequeue(nodes, node);
	node->queue = queue;
	DL_APPEND2(nodes->queues[queue], node, queue_prev, queue_next);
	nodes->n_queued[queue]++;
}

struct pidnode *pidnodes_next(struct pidnodes *nodes, enum pidnode_queue queue)
{
	struct pidnode *node = nodes->queues[queue];

	if (node)
		dequeue(nodes, node);
	return node;
}

/* --- nodes --- */

/* The length of the key, or 0: it is too long. */
static size_t make_key(char key[PATH_MAX + 1], size_t glob, const char *path)
{
	size_t len = strlen(path) + 1;

	if (len > PATH_MAX)
		return 0;
	key[0] = (char)(1 + glob);
	memcpy(key + 1, path, len);
	return len;
}

struct pidnode *pidnodes_find(const struct pidnodes *nodes, size_t glob, const char *path)
{
	char key[PATH_MAX + 1];
	size_t len = make_key(key, glob, path);
	struct pidnode *node = NULL;

	if (len)
		HASH_FIND(hh, nodes->all, key, len, node);
	return node;
}

struct pidnode *pidnodes_add(struct pidnodes *nodes, size_t glob, const char *path,
			     const char *part, struct pidnode *parent)
{
	char key[PATH_MAX + 1];
	size_t len = make_key(key, glob, path);
	struct pidnode *node = len ? calloc(1, sizeof(*node) + len + 1) : NULL;

	if (!node)
		return NULL;
	node->glob = glob;
	node->part = part;
	memcpy(node->key, key, len + 1);
	HASH_ADD_KEYPTR(hh, nodes->all, node->key, len, node);
	if (!node->hh.tbl) {
		free(node);
		return NULL;
	}
	node->parent = parent;
	if (parent)
		DL_APPEND2(parent->children, node, child_prev, child_next);
	nodes->n_files += !part;
	return node;
}

void pidnodes_drop(struct pidnodes *nodes, struct pidnode *node)
{
	pidnodes_drop_children(nodes, node);
	pidnodes_forget_number(nodes, node);
	watches_remove(nodes->watches, &node->watched);
	dequeue(nodes, node);
	if (node->parent)
		DL_DELETE2(node->parent->children, node, child_prev, child_next);
	nodes->n_files -= !node->part;
	HASH_DEL(nodes->all, node);
	free(node);
}

void pidnodes_drop_children(struct pidnodes *nodes, struct pidnode *node)
{
	while (node->children)
		pidnodes_drop(nodes, node->children);
}

void pidnodes_clear(struct pidnodes *nodes)
{
	while (nodes->all)
		pidnodes_drop(nodes, nodes->all);
}
