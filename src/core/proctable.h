/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* proctable: the processes that live, and for a while those that lived: one incarnation
 * for each process that ever had a number. Pure: it is told what happened. All times are
 * microseconds of CLOCK_BOOTTIME. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/number.h"
#include "core/procimage.h"
#include "core/procstage.h"

enum incarnation_state {
	INCARNATION_LIVES,
	INCARNATION_DEAD, /* and remembered */
	INCARNATION_PAST, /* forgotten but for its descendants: not found any more */
};

struct incarnation {
	int64_t pid;
	int64_t ppid;
	int64_t start_usec;
	int64_t end_usec; /* of one that is dead */
	enum incarnation_state state;
	bool found; /* in /proc: its start is in steps of 10 ms */
	struct procstage stage;

	/* Its cgroup. Without a reading of its own: where the parent was at the fork. */
	struct procplace *place;
	bool place_own;
	int64_t place_read_usec;
	bool mover; /* its children are seen in other places than its own */

	/* The caller's: the namespace of its pid; when it was looked at in /proc, and in
	 * which scan of it. */
	int64_t checked_usec;
	uint64_t scan;
	bool namespace_known;
	bool host_namespace;
	int namespace_depth; /* how many pid namespaces it has a number in; 0: unknown */
	int64_t namespace_pid;

	bool leader_gone; /* the main thread has ended, others go on */
	bool exit_owed;	  /* its exit message comes behind its successor's fork */

	struct incarnation *parent; /* that forked it; NULL: unknown, or forgotten */
	struct incarnation *children, *child_prev, *child_next;
	struct incarnation *older, *newer; /* with the same number */
	struct incarnation *prev, *next;   /* of the same state, in order of time */
};

struct proctable_counts {
	size_t live, dead, past;
	uint64_t evicted; /* given up since there were too many */
};

struct proctable;

/* The dead are remembered for so long; all three kinds together are never more than max.
 * 0 or -ENOMEM. */
int proctable_new(struct proctable **table, int64_t remember_usec, size_t max);
struct proctable *proctable_free(struct proctable *table);
void proctable_set_limits(struct proctable *table, int64_t remember_usec, size_t max);

/* What happened. Where memory is short or the process isn't known, NULL; the table stays
 * usable. A fork over a process that lives ends that one: its exit comes late. An exec
 * makes an unknown image; what was read of the one before it in the last 10 ms is
 * forgotten, since the new one may have been there already. */
struct incarnation *proctable_fork(struct proctable *table, int64_t pid, int64_t ppid,
				   int64_t time_usec);
struct incarnation *proctable_exec(struct proctable *table, int64_t pid,
				   int64_t time_usec);
void proctable_comm(struct proctable *table, int64_t pid, const char *comm);
void proctable_exit(struct proctable *table, int64_t pid, int64_t time_usec);

/* A process was found in /proc that isn't known: it started then (in steps of 10 ms), its
 * parent of now is ppid. An older one of that number is over. */
struct incarnation *proctable_found(struct proctable *table, int64_t pid, int64_t ppid,
				    int64_t start_usec);

/* Ties the found to the parents that were found after them. */
void proctable_tie(struct proctable *table);

/* Its main thread has ended and was taken for the whole, or was found to have. */
void proctable_go_on(struct proctable *table, struct incarnation *inc);

/* It isn't there any more. */
void proctable_end(struct proctable *table, struct incarnation *inc, int64_t time_usec);

/* Exit messages were lost: none is waited for. */
void proctable_expect_no_exits(struct proctable *table);

/* Forgets the dead whose time is over; of those that died 11 s ago, the command line. */
void proctable_expire(struct proctable *table, int64_t now_usec);

/* The one that had the number last, living or dead; NULL. */
struct incarnation *proctable_newest(const struct proctable *table, int64_t pid);

/* The first that lives; then by next. */
struct incarnation *proctable_first_live(const struct proctable *table);

/* What was read of it. proctable_set_place() takes the text of its cgroup file. 0 or
 * -ENOMEM. */
int proctable_set_place(struct proctable *table, struct incarnation *inc,
			const char *text, size_t len, int64_t now_usec);

/* Both places are up to date: a child elsewhere than its parent makes that one a mover.
 */
void proctable_compare_places(struct incarnation *inc);

/* Execs may have been missed: what it runs is unknown until it is read again. */
void proctable_forget_stages(struct incarnation *inc);

/* Makes place, comm and image unknown, as far as they were read after that time: it may
 * have been of another process with the number. */
void proctable_doubt(struct proctable *table, struct incarnation *inc,
		     int64_t since_usec);

struct proctable_counts proctable_counts(const struct proctable *table);
size_t proctable_places(const struct proctable *table);
