/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pidfiles: which PID files hold a number. What the globs name is remembered, and looked
 * at again when somebody asks: a directory is listed and a file read only where its time
 * has changed. So nothing wakes an idle daemon, as watches would. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIDFILES_FOUND_MAX 8

struct pidfile {
	const char *path;
	int64_t mtime_usec; /* CLOCK_REALTIME */
};

/* What was passed over. */
struct pidfiles_counts {
	uint64_t places;  /* directories above the 4,096 that are kept */
	uint64_t files;	  /* PID files above the 4,096 that are kept */
	uint64_t entries; /* directories of which only 8,192 entries were looked at */
	uint64_t slow; /* directories and files on file systems that are asked elsewhere
			*/
};

struct pidfiles;

/* globs: absolute paths with patterns of glob(7); copied. 0 or -errno. */
int pidfiles_new(struct pidfiles **pidfiles, const char *const *globs, size_t n);
struct pidfiles *pidfiles_free(struct pidfiles *pidfiles);

/* Looks for what has changed, for 2 ms at most and one directory or file more, and goes
 * on where it stopped the next time. Does nothing for ten times as long as it took
 * (100 ms at most): a flood of questions costs a tenth of the time. When to come again
 * (CLOCK_MONOTONIC) for the rest of the first round; INT64_MAX: there was one. */
int64_t pidfiles_update(struct pidfiles *pidfiles);

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
