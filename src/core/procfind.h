/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* procfind: which incarnation a record means, what it was then, and whose child it is.
 * All times are microseconds of CLOCK_BOOTTIME. */
#pragma once

#include "core/event.h"
#include "core/proctable.h"

/* What a record says of one end. The stamp of a SYSCALL is of the coarse clock at the
 * call's entry: up to a tick, 10 ms, behind. */
struct procquery {
	int64_t pid;
	int64_t time_usec;
	const char *comm; /* of the thread; NULL: not told */
	const char *exe;  /* NULL: not told */
	int64_t ppid;	  /* absent: not told */
};

/* The incarnation that had the number: of those alive between 10 ms before and 10 ms
 * after the stamp the only one, or the one whose comm and ppid agree; else the last one
 * that was started before, if nobody has had the number since (a zombie, which can be
 * signalled) and comm agrees. NULL: it can't be told; *ambiguous: for there were
 * several. */
struct incarnation *procfind(struct proctable *table, const struct procquery *query,
			     bool *ambiguous);

/* What it was at that time. NULL where two images fit, or one that isn't known; where two
 * fit that are the same program, one of them, and *only_exe is set: the rest of it may be
 * the other's. */
const struct procstage *procfind_stage(const struct incarnation *inc,
				       const struct procquery *query, bool *only_exe);

/* Its place: its own; else its parent's, if that one doesn't move its children and hasn't
 * moved since the fork; else NULL. */
const struct procplace *procfind_place(const struct incarnation *inc);

/* Its ancestors, the nearest first, up to process 1, at most ANCESTRY_MAX. How many. */
size_t procfind_ancestry(const struct incarnation *inc,
			 struct ancestor list[ANCESTRY_MAX]);
