/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* logfiles: the audit logs of one replay, opened and put in the order of their first
 * records. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/source_log.h"

struct logfile {
	const char *name; /* as it was given */
	int fd;
	struct source_log_first first;
	struct source *source; /* of what can't be read twice, else NULL until it is read
				*/
	size_t place;	       /* in the list as it was given */
};

struct logfiles {
	struct logfile *files;
	size_t n;
	bool trouble; /* one of them can't be read; which and why was said */
};

/* Opens all; "-" is standard input; names are borrowed. A file that was named twice is
 * read once. 0, or -ENOMEM (said). */
int logfiles_open(struct logfiles *logs, const char *const *names, size_t n);
void logfiles_close(struct logfiles *logs);

/* Begins to read a file: its source, which stays the file's, or NULL without memory. */
struct source *logfile_begin(struct logfile *file);
void logfile_end(struct logfile *file);

/* Says why a file can't be read (further): error is what its source gave. */
void logfile_say_error(const struct logfile *file, int error);
