/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* carrier: writes down, before anything goes out, how far recording is, so that another
 * one can go on from there: each event has its line once, whenever this process ends. */
#pragma once

#include <stdbool.h>

#include "core/buffer.h"
#include "io/keep.h"
#include "io/record_socket.h"
#include "io/sink.h"
#include "trail/capture.h"
#include "trail/pipeline.h"

/* All zero keeps nothing. */
struct carrier {
	struct keep *keep; /* NULL: nothing is kept */
	struct record_place place;
	struct pipeline *pipeline; /* the rest is there once it has started */
	struct capture *capture;
	struct source *source;
	struct queue *queue;
	uint64_t first_batch; /* that one before has left */
	bool goes_on;
	bool caught_up;
	int64_t give_up_usec; /* 0: not known yet */
	struct carry *carry;
	struct buffer bytes;
	struct buffer records;
	bool failed; /* said already */
};

/* Where the source is to be; NULL: anywhere. What was handed over and is of no use any
 * more is said. */
struct record_place *carrier_place(struct carrier *carrier);

/* Begins; goes on where the one before was. All stay the caller's. */
void carrier_start(struct carrier *carrier, struct pipeline *pipeline,
		   struct capture *capture, struct source *source, struct sink *sink);
void carrier_clear(struct carrier *carrier);

/* Does this one go on where another was? */
bool carrier_goes_on(const struct carrier *carrier);

/* Where a restart has left much to read, the socket holds more of it than the queue to a
 * journal that is slower than we are: is it better to read on later? now_usec:
 * CLOCK_MONOTONIC. */
bool carrier_must_wait(struct carrier *carrier, int64_t now_usec);

/* All that was left has been read. */
void carrier_caught_up(struct carrier *carrier);

/* recorder_keeps(). */
bool carrier_fds(const struct carrier *carrier, int fds[KEEP_COUNT]);

/* After each batch of records, and before lines go out. */
void carrier_commit(struct carrier *carrier);
