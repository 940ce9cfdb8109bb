/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/recorder.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>
#include <unistd.h>

#include "core/patience.h"
#include "io/now.h"
#include "trail/capture.h"
#include "trail/follow.h"
#include "trail/carrier.h"
#include "trail/keeper.h"
#include "trail/opening.h"
#include "trail/readback.h"
#include "trail/say.h"
#include "trail/tally.h"

/* Batches that are read before timers and signals get their turn. */
#define BATCHES_A_TURN	    16
#define TIMER_ACCURACY_USEC 20000
#define OUTPUT_RETRY_USEC   1000000
/* How long the last record may take from the kernel's queue to us; where marks come, it
 * is one of those, and only a busy host keeps it for long. */
#define DRAIN_USEC	  200000
#define DRAIN_MARKED_USEC 3000000
/* Other owners' records may come without end. */
#define DRAIN_MAX_USEC 10000000

struct recorder {
	sd_event *loop;
	const struct config *config;
	struct output *output;
	sd_event_source *readable;
	sd_event_source *timer;
	sd_event_source *patience; /* running while the source isn't watched */
	int64_t turn_usec;	   /* when records were read last */
	struct patience gathering; /* of those that come next */
	struct capture *capture;   /* NULL: records come on standard input */
	struct source *source;
	struct pipeline *pipeline;
	struct follow follow;
	struct tally tally;
	struct carrier carrier;
	struct keeper keeper;
	struct readback readback;
	uint64_t forged; /* what was said of the source's counts */
	bool replaced;	 /* and that it is no longer the audit daemon */
	recorder_turn_fn *turn;
	void *userdata;
};

/* --- reading --- */

static void on_record(const struct record *record, void *userdata)
{
	struct recorder *rec = userdata;

	tally_see(&rec->tally, record);
	keeper_see(&rec->keeper, record);
	pipeline_record(rec->pipeline, record);
}

/* Reads one batch; what source_read() gave. */
static int read_batch(struct recorder *rec)
{
	uint64_t lost = rec->source->counts.lost;
	int64_t now = now_mono_usec();
	int r;

	pipeline_begin_batch(rec->pipeline, now);
	r = source_read(rec->source, on_record, rec);
	if (r == -EAGAIN) {
		pipeline_caught_up(rec->pipeline, now);
		tally_empty(&rec->tally);
	} else {
		tally_turn(&rec->tally);
	}
	if (r == -ENOBUFS) {
		tally_overrun(&rec->tally, rec->source->counts.lost - lost);
		keeper_missed(&rec->keeper);
	}
	if (rec->source->counts.forged > rec->forged) {
		pipeline_lost(rec->pipeline, CAUSE_FORGED, OF_RECORDS,
			      rec->source->counts.forged - rec->forged);
		rec->forged = rec->source->counts.forged;
	}
	if (rec->source->successor && !rec->replaced) {
		rec->replaced = true;
		capture_say_replaced(rec->source->successor);
		pipeline_replaced(rec->pipeline);
	}
	carrier_commit(&rec->carrier);
	return r;
}

/* --- what is due --- */

/* One timer for all that is due some time; none when nothing is, so that an idle host
 * sleeps. */
static void arm_timer(struct recorder *rec)
{
	int64_t due = pipeline_deadline(rec->pipeline);
	int64_t readback = readback_deadline(&rec->readback, now_mono_usec());

	if (readback < due)
		due = readback;
	if (tally_deadline(&rec->tally) < due)
		due = tally_deadline(&rec->tally);
	if (keeper_deadline(&rec->keeper) < due)
		due = keeper_deadline(&rec->keeper);
	if (rec->output->waiting && now_mono_usec() + OUTPUT_RETRY_USEC < due)
		due = now_mono_usec() + OUTPUT_RETRY_USEC;
	if (due == INT64_MAX) {
		(void)sd_event_source_set_enabled(rec->timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(rec->timer, (uint64_t)due);
	(void)sd_event_source_set_enabled(rec->timer, SD_EVENT_ONESHOT);
}

void recorder_end_turn(struct recorder *rec)
{
	int64_t now = now_mono_usec();

	tally_expire(&rec->tally);
	keeper_expire(&rec->keeper);
	readback_expire(&rec->readback, now);
	if (pipeline_deadline(rec->pipeline) <= now)
		pipeline_expire(rec->pipeline, now);
	if (rec->capture)
		/* A filter that can't be changed costs time, nothing else. */
		(void)source_want_eoe(rec->source,
				      !pipeline_sees_proctitles(rec->pipeline));
	carrier_commit(&rec->carrier);
	output_flush(rec->output);
	arm_timer(rec);
}

void recorder_awake(struct recorder *rec)
{
	keeper_awake(&rec->keeper);
	recorder_end_turn(rec);
}

static void rest(struct recorder *rec)
{
	uint64_t end = (uint64_t)(now_mono_usec() + rec->gathering.usec);

	if (rec->patience && sd_event_source_set_time(rec->patience, end) >= 0 &&
	    sd_event_source_set_enabled(rec->patience, SD_EVENT_ONESHOT) >= 0)
		(void)sd_event_source_set_enabled(rec->readable, SD_EVENT_OFF);
}

/* A turn soon after the last one is load. */
static bool is_busy(const struct recorder *rec)
{
	return patience_is_busy(&rec->gathering, now_mono_usec() - rec->turn_usec);
}

static int on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct recorder *rec = userdata;

	return sd_event_source_set_enabled(rec->readable, SD_EVENT_ON);
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct recorder *rec = userdata;
	const struct pipeline_counts *counts = pipeline_counts(rec->pipeline);
	bool waits = false, busy = is_busy(rec);
	int r = 1;

	for (int i = 0; i < BATCHES_A_TURN && !waits; i++) {
		r = read_batch(rec);
		waits = carrier_must_wait(&rec->carrier, now_mono_usec());
		/* The kernel is about to send the others of an event: a sleep until then
		 * would take longer. */
		if (r == -EAGAIN && !busy && pipeline_awaits(rec->pipeline))
			sched_yield();
		else if (r <= 0 && r != -ENOBUFS)
			break;
	}
	recorder_end_turn(rec);
	if (rec->turn)
		rec->turn(rec->userdata);
	if (r == -EAGAIN) {
		carrier_caught_up(&rec->carrier);
		rec->turn_usec = now_mono_usec();
	}
	patience_see(&rec->gathering, busy, counts->signals + counts->deaths);
	/* A signal on an idle host is never kept waiting. */
	if (waits || (busy && r == -EAGAIN))
		rest(rec);
	if (r == 0)
		return sd_event_exit(rec->loop, 0);
	if (r < 0 && r != -EAGAIN && r != -ENOBUFS) {
		say(LOG_ERR, "can't read audit records: %s", strerror(-r));
		return sd_event_exit(rec->loop, 1);
	}
	return 0;
}

/* First what came meanwhile: after a stop of ours nothing is late that waits in the
 * socket. */
static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct recorder *rec = userdata;

	if (rec->capture && pipeline_misses(rec->pipeline))
		return on_readable(rec->readable, rec->source->fd, EPOLLIN, rec);
	recorder_end_turn(rec);
	return 0;
}

/* The same for a file, which is always readable. */
static int on_file_turn(sd_event_source *source, void *userdata)
{
	return on_readable(source, STDIN_FILENO, EPOLLIN, userdata);
}

/* --- start and stop --- */

static int add_timers(struct recorder *rec)
{
	int r;

	r = sd_event_add_time(rec->loop, &rec->timer, CLOCK_MONOTONIC, 0,
			      TIMER_ACCURACY_USEC, on_timer, rec);
	if (r >= 0)
		r = sd_event_source_set_enabled(rec->timer, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_time(rec->loop, &rec->patience, CLOCK_MONOTONIC, 0, 1,
				      on_patience, rec);
	if (r >= 0)
		r = sd_event_source_set_enabled(rec->patience, SD_EVENT_OFF);
	return r;
}

static int watch_source(struct recorder *rec)
{
	int r;

	r = sd_event_add_io(rec->loop, &rec->readable, rec->source->fd, EPOLLIN,
			    on_readable, rec);
	/* A file is always readable, and epoll won't have it. */
	if (r == -EPERM) {
		r = sd_event_add_defer(rec->loop, &rec->readable, on_file_turn, rec);
		if (r >= 0)
			r = sd_event_source_set_enabled(rec->readable, SD_EVENT_ON);
	}
	return r;
}

static int change_rules(struct recorder *rec, const struct config *config,
			struct reason *reason)
{
	int r;

	keeper_begin_change(&rec->keeper);
	r = rec->capture ? capture_reload(rec->capture, config, reason) : 0;
	if (r >= 0)
		keeper_end_change(&rec->keeper, config);
	return r;
}

/* One before us had another configuration perhaps, and left its rules. */
static void drop_old_rules(struct recorder *rec)
{
	struct reason reason = { "" };

	if (carrier_goes_on(&rec->carrier) && change_rules(rec, rec->config, &reason) < 0)
		say(LOG_WARNING, "%s", reason.text);
}

static int start(struct recorder *rec, bool alone, struct reason *reason)
{
	int r;

	r = add_timers(rec);
	if (r < 0) {
		reason_set(reason, "can't set a timer: %s", strerror(-r));
		return r;
	}
	keeper_begin_change(&rec->keeper);
	r = opening_source(rec->config, alone, carrier_place(&rec->carrier),
			   &rec->capture, &rec->source, reason);
	if (r < 0)
		return r;
	r = pipeline_new(&rec->pipeline, rec->config, rec->output->sink, JOIN_LIVE);
	if (r < 0) {
		reason_set(reason, "can't make the pipeline: %s", strerror(-r));
		return r;
	}
	rec->gathering.roomy = rec->config->receive_buffer_bytes >= PATIENCE_BUFFER_BYTES;
	tally_start(&rec->tally, rec->capture, rec->pipeline);
	carrier_start(&rec->carrier, rec->pipeline, rec->capture, rec->source,
		      rec->output->sink);
	if (rec->capture)
		follow_start(&rec->follow, rec->loop, rec->pipeline, rec->config,
			     rec->carrier.keep);
	r = readback_start(&rec->readback, rec->output->sink, rec->pipeline);
	if (r < 0) {
		reason_set(reason, "out of memory");
		return r;
	}
	opening_say(rec->pipeline, rec->capture, rec->output,
		    carrier_goes_on(&rec->carrier));
	keeper_start(&rec->keeper, rec->capture, rec->pipeline, rec->config);
	drop_old_rules(rec);
	carrier_commit(&rec->carrier);
	output_flush(rec->output);
	arm_timer(rec);
	r = watch_source(rec);
	if (r < 0)
		reason_set(reason, "can't watch the source: %s", strerror(-r));
	return r;
}

int recorder_start(struct recorder **recorder, sd_event *loop,
		   const struct config *config, struct output *output, bool alone,
		   struct keep *keep, recorder_turn_fn *turn, void *userdata,
		   struct reason *reason)
{
	struct recorder *rec = calloc(1, sizeof(*rec));
	int r;

	if (!rec) {
		reason_set(reason, "out of memory");
		return -ENOMEM;
	}
	*rec = (struct recorder){
		.loop = loop,
		.config = config,
		.output = output,
		.turn = turn,
		.userdata = userdata,
		.carrier = { .keep = config->source == SOURCE_MULTICAST ? keep : NULL },
	};
	r = start(rec, alone, reason);
	if (r < 0)
		recorder_free(rec);
	else
		*recorder = rec;
	return r < 0 ? r : 0;
}

void recorder_say_ready(const struct recorder *rec)
{
	if (rec->capture)
		capture_say_ready(rec->capture, rec->output->name);
	else
		say(LOG_INFO, "ready: records from standard input, lines to %s",
		    rec->output->name);
}

int recorder_reload(struct recorder *rec, const struct config *config,
		    struct reason *reason)
{
	int r = change_rules(rec, config, reason);

	if (r < 0)
		return r;
	rec->config = config;
	pipeline_set_config(rec->pipeline, config);
	return 0;
}

/* What comes behind the marker is others', or for who goes on after us. */
static bool is_drained(const struct recorder *rec)
{
	return capture_marker_seen(rec->capture) && !pipeline_misses(rec->pipeline) &&
	       !pipeline_awaits(rec->pipeline);
}

/* Takes the rules out and reads what they gave until our marker, if it comes in time. */
static void drain_source(struct recorder *rec, bool keep)
{
	const bool marked = capture_begin_seen(rec->capture);
	const int64_t quiet = marked ? DRAIN_MARKED_USEC : DRAIN_USEC;
	int64_t end = now_mono_usec() + DRAIN_MAX_USEC, give_up = now_mono_usec() + quiet;

	capture_end(rec->capture, keep);
	while (now_mono_usec() < give_up && !is_drained(rec)) {
		struct pollfd p = { rec->source->fd, POLLIN, 0 };
		int r = read_batch(rec);

		pipeline_expire(rec->pipeline, now_mono_usec());
		carrier_commit(&rec->carrier);
		output_flush(rec->output);
		/* The full socket may have dropped the marker, too. */
		if (r == -EAGAIN && tally_behind_overrun(&rec->tally) &&
		    !capture_marker_seen(rec->capture))
			capture_mark_end(rec->capture);
		if (r > 0 || r == -ENOBUFS)
			give_up = now_mono_usec() + quiet;
		else if (r == -EAGAIN)
			(void)poll(&p, 1, DRAIN_USEC / 1000);
		else
			return;
		if (now_mono_usec() > end) {
			say(LOG_WARNING,
			    "gave up reading the last records: others' come faster");
			break;
		}
	}
	/* Who goes on reads them. */
	if (marked && !keep && !capture_marker_seen(rec->capture))
		pipeline_lost(rec->pipeline, CAUSE_NOT_RUNNING, OF_NONE, 0);
}

void recorder_stop(struct recorder *rec, bool keep)
{
	keeper_end(&rec->keeper);
	if (rec->capture)
		drain_source(rec, keep);
	tally_end(&rec->tally);
	pipeline_finish(rec->pipeline);
	pipeline_stopped(rec->pipeline);
	carrier_commit(&rec->carrier);
	output_drain(rec->output, false);
	if (readback_finish(&rec->readback)) {
		pipeline_finish(rec->pipeline);
		carrier_commit(&rec->carrier);
		output_drain(rec->output, false);
	}
}

static void write_all(struct recorder *rec)
{
	pipeline_pause(rec->pipeline);
	carrier_commit(&rec->carrier);
	output_drain(rec->output, true);
}

void recorder_pause(struct recorder *rec)
{
	keeper_pause(&rec->keeper);
	write_all(rec);
	if (readback_finish(&rec->readback))
		write_all(rec);
}

void recorder_stop_for_now(struct recorder *rec)
{
	keeper_end(&rec->keeper);
	drain_source(rec, true);
	tally_end(&rec->tally);
	/* If nobody goes on, nobody else says what is missing. */
	pipeline_settle(rec->pipeline);
	pipeline_stopped(rec->pipeline);
	recorder_pause(rec);
	identity_keep(pipeline_identity(rec->pipeline));
}

bool recorder_keeps(const struct recorder *rec, int fds[])
{
	return carrier_fds(&rec->carrier, fds);
}

struct recorder *recorder_free(struct recorder *rec)
{
	if (!rec)
		return NULL;
	sd_event_source_disable_unref(rec->readable);
	sd_event_source_disable_unref(rec->timer);
	sd_event_source_disable_unref(rec->patience);
	follow_stop(&rec->follow);
	carrier_clear(&rec->carrier);
	readback_stop(&rec->readback);
	pipeline_free(rec->pipeline);
	/* An audit daemon that is still there would keep auditing on. */
	source_free(rec->source);
	/* Last: with this the host is as it was. */
	capture_free(rec->capture);
	free(rec);
	return NULL;
}

const struct pipeline_counts *recorder_counts(const struct recorder *rec)
{
	return pipeline_counts(rec->pipeline);
}

struct source_counts recorder_source_counts(const struct recorder *rec)
{
	return rec->source->counts;
}

struct identity_counts recorder_identity_counts(const struct recorder *rec)
{
	return identity_counts(pipeline_identity(rec->pipeline));
}
