/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* readback: looks in the journal for the entries that it was given. journald takes what
 * it has no room for, and drops it; what it had in its hands when it was killed is gone,
 * too. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/handed.h"
#include "io/sink.h"
#include "trail/pipeline.h"

struct journal_check;

struct readback {
	struct sink *sink;
	struct pipeline *pipeline;
	struct journal_check *check; /* NULL: the lines don't go to the journal */
	bool pinged;		     /* journald's answer is awaited */
	bool looking;		     /* a look is not at its end */
	bool said_unreadable;
	bool said_none;
	int64_t due_usec; /* CLOCK_MONOTONIC; 0: not set */
	int64_t wait_usec;
	int64_t last_usec;	    /* when it was looked last */
	uint64_t barrier;	    /* up to this number journald has dealt with */
	uint64_t looked;	    /* up to this number it was looked */
	uint64_t failed;	    /* of sink->failed, what was found missing */
	struct handed_lost lost;    /* what the look has found missing */
	struct handed_trails again; /* what found no room in the sink */
};

/* Only where the sink numbers its entries; else nothing is done. sink and pipeline stay
 * the caller's. 0 or -errno. */
int readback_start(struct readback *readback, struct sink *sink,
		   struct pipeline *pipeline);
void readback_stop(struct readback *readback);

/* When the next look is due: some seconds behind the first entry of which nothing is
 * known; INT64_MAX: there is none. */
int64_t readback_deadline(struct readback *readback, int64_t now_usec);

/* Does what is due, for some milliseconds at the most (then the rest is due soon); what
 * the journal lacks becomes a loss of the pipeline, and what the trail said about itself
 * is written again. */
void readback_expire(struct readback *readback, int64_t now_usec);

/* At the end: waits for journald for up to a second. Were losses found? What can't be
 * verified is said. */
bool readback_finish(struct readback *readback);
