/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pipeline: the order in which a record becomes lines: join, decode, identify, notes,
 * judge, burst, sink. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/carry.h"
#include "core/config.h"
#include "core/join.h"
#include "core/record.h"
#include "io/identity.h"
#include "io/sink.h"

struct pipeline_counts {
	uint64_t signals; /* signals sent, a target each */
	uint64_t ignored; /* of them, by [Ignore] */
	uint64_t deaths;
	uint64_t lines;	  /* of both, those with a line of their own */
	uint64_t repeats; /* of both, those that another's line stands for */
	uint64_t lost;	  /* records and events known to be lost */
};

struct pipeline;

/* config and sink stay the caller's and must outlive *pipeline. 0 or -errno. Times named
 * now_usec are CLOCK_MONOTONIC. */
int pipeline_new(struct pipeline **pipeline, const struct config *config,
		 struct sink *sink, enum join_order order);
struct pipeline *pipeline_free(struct pipeline *pipeline);

/* Other settings from now on; what the old ones held back is written first. */
void pipeline_set_config(struct pipeline *pipeline, const struct config *config);

/* Follows processes as [Process] says, so that those who are gone are known. conn becomes
 * the pipeline's, also when this fails. 0 or -ENOMEM. */
int pipeline_follow(struct pipeline *pipeline, struct procconn *conn);

/* What knows the processes, for the loop. */
struct identity *pipeline_identity(struct pipeline *pipeline);

/* Before a batch of records is read. */
void pipeline_begin_batch(struct pipeline *pipeline, int64_t now_usec);
void pipeline_record(struct pipeline *pipeline, const struct record *record);

/* Accounts for the serials of all events behind the one of this record from now on: see
 * serials_begin(). Until then they aren't. */
void pipeline_account_from(struct pipeline *pipeline, const struct record *record);
bool pipeline_accounts(const struct pipeline *pipeline);

/* The source has been read empty: what hasn't come yet isn't on its way in the socket.
 * Only then a serial that is missing can be given up. */
void pipeline_caught_up(struct pipeline *pipeline, int64_t now_usec);

/* Has an event begun whose records haven't all come? */
bool pipeline_awaits(const struct pipeline *pipeline);

/* Is there a serial that is missing and may still come? */
bool pipeline_misses(const struct pipeline *pipeline);

/* n records or events were lost since the batch before this one. */
void pipeline_lost(struct pipeline *pipeline, enum trail_cause cause, enum trail_of of,
		   uint64_t n);

/* n records were lost in [since, until], CLOCK_REALTIME. */
void pipeline_lost_between(struct pipeline *pipeline, enum trail_cause cause, uint64_t n,
			   int64_t since_usec, int64_t until_usec);

/* What goes over to who goes on: all that is known of serials and losses, and in *records
 * those of open events. */
void pipeline_save(struct pipeline *pipeline, struct carry *carry,
		   struct buffer *records);

/* Goes on from there; before the first record. What that one held back is lost, as are n
 * events of which nobody knows if they were written. */
void pipeline_go_on(struct pipeline *pipeline, struct carry *carry, uint64_t n);
/* n events of [since, until] have no line: the journal hasn't kept it. */
void pipeline_unwritten(struct pipeline *pipeline, uint64_t n, int64_t since_usec,
			int64_t until_usec);

/* The socket was full since the batch before this one, and the kernel dropped n records.
 * While serials are accounted for, the events that this took are lost as serial-gap or
 * incomplete-event; then the entry says that it happened, and counts nothing twice. */
void pipeline_overrun(struct pipeline *pipeline, uint64_t n);

/* The first entries of the trail: if last_usec is known, that nobody recorded from then
 * to now; and that it begins. since_usec and unseen: see struct trail. */
void pipeline_started(struct pipeline *pipeline, int64_t last_usec, int64_t since_usec,
		      enum trail_unseen unseen);

/* The first one of who goes on: nothing was missed. */
void pipeline_started_again(struct pipeline *pipeline, int64_t since_usec,
			    enum trail_unseen unseen);
/* Writes an entry of the trail about itself, and says it on standard error. 0, or -errno
 * where it couldn't. */
int pipeline_say(struct pipeline *pipeline, const struct signal_event *ev);

/* The source gave the audit daemon's place to another, and goes on by multicast. */
void pipeline_replaced(struct pipeline *pipeline);

/* The last one, behind pipeline_finish() or pipeline_settle(), with the totals. */
void pipeline_stopped(struct pipeline *pipeline);

/* In place of pipeline_finish() where another one goes on: what is open stays open. */
void pipeline_pause(struct pipeline *pipeline);

/* Does what is due, and when the next thing is due (INT64_MAX: nothing is). */
void pipeline_expire(struct pipeline *pipeline, int64_t now_usec);
int64_t pipeline_deadline(const struct pipeline *pipeline);

/* Do events end with their PROCTITLE, so that EOE records aren't needed? */
bool pipeline_sees_proctitles(const struct pipeline *pipeline);

/* All that was recorded up to here has come: writes what is held back, and counts what is
 * missing. Another one may go on. */
void pipeline_settle(struct pipeline *pipeline);

/* No more records come: the same, and losses that can't be written are said at least. */
void pipeline_finish(struct pipeline *pipeline);

const struct pipeline_counts *pipeline_counts(const struct pipeline *pipeline);
