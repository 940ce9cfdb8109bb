/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pipeline: the order in which a record becomes lines: join, decode, identify, notes,
 * judge, burst, sink. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "core/join.h"
#include "core/record.h"
#include "io/identity.h"
#include "io/sink.h"

struct pipeline_counts {
	uint64_t signals; /* signals sent, a target each */
	uint64_t ignored; /* of them, by [Ignore] */
	uint64_t deaths;
	uint64_t lost; /* records and events known to be lost */
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

/* n records or events were lost since the batch before this one. */
void pipeline_lost(struct pipeline *pipeline, enum trail_cause cause, enum trail_of of,
		   uint64_t n);

/* Writes a trail entry without a number: started, stopped, source. since_usec: see struct
 * trail; may be absent. */
void pipeline_trail(struct pipeline *pipeline, enum trail_event event,
		    int64_t since_usec);

/* Does what is due, and when the next thing is due (INT64_MAX: nothing is). */
void pipeline_expire(struct pipeline *pipeline, int64_t now_usec);
int64_t pipeline_deadline(const struct pipeline *pipeline);

/* Do events end with their PROCTITLE, so that EOE records aren't needed? */
bool pipeline_sees_proctitles(const struct pipeline *pipeline);

/* No more records come: writes all that is held back. */
void pipeline_finish(struct pipeline *pipeline);

const struct pipeline_counts *pipeline_counts(const struct pipeline *pipeline);
