/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tree: a temporary directory with files in it. */
#pragma once

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree {
	char root[64];
	char path[512]; /* what tree_path() gave last */
};

static inline void tree_new(struct tree *t)
{
	/* Thousands of files are made in no time there. */
	strcpy(t->root, access("/dev/shm", W_OK) == 0 ? "/dev/shm/tree-XXXXXX"
						      : "/tmp/tree-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(t->root));
}

static inline void tree_free(struct tree *t)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", t->root);
	ck_assert_int_eq(system(command), 0);
}

static inline const char *tree_path(struct tree *t, const char *name)
{
	snprintf(t->path, sizeof(t->path), "%s/%s", t->root, name);
	return t->path;
}

/* Makes a file, and the directories above it. */
static inline void tree_put(struct tree *t, const char *name, const char *text)
{
	const char *path = tree_path(t, name);
	char parent[512];
	int fd;

	for (const char *p = path + strlen(t->root) + 1; (p = strchr(p, '/')); p++) {
		snprintf(parent, sizeof(parent), "%.*s", (int)(p - path), path);
		ck_assert(mkdir(parent, 0755) == 0 || errno == EEXIST);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static inline void tree_remove(struct tree *t, const char *name)
{
	ck_assert_int_eq(remove(tree_path(t, name)), 0);
}
