/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pidnodes: what is remembered of directories and PID files, which of them are to be
 * looked at, and which files hold a number. Asks nobody. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "io/watches.h"

/* Anybody may put thousands of files with one number into a directory: of those only the
 * first so many are in order. */
#define PIDNODES_IN_ORDER 16

/* The order is that of their haste. */
enum pidnode_queue {
	PIDNODE_SETTLED, /* not to be looked at until it changes */
	PIDNODE_CHANGED,
	PIDNODE_SUSPECT, /* new, or may have changed without that being told */
	PIDNODE_ROUND,	 /* its changes aren't told: looked at again and again */
};

/* A file or directory as it was when it was looked at. */
struct pidnode_seen {
	bool valid;
	uint64_t inode; /* 0: never seen */
	int64_t mtime_usec;
	int64_t ctime_usec;
};

struct pidnode_holders;

/* A directory, and which of its entries are meant: those that match the part of the glob
 * behind it; or a PID file, behind which there is no part. */
struct pidnode {
	struct watched watched; /* stands first */
	UT_hash_handle hh;
	enum pidnode_queue queue;
	struct pidnode *queue_prev, *queue_next;
	struct pidnode *parent, *children, *child_prev, *child_next;
	struct pidnode_seen seen;
	size_t glob;
	const char *part; /* in the glob; NULL: a file */
	bool is_root;	  /* the fixed part of a glob: it stays, there or not */
	bool cut;	  /* more is in it than can be kept */
	bool slow;	  /* on a file system that isn't asked */
	int told_since;	  /* the watch that tells what changed since it was listed; 0 */
	struct pidnode_holders *in;  /* what a file holds; NULL: no number */
	struct pidnode *prev, *next; /* there */
	int64_t looked_usec;	     /* CLOCK_MONOTONIC */
	char key[];		     /* 1 + glob, and the path */
};

struct pidnodes {
	struct watches *watches; /* NULL: nothing is watched */
	struct pidnode *all;
	size_t n_files;
	struct pidnode *queues[PIDNODE_ROUND + 1];
	size_t n_queued[PIDNODE_ROUND + 1];
	struct pidnode_holders *by_number;
};

const char *pidnodes_path(const struct pidnode *node);
size_t pidnodes_places(const struct pidnodes *nodes);

struct pidnode *pidnodes_find(const struct pidnodes *nodes, size_t glob,
			      const char *path);

/* A new directory, or file (part NULL), that isn't known yet; NULL without memory, or
 * where the path is too long. */
struct pidnode *pidnodes_add(struct pidnodes *nodes, size_t glob, const char *path,
			     const char *part, struct pidnode *parent);

/* Drops it, and what is in it. */
void pidnodes_drop(struct pidnodes *nodes, struct pidnode *node);
void pidnodes_drop_children(struct pidnodes *nodes, struct pidnode *node);
void pidnodes_clear(struct pidnodes *nodes);

/* Puts it into that queue, unless it is in a hastier one. */
void pidnodes_enqueue(struct pidnodes *nodes, struct pidnode *node,
		      enum pidnode_queue queue);
/* The first of a queue, settled by that; NULL. */
struct pidnode *pidnodes_next(struct pidnodes *nodes, enum pidnode_queue queue);

/* Is it as it was when it was seen last? Remembers it as it is. */
bool pidnodes_saw(struct pidnode *node, const struct statx *st, int64_t realtime_usec);
int64_t pidnodes_usec(const struct statx_timestamp *t);

/* What is in the file. Without memory it is held to have none. */
void pidnodes_set_number(struct pidnodes *nodes, struct pidnode *node, int64_t number);
void pidnodes_forget_number(struct pidnodes *nodes, struct pidnode *node);
bool pidnodes_holds(const struct pidnode *node, int64_t number);

/* The first file that holds it, in the order of the globs and paths; then by next. */
struct pidnode *pidnodes_holding(const struct pidnodes *nodes, int64_t number);
