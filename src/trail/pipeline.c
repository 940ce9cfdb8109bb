/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/pipeline.h"

#include <auparse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "core/burst.h"
#include "core/decode.h"
#include "core/loss.h"
#include "core/text.h"
#include "trail/remark.h"
#include "trail/say.h"

struct pipeline {
	const struct config *config;
	struct sink *sink;
	auparse_state_t *parser;
	int proc_fd;
	struct join *join;
	struct decode *decode;
	struct identity *identity;
	struct remark *remark;
	struct burst *burst;
	struct loss loss;
	uint64_t sink_lost; /* of sink->lost and failed, what is in the ledger already */
	uint64_t sink_failed;
	uint64_t late_targets; /* of the join's, what is in the ledger already */
	uint64_t evicted;      /* processes, what is in the ledger already */
	int64_t now_usec;
	int64_t last_record_usec; /* its stamp; 0: none came yet */
	int64_t batch_since_usec; /* last_record_usec as it was before the batch */
	struct pipeline_counts counts;
};

static int64_t clock_usec(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void limit_command_line(struct party *party, enum config_command_lines limit)
{
	if (limit == COMMAND_LINES_FULL)
		return;
	party->cmdline_cut = false;
	party->cmdline.len = limit == COMMAND_LINES_NAME && party->cmdline.data
				     ? strnlen(party->cmdline.data, party->cmdline.len)
				     : 0;
	if (!party->cmdline.len)
		party->cmdline.data = NULL;
}

/* burst -> sink */
static void on_line(const struct signal_event *ev, void *userdata)
{
	struct pipeline *p = userdata;

	/* What the sink can't take it counts; pipeline_expire() looks there. */
	(void)sink_write(p->sink, ev);
}

/* decode -> identify -> notes -> judge -> burst */
static void on_event(struct signal_event *ev, void *userdata)
{
	struct pipeline *p = userdata;

	if (ev->kind == EVENT_DEATH)
		p->counts.deaths++;
	else
		p->counts.signals++;
	identity_describe(p->identity, ev);
	remark_event(p->remark, ev);
	if (!config_records(p->config, ev) || config_ignores(p->config, ev)) {
		p->counts.ignored++;
		return;
	}
	limit_command_line(&ev->sender, p->config->command_lines);
	limit_command_line(&ev->target, p->config->command_lines);
	burst_feed(p->burst, ev, p->now_usec);
}

/* join -> decode */
static void on_joined(const struct joined *joined, void *userdata)
{
	struct pipeline *p = userdata;
	int64_t time_usec = joined->sec * 1000000 + joined->msec * 1000;

	if (decode_event(p->decode, joined) < 0)
		loss_add(&p->loss, CAUSE_INCOMPLETE_EVENT, OF_EVENTS, 1, time_usec,
			 time_usec, p->now_usec);
	if (joined->n_targets > joined->n_obj_pids)
		loss_add(&p->loss, CAUSE_TOO_MANY_TARGETS, OF_EVENTS,
			 (int64_t)(joined->n_targets - joined->n_obj_pids), time_usec,
			 time_usec, p->now_usec);
}

static void on_incomplete(int64_t time_usec, uint64_t serial, void *userdata)
{
	struct pipeline *p = userdata;

	loss_add(&p->loss, CAUSE_INCOMPLETE_EVENT, OF_EVENTS, 1, time_usec, time_usec,
		 p->now_usec);
}

/* loss -> sink, and to standard error */
static void on_loss(const struct signal_event *ev, void *userdata)
{
	struct pipeline *p = userdata;

	struct buffer message = { 0 };

	if (number_known(ev->trail.lost))
		p->counts.lost += (uint64_t)ev->trail.lost;
	text_message(&message, ev);
	if (!message.failed)
		say(LOG_WARNING, "%s", message.data);
	buffer_free(&message);
	(void)sink_write(p->sink, ev);
}

void pipeline_begin_batch(struct pipeline *p, int64_t now_usec)
{
	int64_t realtime = clock_usec(CLOCK_REALTIME);
	int64_t boottime = clock_usec(CLOCK_BOOTTIME);

	p->now_usec = now_usec;
	p->batch_since_usec = p->last_record_usec;
	identity_begin_batch(p->identity, realtime, boottime);
	remark_begin_batch(p->remark, realtime, boottime);
}

void pipeline_record(struct pipeline *p, const struct record *record)
{
	p->last_record_usec = record_time_usec(record);
	if (join_feed(p->join, record, p->now_usec) < 0)
		loss_add(&p->loss, CAUSE_INCOMPLETE_EVENT, OF_RECORDS, 1,
			 p->last_record_usec, p->last_record_usec, p->now_usec);
}

void pipeline_lost(struct pipeline *p, enum trail_cause cause, enum trail_of of,
		   uint64_t n)
{
	int64_t until = clock_usec(CLOCK_REALTIME);
	int64_t since = p->batch_since_usec ? p->batch_since_usec : until;

	loss_add(&p->loss, cause, of, (int64_t)n, since < until ? since : until, until,
		 p->now_usec);
}

void pipeline_trail(struct pipeline *p, enum trail_event event, int64_t since_usec)
{
	struct signal_event ev;

	event_init_trail(&ev, event, clock_usec(CLOCK_REALTIME));
	ev.trail.since_usec = since_usec;
	if (event == TRAIL_SOURCE)
		ev.trail.cause = CAUSE_REPLACED;
	(void)sink_write(p->sink, &ev);
}

/* Entries that the sink had to drop are losses of the trail too. */
static void note_sink_losses(struct pipeline *p)
{
	int64_t now = clock_usec(CLOCK_REALTIME);

	if (p->sink->lost > p->sink_lost)
		loss_add(&p->loss, CAUSE_QUEUE_FULL, OF_EVENTS,
			 (int64_t)(p->sink->lost - p->sink_lost), now, now, p->now_usec);
	if (p->sink->failed > p->sink_failed)
		loss_add(&p->loss, CAUSE_JOURNAL_WRITE, OF_EVENTS,
			 (int64_t)(p->sink->failed - p->sink_failed), now, now,
			 p->now_usec);
	p->sink_lost = p->sink->lost;
	p->sink_failed = p->sink->failed;
}

/* A target whose record came when its event had its line already. */
static void note_late_targets(struct pipeline *p)
{
	uint64_t late = join_counts(p->join)->late_targets;

	if (late > p->late_targets)
		loss_add(&p->loss, CAUSE_INCOMPLETE_EVENT, OF_RECORDS,
			 (int64_t)(late - p->late_targets), p->last_record_usec,
			 p->last_record_usec, p->now_usec);
	p->late_targets = late;
}

/* What a process that was given up did is told with less than was known. */
static void note_evictions(struct pipeline *p)
{
	uint64_t evicted = identity_counts(p->identity).evicted;
	int64_t now = clock_usec(CLOCK_REALTIME);

	if (evicted > p->evicted)
		loss_add(&p->loss, CAUSE_EVICTED, OF_NONE, 0, now, now, p->now_usec);
	p->evicted = evicted;
}

void pipeline_expire(struct pipeline *p, int64_t now_usec)
{
	p->now_usec = now_usec;
	join_expire(p->join, now_usec);
	burst_expire(p->burst, now_usec);
	remark_expire(p->remark);
	note_sink_losses(p);
	note_late_targets(p);
	note_evictions(p);
	loss_write(&p->loss, clock_usec(CLOCK_REALTIME), now_usec, on_loss, p);
}

int64_t pipeline_deadline(const struct pipeline *p)
{
	int64_t deadline = join_deadline(p->join);

	/* What was just lost goes into the ledger at once. */
	if (p->sink->lost > p->sink_lost || p->sink->failed > p->sink_failed ||
	    join_counts(p->join)->late_targets > p->late_targets ||
	    identity_counts(p->identity).evicted > p->evicted)
		return 0;
	if (burst_deadline(p->burst) < deadline)
		deadline = burst_deadline(p->burst);
	if (loss_deadline(&p->loss) < deadline)
		deadline = loss_deadline(&p->loss);
	if (remark_deadline(p->remark) < deadline)
		deadline = remark_deadline(p->remark);
	return deadline;
}

bool pipeline_sees_proctitles(const struct pipeline *p)
{
	return join_sees_proctitles(p->join);
}

void pipeline_finish(struct pipeline *p)
{
	join_flush(p->join);
	burst_flush(p->burst);
	note_sink_losses(p);
	note_late_targets(p);
	note_evictions(p);
	loss_write(&p->loss, clock_usec(CLOCK_REALTIME), INT64_MAX, on_loss, p);
}

void pipeline_set_config(struct pipeline *p, const struct config *config)
{
	burst_flush(p->burst);
	p->config = config;
	burst_set_limits(p->burst, &config->burst);
	if (remark_set_config(p->remark, config) < 0)
		say(LOG_WARNING, "out of memory: the old PidFiles stay");
	identity_set_limits(p->identity, (int64_t)config->remember_usec,
			    config->max_processes);
}

int pipeline_follow(struct pipeline *p, struct procconn *conn)
{
	return identity_follow(p->identity, conn, (int64_t)p->config->remember_usec,
			       p->config->max_processes);
}

struct identity *pipeline_identity(struct pipeline *p)
{
	return p->identity;
}

const struct pipeline_counts *pipeline_counts(const struct pipeline *p)
{
	return &p->counts;
}

int pipeline_new(struct pipeline **pipeline, const struct config *config,
		 struct sink *sink, enum join_order order)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->config = config;
	p->sink = sink;
	p->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = p->proc_fd < 0 ? -errno : 0;
	if (r == 0) {
		p->parser = auparse_init(AUSOURCE_FEED, NULL);
		r = p->parser ? 0 : -ENOMEM;
	}
	if (r == 0)
		r = join_new(&p->join, order, on_joined, on_incomplete, p);
	if (r == 0)
		r = decode_new(&p->decode, p->parser, on_event, p);
	if (r == 0)
		r = identity_new(&p->identity, p->proc_fd);
	if (r == 0)
		r = remark_new(&p->remark, p->proc_fd, config);
	if (r == 0)
		r = burst_new(&p->burst, &config->burst, on_line, p);
	if (r < 0)
		pipeline_free(p);
	else
		*pipeline = p;
	return r;
}

struct pipeline *pipeline_free(struct pipeline *p)
{
	if (!p)
		return NULL;
	burst_free(p->burst);
	remark_free(p->remark);
	identity_free(p->identity);
	decode_free(p->decode);
	join_free(p->join);
	if (p->parser)
		auparse_destroy(p->parser);
	if (p->proc_fd >= 0)
		close(p->proc_fd);
	free(p);
	return NULL;
}
