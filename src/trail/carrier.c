/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/carrier.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "core/carry.h"
#include "io/queue.h"
#include "trail/say.h"

/* The queue is waited for no longer than that. */
#define CATCH_UP_USEC 10000000

struct record_place *carrier_place(struct carrier *k)
{
	const struct carry *carry;

	if (!k->keep)
		return NULL;
	k->place = (struct record_place){
		.memory = keep_batch(k->keep, record_place_bytes()),
		.fd = -1,
	};
	carry = keep_carried(k->keep);
	if (carry) {
		k->goes_on = true;
		k->place.fd = keep_take(k->keep, KEEP_RECORDS);
		k->place.drops = carry->drops;
		k->place.batch = k->first_batch = carry->batch;
	}
	return &k->place;
}

/* The lines that waited are the first to go out. */
static void take_up(struct carrier *k, struct carry *carry, struct sink *sink)
{
	const enum trail_cause change = capture_go_on(k->capture, carry);
	uint64_t events = 0;
	int waiting =
		queue_recover(k->queue, carry->queue_origin, carry->queue_tail, &events);

	if (waiting < 0)
		say(LOG_WARNING, "the lines that waited to be written are damaged: they "
				 "are lost, nobody knows how many");
	else
		sink->queued = sink->taken_up = (uint64_t)waiting;
	pipeline_go_on(k->pipeline, carry, events);
	if (change != CAUSE_NONE)
		pipeline_lost(k->pipeline, change, OF_NONE, 0);
}

void carrier_start(struct carrier *k, struct pipeline *pipeline, struct capture *capture,
		   struct source *source, struct sink *sink)
{
	if (!k->keep)
		return;
	k->carry = calloc(1, sizeof(*k->carry));
	k->queue = sink_queue(sink);
	if (!k->carry || !k->queue || !source->ops->save) {
		k->keep = NULL;
		return;
	}
	k->pipeline = pipeline;
	k->capture = capture;
	k->source = source;
	queue_keep(k->queue, keep_sent(k->keep), keep_ring(k->keep));
	if (k->goes_on)
		take_up(k, keep_carried(k->keep), sink);
}

void carrier_clear(struct carrier *k)
{
	free(k->carry);
	buffer_free(&k->bytes);
	buffer_free(&k->records);
}

bool carrier_goes_on(const struct carrier *k)
{
	return k->goes_on && k->keep;
}

bool carrier_must_wait(struct carrier *k, int64_t now_usec)
{
	if (!carrier_goes_on(k) || k->caught_up || k->queue->used <= k->queue->limit / 2)
		return false;
	if (!k->give_up_usec)
		k->give_up_usec = now_usec + CATCH_UP_USEC;
	return now_usec < k->give_up_usec;
}

void carrier_caught_up(struct carrier *k)
{
	k->caught_up = true;
}

bool carrier_fds(const struct carrier *k, int fds[KEEP_COUNT])
{
	const struct identity *identity;

	if (!k->keep)
		return false;
	identity = pipeline_identity(k->pipeline);
	fds[KEEP_STATE] = keep_state_fd(k->keep);
	fds[KEEP_RECORDS] = k->source->fd;
	fds[KEEP_PROCESSES] = identity_fd(identity);
	fds[KEEP_ALARM] = identity_alarm_fd(identity);
	return true;
}

void carrier_commit(struct carrier *k)
{
	struct carry *carry = k->carry;

	if (!k->keep || !k->pipeline)
		return;
	buffer_reset(&k->bytes);
	buffer_reset(&k->records);
	capture_save(k->capture, carry);
	k->source->ops->save(k->source, carry);
	pipeline_save(k->pipeline, carry, &k->records);
	carry->queue_origin = k->queue->origin;
	carry->queue_tail = k->queue->tail;
	carry_encode(carry, &k->bytes);
	buffer_add(&k->bytes, k->records.data ? k->records.data : "", k->records.len);
	if (k->records.failed ||
	    keep_commit(k->keep, &k->bytes, carry->batch > k->first_batch + 1) < 0) {
		if (!k->failed)
			say(LOG_WARNING, "out of memory: what would be needed after a "
					 "crash can't be written down");
		k->failed = true;
	}
	/* Also then: lines must go out. */
	queue_commit(k->queue);
}
