/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* join: puts the records of one event together, by (node, time, serial); constant time a
 * record, bounded memory. libauparse's own joining needs quadratic time behind an event
 * that lost its end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/record.h"

/* When an event counts as complete. */
enum join_order {
	/* The kernel's: SYSCALL first, PROCTITLE last, then EOE: the first PROCTITLE
	 * after the SYSCALL ends it. */
	JOIN_LIVE,
	/* A log's: records of an event in any order; EOE or the window ends it. Events
	   and deaths are handed on in the order of their last records. */
	JOIN_LOG,
};

/* The OBJ_PID records of one event that are kept; the others are counted. */
#define JOIN_TARGETS_MAX 4096

/* A finished event; everything is valid for the call. */
struct joined {
	struct bytes node; /* with a NUL behind it */
	int64_t sec;
	int32_t msec;
	uint64_t serial;
	struct bytes syscall; /* bodies; len 0 where the record never came */
	struct bytes proctitle;
	const struct bytes *obj_pids;
	size_t n_obj_pids;
	size_t n_targets;   /* OBJ_PIDs that came, kept or not */
	struct bytes death; /* the body of an ANOM_ABEND or SECCOMP; then nothing else is
			       set */
	uint16_t death_type;
};

struct join_counts {
	uint64_t records;    /* taken */
	uint64_t events;     /* handed on */
	uint64_t foreign;    /* events that are no signals */
	uint64_t incomplete; /* OBJ_PIDs without a SYSCALL: a signal that can't be told */
	uint64_t late;	     /* records of an event that was finished already */
	uint64_t late_targets; /* OBJ_PIDs of events that were ended before their end */
	uint64_t early;	       /* events ended by the bounds on what may be open */
};

/* Called for each finished event. */
typedef void join_event_fn(const struct joined *joined, void *userdata);
/* Called for each event that is given up: stamp only. */
typedef void join_incomplete_fn(int64_t time_usec, uint64_t serial, void *userdata);

struct join;

/* Is the SYSCALL record one of a call that sends signals? 1; 0: of another one; -EBADMSG:
 * it doesn't say so. */
int join_is_signal(const struct record *record);

/* *join is the caller's, who gives it back with join_free(). 0 or -ENOMEM. */
int join_new(struct join **join, enum join_order order, join_event_fn *event,
	     join_incomplete_fn *incomplete, void *userdata);
struct join *join_free(struct join *join);

/* Takes one record; may call event() any number of times. Only record types that matter
 * are kept. now_usec: any clock that doesn't go back, the same as join_expire()'s; a
 * log's is its records' own time. 0, or -ENOMEM with the record counted as lost in its
 * event. */
int join_feed(struct join *join, const struct record *record, int64_t now_usec);

/* Finishes all events whose last record came more than the window (2 s) ago. */
void join_expire(struct join *join, int64_t now_usec);

/* When join_expire() has something to do, on the clock of now_usec; INT64_MAX: nothing is
 * open. */
int64_t join_deadline(const struct join *join);

/* Finishes all that is open: another log, the end of input, a stop. */
void join_flush(struct join *join);

/* Did the last signal end live with its PROCTITLE, or has another owner's event had one
 * since? Then EOE records aren't needed. */
bool join_sees_proctitles(const struct join *join);

/* Hands out the records of the events that are open, with SYSCALL first and PROCTITLE
 * last in each, so that fed to another one they are open there. An event of which save()
 * has refused one is left. How many those are. JOIN_LIVE only. */
typedef bool join_save_fn(const struct record *record, void *userdata);
size_t join_save(const struct join *join, join_save_fn *save, void *userdata);

const struct join_counts *join_counts(const struct join *join);
