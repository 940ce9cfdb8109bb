/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watches: which of many files and directories have changed since somebody asked last
 * (inotify(7)). The descriptor is polled by nobody: a change wakes no process. */
#pragma once

#include <stdint.h>

struct watches;
struct watch;

/* What a watch is for; a member of what the caller remembers, zeroed at first. Several
 * that name the same file or directory share one. */
struct watched {
	struct watch *watch; /* NULL: none */
	struct watched *prev, *next;
};

/* mask: of inotify(7). name: which entry of the directory, or "". */
typedef void (*watches_changed)(struct watched *watched, uint32_t mask, const char *name,
				void *userdata);

/* 0 or -errno. Takes at most a quarter of the watches that the user may have. */
int watches_new(struct watches **watches);
struct watches *watches_free(struct watches *watches);

/* Watches what the path names now; what it named before isn't watched any more, also when
 * this fails. 0 or -errno (-ENOSPC: there are too many). watches NULL: -ENOSYS. */
int watches_add(struct watches *watches, struct watched *watched, const char *path,
		uint32_t mask);
void watches_remove(struct watches *watches, struct watched *watched);

/* Tells one watch from all others there ever were; 0: none. */
int watches_number(const struct watched *watched);

/* Tells what has changed, which must not add or remove watches, until all is told or the
 * time (CLOCK_MONOTONIC) is over, which is looked at every few hundred changes. A watch
 * that is no more (IN_IGNORED) is removed after that was told. 0: all; 1: there is more;
 * -EOVERFLOW: changes were lost. */
int watches_read(struct watches *watches, int64_t until_usec, watches_changed changed,
		 void *userdata);
