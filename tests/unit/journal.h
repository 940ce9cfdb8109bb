/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal: makes journal files of export text, by systemd-journal-remote(8). */
#pragma once

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_REMOTE "/lib/systemd/systemd-journal-remote"

struct journal_file {
	char dir[64];
	char path[128];
};

/* Where what is written becomes a journal with journal_file_end(). */
static inline FILE *journal_file_begin(struct journal_file *file)
{
	char command[512];
	FILE *pipe;

	strcpy(file->dir, "/tmp/sigtrail-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(file->dir));
	snprintf(file->path, sizeof(file->path), "%s/x.journal", file->dir);
	snprintf(command, sizeof(command), JOURNAL_REMOTE " -o %s - >/dev/null 2>&1",
		 file->path);
	pipe = popen(command, "w");
	ck_assert_ptr_nonnull(pipe);
	return pipe;
}

static inline void journal_file_end(FILE *pipe)
{
	ck_assert_int_eq(pclose(pipe), 0);
}

static inline void journal_file_remove(const struct journal_file *file)
{
	unlink(file->path);
	rmdir(file->dir);
}
