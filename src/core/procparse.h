/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* procparse: the texts of /proc, parsed apart from being read (proc(5)). All text is of
 * processes and hostile; it need not end in a NUL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The image of a process without memory: a kernel thread, or one that is exiting or
 * just about to get another image. */
#define PROC_IMAGE_NONE 0
/* The image of a process whose addresses are hidden from us (ptrace(2)'s access check).
 */
#define PROC_IMAGE_HIDDEN 1

/* What sigtrail needs of /proc/PID/stat. */
struct proc_stat {
	int64_t pid;
	char comm[64];
	bool exiting; /* a zombie, or on its way there: it gets no other image any more */
	int64_t ppid;
	uint64_t threads; /* that are not reaped: a zombie with others has ended its main
			     thread only */
	uint64_t start_ticks; /* field 22, in clock ticks since boot */
	/* A fingerprint that changes with every exec (where the image lies in memory,
	 * fields 26 to 28 and 45 to 51); or PROC_IMAGE_*. */
	uint64_t image;
};

/* Parses the text of /proc/PID/stat. The name may hold blanks and parentheses: it ends at
 * the last ')'. 0, or -EBADMSG. */
int procparse_stat(const char *text, size_t len, struct proc_stat *stat);

/* From the text of /proc/PID/status the NSpid line: how many pid namespaces deep the
 * process is as seen from /proc (1: the namespace of /proc itself), and its id in the
 * innermost. 0, or -ENODATA if there is no such line, whole and well-formed (kernels
 * before 4.1). */
int procparse_nspid(const char *text, size_t len, int *depth, int64_t *innermost);

/* From the same line its id in the namespace that is so deep (1: that of /proc itself).
 * 0, or -ENODATA, also if it has no id there. */
int procparse_nspid_at(const char *text, size_t len, int depth, int64_t *id);

/* How much of the text of /proc/PID/cmdline is the command line: programs that write a
 * title over their arguments leave NULs behind it, of which one remains. */
size_t procparse_cmdline_len(const char *text, size_t len);
