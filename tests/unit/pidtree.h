/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pidtree: PID files in a temporary directory, and what pidfiles finds there. */
#pragma once

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "io/pidfiles.h"
#include "tree.h"

static struct tree tree;
static struct pidfiles *pidfiles;
static struct pidfile found[PIDFILES_FOUND_MAX];
static int64_t budget_usec = PIDFILES_BUDGET_USEC;

/* It rests ten times as long as a call took. */
static int64_t rested_usec;

static inline int64_t now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* With these globs below the tree. */
static inline void make(const char *a, const char *b)
{
	char globs[2][512];
	const char *list[2] = { globs[0], globs[1] };

	strcpy(globs[0], tree_path(&tree, a));
	strcpy(globs[1], tree_path(&tree, b ? b : ""));
	ck_assert_int_eq(pidfiles_new(&pidfiles, list, b ? 2 : 1, budget_usec), 0);
	pidfiles_update(pidfiles);
	rested_usec = now_usec() + 100000;
}

static inline void done(void)
{
	ck_assert_ptr_null(pidfiles_free(pidfiles));
	ck_assert_ptr_null(pidfiles_free(NULL));
	tree_free(&tree);
}

static inline void wait_usec(int64_t usec)
{
	struct timespec t = { usec / 1000000, usec % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

static inline void note_rest(int64_t begin_usec)
{
	int64_t now = now_usec(), rest = 10 * (now - begin_usec);

	rested_usec = now + (rest < 100000 ? rest : 100000) + 50;
}

static inline void wait_for_rest(void)
{
	int64_t left = rested_usec - now_usec();

	if (left > 0)
		wait_usec(left);
}

static inline void update(void)
{
	int64_t begin = now_usec();

	pidfiles_update(pidfiles);
	note_rest(begin);
}

/* Asks, once it has rested. */
static inline size_t ask(int64_t number)
{
	int64_t begin;
	size_t n;

	wait_for_rest();
	begin = now_usec();
	n = pidfiles_find(pidfiles, number, found);
	note_rest(begin);
	return n;
}

/* Until nothing is left to be looked at. */
static inline void settle(void)
{
	for (int i = 0; i < 10000; i++) {
		ask(1);
		if (pidfiles_deadline(pidfiles) == INT64_MAX)
			return;
	}
	ck_abort_msg("there is always something left");
}

/* The files that hold the number, below the tree, with a blank behind each. */
static inline const char *holding(int64_t number)
{
	static char text[4096];
	size_t n;

	settle();
	n = ask(number);
	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		strcat(text, found[i].path + strlen(tree.root) + 1);
		strcat(text, " ");
	}
	return text;
}

static inline void set_mtime(const char *name, time_t sec)
{
	struct timespec times[2] = { { sec, 0 }, { sec, 5000000 } };

	ck_assert_int_eq(utimensat(AT_FDCWD, tree_path(&tree, name), times, 0), 0);
}

static inline int rename_in_tree(const char *from, const char *to)
{
	char path[512];

	strcpy(path, tree_path(&tree, from));
	return rename(path, tree_path(&tree, to));
}

static inline void put_directory(const char *below, int i)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/%d", below, i);
	ck_assert_int_eq(mkdir(tree_path(&tree, name), 0755), 0);
}
