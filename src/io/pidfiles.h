/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pidfiles: which PID files hold a number. What the globs name is remembered, and watched
 * by inotify(7), of which nobody is told: the changes are read when somebody asks, so
 * that nothing wakes an idle daemon. What can't be watched is looked at again and again
 * then, and listed or read where its time has changed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIDFILES_FOUND_MAX 8
/* Of the daemon's loop. */
#define PIDFILES_BUDGET_USEC 2000

struct pidfile {
	const char *path;
	int64_t mtime_usec; /* CLOCK_REALTIME */
};

/* What was passed over. */
struct pidfiles_counts {
	uint64_t places;  /* directories above the 8,192 that are kept */
	uint64_t files;	  /* PID files above the 4,096 that are kept */
	uint64_t entries; /* directories of which only 8,192 entries were looked at */
	uint64_t slow; /* directories and files on file systems that are asked elsewhere
			*/
	uint64_t overflows; /* changes were lost since there were too many */
};

struct pidfiles;

/* globs: absolute paths with patterns of glob(7); copied. budget_usec: how long reading
 * changes, and looking, may take at a time. 0 or -errno. */
int pidfiles_new(struct pidfiles **pidfiles, const char *const *globs, size_t n,
		 int64_t budget_usec);
struct pidfiles *pidfiles_free(struct pidfiles *pidfiles);

/* Reads what has changed and looks at it, within the budget each, and goes on where it
 * stopped the next time; eight of those that were told to have changed, and one more, are
 * looked at anyway. Does nothing for ten times as long as it took (100 ms at most): a
 * flood of questions costs a tenth of the time. pidfiles_deadline(). */
int64_t pidfiles_update(struct pidfiles *pidfiles);

/* When to update for what is new or known to have changed (CLOCK_MONOTONIC); INT64_MAX:
 * there is none of that. */
int64_t pidfiles_deadline(const struct pidfiles *pidfiles);

/* Only reads what has changed, of which the kernel keeps so much: for whoever is awake
 * anyway, now and then. */
void pidfiles_read_changes(struct pidfiles *pidfiles);

/* Updates, and finds the files that hold the number, in the order of the globs and then
 * of their paths: how many, at most PIDFILES_FOUND_MAX. Each has been looked at again
 * within the last 10 ms, and no more than 16 at once. Valid until the next call. */
size_t pidfiles_find(struct pidfiles *pidfiles, int64_t number,
		     struct pidfile found[PIDFILES_FOUND_MAX]);

/* Reads one PID file: a regular file that begins with a number (blanks before it, and a
 * blank, newline or the end behind it), of which 64 bytes are read. 0 with both numbers
 * set, -EBADMSG, or other -errno. Never waits: neither for pipes, nor for file systems of
 * others (pidfiles->counts). */
int pidfiles_read(struct pidfiles *pidfiles, const char *path, int64_t *number,
		  int64_t *mtime_usec);

const struct pidfiles_counts *pidfiles_counts(const struct pidfiles *pidfiles);
