/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/replay.h"

#include <auparse.h>
#include <errno.h>
#include <stdlib.h>

#include "core/aujoin.h"
#include "core/decode.h"
#include "core/join.h"
#include "core/notes.h"
#include "core/process.h"

/* What two logs may be apart and still be one that was rotated. */
#define ROTATION_USEC 2000000

struct replay {
	replay_event_fn *event;
	void *userdata;
	struct join *join; /* or */
	struct aujoin *aujoin;
	auparse_state_t *joiner; /* of aujoin */
	auparse_state_t *parser; /* of decode, beside aujoin */
	struct decode *decode;
	struct notes *notes;
	int64_t now_usec; /* the newest stamp */
	bool next_log;
	struct replay_counts counts;
};

/* decode -> notes -> out */
static void on_event(struct signal_event *ev, void *userdata)
{
	struct replay *r = userdata;

	process_merge_target(ev, NULL, NULL);
	if (ev->kind == EVENT_SIGNAL) {
		r->counts.signals++;
		r->counts.no_target += ev->result == 0 && !ev->has_target;
		notes_add(r->notes, ev, &(struct note_facts){ 0 });
	} else {
		r->counts.deaths++;
	}
	r->event(ev, r->userdata);
}

/* join -> decode */
static void on_joined(const struct joined *joined, void *userdata)
{
	struct replay *r = userdata;

	r->counts.too_many_targets += joined->n_targets - joined->n_obj_pids;
	if (decode_event(r->decode, joined) < 0)
		r->counts.unreadable++;
}

static void on_incomplete(int64_t time_usec, uint64_t serial, void *userdata)
{
	struct replay *r = userdata;

	r->counts.no_syscall++;
}

static void flush(struct replay *r)
{
	if (r->join)
		join_flush(r->join);
	else
		aujoin_flush(r->aujoin);
}

/* Rotation cuts a log within an event; the log of another host or day is another one. */
static void begin_log(struct replay *r, int64_t time_usec)
{
	r->next_log = false;
	if (llabs(time_usec - r->now_usec) <= ROTATION_USEC)
		return;
	flush(r);
	r->now_usec = time_usec;
}

void replay_record(struct replay *r, const struct record *record)
{
	int64_t time_usec = record_time_usec(record);
	int ret;

	if (r->next_log)
		begin_log(r, time_usec);
	if (time_usec > r->now_usec)
		r->now_usec = time_usec;
	if (r->join) {
		ret = join_feed(r->join, record, r->now_usec);
		join_expire(r->join, r->now_usec);
	} else {
		ret = aujoin_feed(r->aujoin, record);
	}
	if (ret < 0)
		r->counts.no_memory++;
}

void replay_next_log(struct replay *r)
{
	r->next_log = true;
}

void replay_finish(struct replay *r)
{
	flush(r);
}

struct replay_counts replay_counts(const struct replay *r)
{
	struct replay_counts counts = r->counts;

	if (r->join)
		counts.late_targets = join_counts(r->join)->late_targets;
	return counts;
}

static int new_join(struct replay *r, enum replay_parser parser)
{
	if (parser == REPLAY_OWN)
		return join_new(&r->join, JOIN_LOG, on_joined, on_incomplete, r);
	r->joiner = auparse_init(AUSOURCE_FEED, NULL);
	r->parser = auparse_init(AUSOURCE_FEED, NULL);
	if (!r->joiner || !r->parser)
		return -ENOMEM;
	return aujoin_new(&r->aujoin, r->joiner, on_joined, on_incomplete, r);
}

int replay_new(struct replay **replay, enum replay_parser parser, replay_event_fn *event,
	       void *userdata)
{
	struct replay *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return -ENOMEM;
	r->event = event;
	r->userdata = userdata;
	ret = new_join(r, parser);
	if (ret == 0)
		ret = decode_new(&r->decode, r->parser, on_event, r);
	if (ret == 0)
		ret = notes_new(&r->notes);
	if (ret < 0)
		replay_free(r);
	else
		*replay = r;
	return ret;
}

struct replay *replay_free(struct replay *r)
{
	if (!r)
		return NULL;
	notes_free(r->notes);
	decode_free(r->decode);
	aujoin_free(r->aujoin);
	join_free(r->join);
	if (r->parser)
		auparse_destroy(r->parser);
	if (r->joiner)
		auparse_destroy(r->joiner);
	free(r);
	return NULL;
}
