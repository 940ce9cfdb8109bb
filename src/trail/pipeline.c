/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/pipeline_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "core/burst.h"
#include "core/decode.h"
#include "core/loss.h"
#include "core/serials.h"
#include "core/text.h"
#include "io/now.h"
#include "trail/remark.h"
#include "trail/say.h"

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
	if (sink_write(p->sink, ev) < 0)
		return;
	p->counts.lines++;
	p->counts.repeats += event_count(ev) - 1;
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

static void on_hole(const struct serial_hole *hole, void *userdata)
{
	struct pipeline *p = userdata;

	loss_add(&p->loss, CAUSE_SERIAL_GAP, OF_EVENTS, (int64_t)serial_hole_size(hole),
		 hole->since_usec, hole->until_usec, p->now_usec);
}

static void say_entry(const struct signal_event *ev)
{
	struct buffer message = { 0 };

	text_message(&message, ev);
	if (!message.failed)
		say(LOG_WARNING, "%s", message.data);
	buffer_free(&message);
}

int pipeline_say(struct pipeline *p, const struct signal_event *ev)
{
	int r = sink_write(p->sink, ev);

	if (r == 0)
		say_entry(ev);
	return r;
}

/* loss -> sink, and to standard error */
static int say_loss(const struct signal_event *ev, void *userdata)
{
	struct pipeline *p = userdata;

	if (number_known(ev->trail.lost))
		p->counts.lost += (uint64_t)ev->trail.lost;
	say_entry(ev);
	return 0;
}

static int on_loss(const struct signal_event *ev, void *userdata)
{
	struct pipeline *p = userdata;
	int r = sink_write(p->sink, ev);

	/* While the trail can't take it, people are told once how it began. */
	if (r < 0 && !p->loss_waits)
		say_entry(ev);
	p->loss_waits = r < 0;
	return r < 0 ? r : say_loss(ev, p);
}

void pipeline_begin_batch(struct pipeline *p, int64_t now_usec)
{
	int64_t realtime = now_read_usec(CLOCK_REALTIME);
	int64_t boottime = now_read_usec(CLOCK_BOOTTIME);

	p->now_usec = now_usec;
	p->batch_since_usec = p->last_record_usec;
	identity_begin_batch(p->identity, realtime, boottime);
	remark_begin_batch(p->remark, realtime, boottime);
}

/* An event whose first trace is its end lost what it was: perhaps a signal. An OBJ_PID
 * without SYSCALL is the join's. */
static void account(struct pipeline *p, const struct record *record)
{
	bool first = serials_see(&p->serials, (uint32_t)record->serial,
				 p->last_record_usec, p->now_usec, on_hole, p);

	if (first && (record->type == AUDIT_PROCTITLE || record->type == AUDIT_EOE))
		loss_add(&p->loss, CAUSE_INCOMPLETE_EVENT, OF_EVENTS, 1,
			 p->last_record_usec, p->last_record_usec, p->now_usec);
}

void pipeline_record(struct pipeline *p, const struct record *record)
{
	p->last_record_usec = record_time_usec(record);
	account(p, record);
	if (join_feed(p->join, record, p->now_usec) < 0)
		loss_add(&p->loss, CAUSE_INCOMPLETE_EVENT, OF_RECORDS, 1,
			 p->last_record_usec, p->last_record_usec, p->now_usec);
}

void pipeline_lost(struct pipeline *p, enum trail_cause cause, enum trail_of of,
		   uint64_t n)
{
	int64_t until = now_read_usec(CLOCK_REALTIME);
	int64_t since = p->batch_since_usec ? p->batch_since_usec : until;

	loss_add(&p->loss, cause, of, (int64_t)n, since < until ? since : until, until,
		 p->now_usec);
}

void pipeline_lost_between(struct pipeline *p, enum trail_cause cause, uint64_t n,
			   int64_t since_usec, int64_t until_usec)
{
	loss_add(&p->loss, cause, OF_RECORDS, (int64_t)n,
		 since_usec < until_usec ? since_usec : until_usec, until_usec,
		 p->now_usec);
}

void pipeline_unwritten(struct pipeline *p, uint64_t n, int64_t since_usec,
			int64_t until_usec)
{
	loss_add(&p->loss, CAUSE_JOURNAL_WRITE, OF_EVENTS, (int64_t)n, since_usec,
		 until_usec, p->now_usec);
}

void pipeline_overrun(struct pipeline *p, uint64_t n)
{
	if (p->serials.based)
		pipeline_lost(p, CAUSE_SOCKET_OVERRUN, OF_NONE, 0);
	else
		pipeline_lost(p, CAUSE_SOCKET_OVERRUN, OF_RECORDS, n);
}

void pipeline_account_from(struct pipeline *p, const struct record *record)
{
	serials_begin(&p->serials, (uint32_t)record->serial, record_time_usec(record));
}

bool pipeline_accounts(const struct pipeline *p)
{
	return p->serials.based;
}

void pipeline_caught_up(struct pipeline *p, int64_t now_usec)
{
	p->caught_up_usec = now_usec;
}

bool pipeline_awaits(const struct pipeline *p)
{
	return join_deadline(p->join) != INT64_MAX;
}

bool pipeline_misses(const struct pipeline *p)
{
	return serials_deadline(&p->serials) != INT64_MAX;
}

/* Entries that the sink had to drop are losses of the trail too. */
static void note_sink_losses(struct pipeline *p)
{
	int64_t now = now_read_usec(CLOCK_REALTIME);

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
	int64_t now = now_read_usec(CLOCK_REALTIME);

	if (evicted > p->evicted)
		loss_add(&p->loss, CAUSE_EVICTED, OF_NONE, 0, now, now, p->now_usec);
	p->evicted = evicted;
}

void pipeline_note(struct pipeline *p)
{
	note_sink_losses(p);
	note_late_targets(p);
	note_evictions(p);
}

void pipeline_expire(struct pipeline *p, int64_t now_usec)
{
	p->now_usec = now_usec;
	join_expire(p->join, now_usec);
	burst_expire(p->burst, now_usec);
	remark_expire(p->remark);
	pipeline_note(p);
	serials_expire(&p->serials, p->caught_up_usec, on_hole, p);
	loss_write(&p->loss, now_read_usec(CLOCK_REALTIME), now_usec, on_loss, p);
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
	if (serials_deadline(&p->serials) < deadline)
		deadline = serials_deadline(&p->serials);
	return deadline;
}

bool pipeline_sees_proctitles(const struct pipeline *p)
{
	return join_sees_proctitles(p->join);
}

void pipeline_settle(struct pipeline *p)
{
	join_flush(p->join);
	serials_expire(&p->serials, INT64_MAX, on_hole, p);
	pipeline_pause(p);
}

void pipeline_finish(struct pipeline *p)
{
	pipeline_settle(p);
	/* What the trail couldn't take is said at least. */
	loss_write(&p->loss, now_read_usec(CLOCK_REALTIME), INT64_MAX, say_loss, p);
}

void pipeline_pause(struct pipeline *p)
{
	burst_flush(p->burst);
	pipeline_note(p);
	loss_write(&p->loss, now_read_usec(CLOCK_REALTIME), INT64_MAX, on_loss, p);
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
	sd_id128_t seed;
	int r;

	if (!p)
		return -ENOMEM;
	p->config = config;
	p->sink = sink;
	p->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = p->proc_fd < 0 ? -errno : 0;
	if (r == 0)
		r = join_new(&p->join, order, on_joined, on_incomplete, p);
	if (r == 0)
		r = decode_new(&p->decode, NULL, on_event, p);
	if (r == 0)
		r = identity_new(&p->identity, p->proc_fd);
	if (r == 0)
		r = remark_new(&p->remark, p->proc_fd, config);
	if (r == 0)
		r = sd_id128_randomize(&seed);
	if (r == 0)
		r = burst_new(&p->burst, &config->burst, seed.qwords[0], on_line, p);
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
	if (p->proc_fd >= 0)
		close(p->proc_fd);
	free(p);
	return NULL;
}
