/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the pipeline says of the trail itself, and what goes over to another one. */
#include "trail/pipeline_parts.h"

#include "io/now.h"

static void write_started(struct pipeline *p, int64_t now, enum trail_cause cause,
			  int64_t since_usec, enum trail_unseen unseen)
{
	struct signal_event ev;

	event_init_trail(&ev, TRAIL_STARTED, now);
	ev.trail.cause = cause;
	ev.trail.since_usec = since_usec;
	ev.trail.unseen = unseen;
	(void)sink_write(p->sink, &ev);
}

void pipeline_started(struct pipeline *p, int64_t last_usec, int64_t since_usec,
		      enum trail_unseen unseen)
{
	int64_t now = now_read_usec(CLOCK_REALTIME);
	struct signal_event ev;

	if (number_known(last_usec)) {
		event_init_trail(&ev, TRAIL_INCOMPLETE, now);
		ev.trail.cause = CAUSE_NOT_RUNNING;
		ev.trail.since_usec = last_usec < now ? last_usec : now;
		ev.trail.until_usec = now;
		(void)sink_write(p->sink, &ev);
	}
	write_started(p, now, CAUSE_NONE, since_usec, unseen);
}

void pipeline_started_again(struct pipeline *p, int64_t since_usec,
			    enum trail_unseen unseen)
{
	write_started(p, now_read_usec(CLOCK_REALTIME), CAUSE_RESTART, since_usec,
		      unseen);
}

void pipeline_replaced(struct pipeline *p)
{
	struct signal_event ev;

	event_init_trail(&ev, TRAIL_SOURCE, now_read_usec(CLOCK_REALTIME));
	ev.trail.cause = CAUSE_REPLACED;
	(void)sink_write(p->sink, &ev);
}

void pipeline_stopped(struct pipeline *p)
{
	struct signal_event ev;

	event_init_trail(&ev, TRAIL_STOPPED, now_read_usec(CLOCK_REALTIME));
	ev.trail.seen = (int64_t)(p->counts.signals + p->counts.deaths);
	ev.trail.lines = (int64_t)p->counts.lines;
	ev.trail.repeats = (int64_t)p->counts.repeats;
	ev.trail.ignored = (int64_t)p->counts.ignored;
	ev.trail.lost = p->loss.total_events;
	ev.trail.of = OF_EVENTS;
	(void)sink_write(p->sink, &ev);
}

static bool save_record(const struct record *record, void *userdata)
{
	return carry_add_record(userdata, record);
}

void pipeline_save(struct pipeline *p, struct carry *carry, struct buffer *records)
{
	const struct pipeline_counts *counts = &p->counts;

	pipeline_note(p);
	carry->last_record_usec = p->last_record_usec;
	carry->totals =
		(struct carry_totals){ counts->signals, counts->ignored, counts->deaths,
				       counts->lines,	counts->repeats, counts->lost };
	carry->loss = p->loss;
	carry->serials = p->serials;
	carry->held = burst_held(p->burst) + join_save(p->join, save_record, records);
}

void pipeline_go_on(struct pipeline *p, struct carry *carry, uint64_t n)
{
	const struct carry_totals *totals = &carry->totals;
	int64_t now = now_mono_usec(), until = now_read_usec(CLOCK_REALTIME);
	int64_t since = carry->last_record_usec - p->config->burst.interval_usec;
	struct record record;

	p->now_usec = now;
	p->counts = (struct pipeline_counts){ totals->signals, totals->ignored,
					      totals->deaths,  totals->lines,
					      totals->repeats, totals->lost };
	p->last_record_usec = p->batch_since_usec = carry->last_record_usec;
	p->loss = carry->loss;
	p->serials = carry->serials;
	if (p->loss.deadline_usec)
		p->loss.deadline_usec = now;
	while (carry_record(carry, &record))
		(void)join_feed(p->join, &record, now);
	if (carry->held + n)
		loss_add(&p->loss, CAUSE_RESTART, OF_EVENTS, (int64_t)(carry->held + n),
			 since > 0 && since < until ? since : until, until, now);
}
