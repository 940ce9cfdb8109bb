/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* replay: the pipeline's steps for records of a log: join, decode, notes. The log may be
 * of another host and another time, so nothing of this host is asked, no configuration
 * applies, and the clock is the records' own. */
#pragma once

#include <stdint.h>

#include "core/event.h"
#include "core/record.h"

enum replay_parser {
	REPLAY_OWN,	/* join, and decode's own splitting */
	REPLAY_AUPARSE, /* libauparse puts the records together (core/aujoin.h), and
			   splits the senders' and the deaths' */
};

struct replay_counts {
	uint64_t signals; /* a target each */
	uint64_t deaths;
	/* What can't be told, or not wholly. */
	uint64_t no_syscall;   /* signals whose SYSCALL record is missing */
	uint64_t unreadable;   /* or can't be read */
	uint64_t no_target;    /* signals that reached somebody, the OBJ_PID is missing */
	uint64_t late_targets; /* OBJ_PIDs that came too late for their event */
	uint64_t too_many_targets; /* OBJ_PIDs above the bound on one event */
	uint64_t no_memory;	   /* records */
};

/* Called for each event, which is valid for the call. */
typedef void replay_event_fn(const struct signal_event *ev, void *userdata);

struct replay;

/* *replay is the caller's. 0 or -ENOMEM. */
int replay_new(struct replay **replay, enum replay_parser parser, replay_event_fn *event,
	       void *userdata);
struct replay *replay_free(struct replay *replay);

/* Takes the next record; may call event() any number of times. */
void replay_record(struct replay *replay, const struct record *record);

/* The next record is of another log, that need not go on where this one ended. */
void replay_next_log(struct replay *replay);

/* The end: hands on all that is still open. */
void replay_finish(struct replay *replay);

struct replay_counts replay_counts(const struct replay *replay);
