/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tally: when the kernel is asked what was lost: where the accounts of serials begin, a
 * mark behind an overrun, and the kernel's own counter. All of it is tied to records that
 * come: on an idle host nothing is due. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trail/capture.h"
#include "trail/pipeline.h"

/* All zero asks for nothing. */
struct tally {
	struct capture *capture; /* NULL: there is no kernel to ask */
	struct pipeline *pipeline;
	int64_t begin_usec; /* when it was started, CLOCK_MONOTONIC */
	int64_t mark_usec;  /* when a mark is due; 0: none is */
	bool emptied; /* the socket was, after its overrun: what comes next is behind it
		       */
	int64_t counter_usec; /* when the kernel's counter is to be read; 0: never */
	int64_t counted_usec; /* when it was read last, CLOCK_REALTIME */
};

/* Both stay the caller's. */
void tally_start(struct tally *tally, struct capture *capture, struct pipeline *pipeline);

/* To be shown each record, before the pipeline is. */
void tally_see(struct tally *tally, const struct record *record);

/* What a reading gave: records, none any more, or that n of them were lost in the socket.
 */
void tally_turn(struct tally *tally);
void tally_empty(struct tally *tally);
void tally_overrun(struct tally *tally, uint64_t n);

/* Has the socket been full, and nothing come since it was read empty? What was sent in
 * between may be lost. */
bool tally_behind_overrun(const struct tally *tally);

/* Does what is due, and when the next thing is (INT64_MAX: nothing is), CLOCK_MONOTONIC.
 */
void tally_expire(struct tally *tally);
int64_t tally_deadline(const struct tally *tally);

/* The end: reads the counter a last time. */
void tally_end(struct tally *tally);
