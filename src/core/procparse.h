/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* procparse: the texts of /proc, parsed apart from being read (proc(5)). All text is of
 * processes and hostile; it need not end in a NUL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What sigtrail needs of /proc/PID/stat. */
struct proc_stat {
	int64_t pid;
	char comm[64];
	char state;
	int64_t ppid;
	uint64_t start_ticks; /* field 22, in clock ticks since boot */
	/* Changes with every exec (where the image lies in memory); 0 where hidden from us. */
	uint64_t image;
};

/* Parses the text of /proc/PID/stat. The name may hold blanks and parentheses: it ends at
 * the last ')'. 0, or -EBADMSG. */
int procparse_stat(const char *text, size_t len, struct proc_stat *stat);

/* From the text of /proc/PID/status the NSpid line: how many pid namespaces deep the process
 * is as seen from /proc (1: the namespace of /proc itself), and its id in the innermost.
 * 0, or -ENODATA if there is no such line (kernels before 4.1). */
int procparse_nspid(const char *text, size_t len, int *depth, int64_t *innermost);
