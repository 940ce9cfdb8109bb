/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal_files: are there journal files, and may we read them? */
#pragma once

#include <stddef.h>

struct journal_files {
	size_t found;
	size_t unreadable; /* of them, not for us */
};

/* Adds the files of a directory and its directories (one a machine), or the one file. A
 * directory that can't be read counts as a file that can't; one that isn't there as none.
 */
void journal_files_count(struct journal_files *files, const char *path);
