/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* process: what /proc says of one image of one process, and how that joins what the
 * kernel recorded. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/event.h"

/* Numbers as in number.h; strings are raw bytes, NULL when unknown. */
struct process {
	int64_t pid;
	int64_t ppid;
	int64_t start_usec; /* CLOCK_BOOTTIME, 10 ms steps (field 22 of /proc/PID/stat) */
	int64_t namespace_pid; /* its id in its own pid namespace, absent if that is pid
				  or unknown */
	bool host_namespace;   /* certainly in the pid namespace that /proc shows */
	int namespace_depth;   /* how many pid namespaces it has an id in (1: only
				  /proc's); 0: unknown */
	const char *comm;      /* the main thread's */
	const char *exe;
	struct bytes cmdline;
	bool cmdline_cut;
	const char *unit;
	const char *user_unit;
	const char *slice;
	const char *container;
	struct ancestry ancestry;
};

/* Fills in the sender of ev from its process p (NULL: nothing is known). What the records
 * said wins: exe stays, comm becomes the process's and the record's name goes to thread
 * where the two differ. The process's command line is taken only where its exe is the
 * record's (it is the same image), else the record's PROCTITLE stays. Pointers are
 * borrowed from p. */
void process_merge_sender(struct signal_event *ev, const struct process *p);

/* Fills in the target of ev from its process p, and its thread: tid where the number that
 * the sender gave named a thread (sender: the sender's process or NULL, which tells
 * whether the number is in the host's pid namespace). ev->target.thread holds the
 * recorded name when this is called; comm is NULL. */
void process_merge_target(struct signal_event *ev, const struct process *p,
			  const struct process *sender);

/* Did the sender, in a pid namespace of its own, give a number that need not be the
 * target's own id there? Then the target's tasks have to be looked at for the one that
 * has this number in the sender's namespace (sender->namespace_depth numbers deep: the
 * kernel lets nobody address a process that has no id in the sender's namespace). */
bool process_needs_translation(const struct signal_event *ev, const struct process *p,
			       const struct process *sender);

/* The number turned out to be this thread, whose id is the host's: fills in tid. */
void process_take_thread(struct signal_event *ev, int64_t tid);
