/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* notes: what an experienced person would remark on a signal. In this order, each a word
 * or a word, '=' and what it is about:
 *
 * thread-target        kill(2) or rt_sigqueueinfo(2) was given a thread's id
 * stale-pidfile=PATH   the number is from a PID file that is older than who has it now
 * escalation=10.0s     SIGKILL after SIGTERM (or the unit's stop signal), and how long
 * pid1-of-container    the target is process 1 of a pid namespace of its own
 * self                 sender and target are one process
 * cross-unit           they are in different units
 * cross-container      they are in different containers, or one of them is in none
 * cross-user           their user ids differ */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"

/* A PID file that holds the number which was signalled. */
struct note_file {
	const char *path;   /* raw bytes */
	int64_t mtime_usec; /* CLOCK_REALTIME */
	bool of_sender;	    /* PIDFile= of the sender's unit: it is the one that was read
			     */
};

/* What is known beside the event. */
struct note_facts {
	int stop_signal;	       /* of the target's unit; 0: not known */
	const struct note_file *files; /* the likelier ones first */
	size_t n_files;
	int64_t number_start_usec; /* CLOCK_REALTIME: when the process or thread that has
				      the number began; absent where that isn't known */
};

struct notes;

/* 0 or -ENOMEM. *notes is the caller's. */
int notes_new(struct notes **notes);
struct notes *notes_free(struct notes *notes);

/* Can the number that was signalled be a stale PID file's? It can for thread-target, for
 * ESRCH and across units, where a number was given that means the same to us as to the
 * sender (it is in the host's pid namespace). */
bool notes_may_be_stale(const struct signal_event *ev);

/* Adds the notes to a described event of kind EVENT_SIGNAL, and remembers it where it may
 * be followed by a SIGKILL. The notes are valid until the next call.
 *
 * escalation: the SIGKILL and the last SIGTERM (or stop signal) both succeeded, reached
 * the same process (pid and start; where the start is unknown, pid and name), and came
 * from the same process or the same unit, or, where the unit of one isn't known, from the
 * same program. 1,024 targets are remembered,
 * those signalled last, with the last four senders of each.
 *
 * cross-unit: the units of both are known, and the unit or the user unit differs; not if
 * the sender is process 1 (or in its init.scope), nor if it is a user's manager and the
 * target below it: to manage units is their task. cross-container: the places of both are
 * known; whoever is in no container is on the host.
 *
 * stale-pidfile: the file is older than number_start_usec by more than 2 s (the clock's
 * coarseness, and its drift against the one that starts are kept in), or, for ESRCH, than
 * the signal. A file that holds the number rightly speaks against others. */
void notes_add(struct notes *notes, struct signal_event *ev,
	       const struct note_facts *facts);

/* Does the line of text say it in other words (via thread ..., the names of the units)?
 */
bool note_is_shown(const char *note);

/* The note's place in the order above; unknown ones come last. */
size_t notes_rank(const char *note);
