/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/guard.h"

#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000)
/* Who loads rules removes all first. Rules that are put back meanwhile would be errors to
 * it, and end its work (auditctl -R). */
#define SETTLE_USEC   (SECOND / 10)
#define UNSETTLED_MAX (2 * SECOND)
/* How often, records or not; and so long after a look the next one is near. */
#define SLOW_USEC (60 * SECOND)
#define NEAR_USEC (55 * SECOND)
/* The least time between two looks because of records. */
#define LOOK_MIN_USEC (SECOND / 10)
#define TELL_USEC     SECOND
/* So many put-backs in this time are a fight with another owner. */
#define FIGHT_USEC (60 * SECOND)
#define PAUSE_MIN  (60 * SECOND)
#define PAUSE_MAX  (600 * SECOND)
/* How far the stamp of a record is behind (a tick, and what is cut to milliseconds). */
#define STAMP_USEC (SECOND / 100)

static const enum trail_cause causes[GUARD_MATTERS] = {
	[GUARD_AUDIT] = CAUSE_AUDIT_DISABLED,
	[GUARD_RULES] = CAUSE_RULES_CHANGED,
	[GUARD_ORDER] = CAUSE_RULES_SHADOWED,
	[GUARD_BACKLOG] = CAUSE_BACKLOG_LOWERED,
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void guard_set(struct guard *guard, bool acts, bool manages)
{
	guard->acts = acts;
	guard->manages = manages;
}

void guard_init(struct guard *guard, bool acts, bool manages, const char *key,
		int64_t now_usec)
{
	*guard = (struct guard){
		.key = key,
		.look_usec = now_usec,
		.looked_usec = now_usec - SLOW_USEC,
		.wrong_usec = now_usec - FIGHT_USEC,
		.pause_usec = PAUSE_MIN,
	};
	for (int i = 0; i < GUARD_PUT_BACKS_MAX; i++)
		guard->put_back_usec[i] = now_usec - FIGHT_USEC;
	guard_set(guard, acts, manages);
}

/* --- what records say --- */

static void look_by(struct guard *guard, int64_t usec)
{
	int64_t first = guard->looked_usec + LOOK_MIN_USEC;

	if (usec < first)
		usec = first;
	guard->look_usec = least(guard->look_usec, usec);
}

/* Changes of rules come in bursts: not before they have settled. */
static void look_when_settled(struct guard *guard, int64_t now_usec)
{
	if (!guard->settled_usec)
		guard->first_hint_usec = now_usec;
	guard->settled_usec =
		least(now_usec + SETTLE_USEC, guard->first_hint_usec + UNSETTLED_MAX);
}

static void see_who(struct guard_concern *concern, const struct change *change,
		    uint64_t serial)
{
	if (concern->serial)
		return;
	concern->serial = serial;
	concern->by = (struct change_call){
		.pid = NUMBER_ABSENT,
		.uid = NUMBER_ABSENT,
		.auid = change->auid,
	};
}

static void hint(struct guard_concern *concern, const struct change *change,
		 int64_t stamp_usec, uint64_t serial)
{
	/* Of what has been put back meanwhile. */
	bool old = stamp_usec < concern->ended_usec - STAMP_USEC;

	see_who(concern, change, serial);
	if (!old && !concern->hint_usec) {
		concern->hint_usec = stamp_usec;
		concern->back = false;
	}
	if (old && concern->span && stamp_usec < concern->span_since_usec)
		concern->span_since_usec = stamp_usec;
}

static bool is_ours(const struct guard *guard, int64_t stamp_usec)
{
	for (size_t i = 0; i < GUARD_OURS_MAX; i++)
		if (stamp_usec >= guard->ours[i].since_usec - STAMP_USEC &&
		    stamp_usec <= guard->ours[i].until_usec)
			return true;
	return false;
}

/* Are there rules in this list that keep ours from anything? */
static bool list_hides(const struct change *change)
{
	return change->list == NUMBER_ABSENT || change->list == AUDIT_FILTER_TASK ||
	       change->list == AUDIT_FILTER_EXIT || change->list == AUDIT_FILTER_EXCLUDE;
}

/* A rule of others has gone: was it one that no look has seen? */
static void see_gone(struct guard_concern *order, const struct change *change,
		     int64_t stamp_usec, uint64_t serial)
{
	/* The last look may have been too late for it. */
	if (!order->hint_usec && stamp_usec >= order->past_usec &&
	    stamp_usec <= order->past_end_usec)
		order->hint_usec = order->past_usec;
	if (!order->hint_usec)
		return;
	order->back = true;
	see_who(order, change, serial);
}

static void see_others_rule(struct guard *guard, const struct change *change,
			    int64_t stamp_usec, uint64_t serial, int64_t now_usec)
{
	struct guard_concern *order = &guard->concern[GUARD_ORDER];

	if (!list_hides(change))
		return;
	if (change->op == CHANGE_REMOVE_RULE) {
		see_gone(order, change, stamp_usec, serial);
		return;
	}
	hint(order, change, stamp_usec, serial);
	/* The record doesn't say what the rule does, and it may soon be gone. */
	look_by(guard, now_usec);
}

static void see_change(struct guard *guard, const struct change *change,
		       const struct record *record, int64_t now_usec)
{
	struct guard_concern *concern = guard->concern;
	int64_t stamp = record_time_usec(record);
	bool key = strcmp(change->key, guard->key) == 0, ours = is_ours(guard, stamp);

	switch (change->op) {
	case CHANGE_OTHER:
		return;
	case CHANGE_ENABLED:
		if (change->value == 0)
			hint(&concern[GUARD_AUDIT], change, stamp, record->serial);
		look_by(guard, now_usec);
		return;
	case CHANGE_BACKLOG:
		/* Not urgent, and files of rules set it. */
		hint(&concern[GUARD_BACKLOG], change, stamp, record->serial);
		look_when_settled(guard, now_usec);
		return;
	case CHANGE_REMOVE_RULE:
	case CHANGE_ADD_RULE:
		break;
	}
	look_when_settled(guard, now_usec);
	if (key && change->op == CHANGE_ADD_RULE) {
		concern[GUARD_RULES].back |= concern[GUARD_RULES].hint_usec != 0;
		concern[GUARD_RULES].back_by_us = ours;
	} else if (key && !ours) {
		hint(&concern[GUARD_RULES], change, stamp, record->serial);
	} else if (!ours) {
		see_others_rule(guard, change, stamp, record->serial, now_usec);
	}
}

static void see_call(struct guard *guard, const struct record *record)
{
	for (int m = 0; m < GUARD_MATTERS; m++) {
		struct guard_concern *c = &guard->concern[m];

		if (c->serial && c->serial == record->serial && !number_known(c->by.pid))
			change_parse_call(&c->by, record);
	}
}

void guard_see(struct guard *guard, const struct record *record, int64_t now_usec)
{
	struct change change;

	if (record->type == AUDIT_SYSCALL) {
		see_call(guard, record);
	} else if (record->type == AUDIT_CONFIG_CHANGE) {
		change_parse(&change, record);
		see_change(guard, &change, record, now_usec);
	}
}

void guard_missed(struct guard *guard, int64_t now_usec)
{
	guard->deaf = true;
	look_by(guard, now_usec + SETTLE_USEC);
}

void guard_ours(struct guard *guard, int64_t since_usec, int64_t until_usec)
{
	guard->ours[guard->n_ours++ % GUARD_OURS_MAX] =
		(struct guard_ours){ since_usec, until_usec };
}

int64_t guard_look_usec(const struct guard *guard)
{
	return guard->settled_usec ? least(guard->look_usec, guard->settled_usec)
				   : guard->look_usec;
}

void guard_awake(struct guard *guard, int64_t now_usec)
{
	if (!guard->settled_usec && now_usec - guard->looked_usec >= NEAR_USEC)
		guard->look_usec = now_usec;
}

/* --- what a look finds --- */

static void add_span(struct guard_concern *c, int64_t since_usec, int64_t until_usec,
		     int64_t now_usec)
{
	if (!c->span) {
		c->span = true;
		c->span_since_usec = since_usec;
		c->span_until_usec = until_usec;
		c->span_due_usec = now_usec + TELL_USEC;
	}
	c->span_since_usec = least(c->span_since_usec, least(since_usec, until_usec));
	if (c->span_until_usec < until_usec)
		c->span_until_usec = until_usec;
}

static void begin_wrong(struct guard_concern *c, const struct guard_found *found,
			bool deaf, int64_t now_usec)
{
	c->wrong = true;
	c->told = false;
	c->tell_usec = now_usec + TELL_USEC;
	c->since_usec = found->begin_usec;
	if (c->hint_usec && !deaf)
		c->since_usec = c->hint_usec;
	else if (c->good_usec)
		c->since_usec = c->good_usec;
}

/* Has it come back by itself? */
static bool came_back(const struct guard_concern *c, enum guard_matter matter)
{
	return c->hint_usec && (matter == GUARD_AUDIT || c->back);
}

static void add_return(struct guard_concern *c, enum guard_matter matter,
		       const struct guard_found *found, int64_t now_usec)
{
	add_span(c, c->hint_usec, found->end_usec, now_usec);
	if (matter == GUARD_ORDER && !c->detail[0])
		snprintf(c->detail, sizeof(c->detail),
			 "a rule that came and went may have hidden ours");
}

static void look_at(struct guard *guard, enum guard_matter matter,
		    const struct guard_found *found, int64_t now_usec)
{
	struct guard_concern *c = &guard->concern[matter];

	if (found->wrong[matter]) {
		if (!c->wrong)
			begin_wrong(c, found, guard->deaf, now_usec);
		snprintf(c->detail, sizeof(c->detail), "%s", found->detail[matter]);
	} else {
		if (c->wrong)
			add_span(c, c->since_usec, found->end_usec, now_usec);
		else if (came_back(c, matter))
			add_return(c, matter, found, now_usec);
		else if (!c->span)
			c->serial = 0;
		if (c->wrong)
			c->ended_usec = found->begin_usec;
		c->wrong = false;
		c->good_usec = found->begin_usec;
	}
	if (c->hint_usec) {
		c->past_usec = c->hint_usec;
		c->past_end_usec = found->end_usec;
	}
	c->hint_usec = 0;
	c->back = false;
}

/* Have others loaded our rules again? Not one of us who came while another left. */
static bool is_returned(const struct guard *guard)
{
	const struct guard_concern *c = &guard->concern[GUARD_RULES];

	return !c->wrong && !c->back_by_us && came_back(c, GUARD_RULES) &&
	       number_known(c->by.pid) &&
	       strncmp(c->by.comm, guard->key, strlen(guard->key)) != 0;
}

/* What of it is ours to put back now. */
static struct guard_decision choose(const struct guard *guard,
				    const struct guard_found *found, bool settled)
{
	struct guard_decision decision = { false };

	if (!guard->acts || found->locked)
		return decision;
	decision.rules = settled && guard->manages && found->wrong[GUARD_RULES];
	decision.put_back = decision.rules || found->wrong[GUARD_AUDIT] ||
			    (settled && found->wrong[GUARD_BACKLOG]);
	return decision;
}

/* Not more often than in a fight. */
static void limit(struct guard *guard, struct guard_decision *decision, int64_t now_usec)
{
	int64_t oldest = guard->put_back_usec[GUARD_PUT_BACKS_MAX - 1];

	if (!decision->put_back)
		return;
	if (!guard->fight && now_usec - oldest < FIGHT_USEC) {
		guard->fight = decision->gave_up = true;
		guard->rest_usec = now_usec + guard->pause_usec;
	}
	decision->put_back = !guard->fight || now_usec >= guard->rest_usec;
}

static void note_peace(struct guard *guard, const struct guard_found *found,
		       struct guard_decision *decision, int64_t now_usec)
{
	if (found->wrong[GUARD_AUDIT] || found->wrong[GUARD_RULES] ||
	    found->wrong[GUARD_BACKLOG]) {
		guard->wrong_usec = now_usec;
	} else if (guard->fight && now_usec - guard->wrong_usec >= FIGHT_USEC) {
		guard->fight = false;
		guard->pause_usec = PAUSE_MIN;
		decision->holds = true;
	}
}

struct guard_decision guard_found(struct guard *guard, const struct guard_found *found,
				  int64_t now_usec)
{
	const struct guard_concern *audit = &guard->concern[GUARD_AUDIT];
	bool settled = guard->settled_usec <= now_usec;
	struct guard_decision decision = choose(guard, found, settled);

	/* Switching it on leaves no record, and it wasn't us. */
	decision.enabled_by_other = !found->wrong[GUARD_AUDIT] && !audit->wrong &&
				    came_back(audit, GUARD_AUDIT);
	decision.loaded_by_other =
		settled && !found->wrong[GUARD_RULES] && is_returned(guard);
	for (int m = 0; m < GUARD_MATTERS; m++)
		if (settled || m == GUARD_AUDIT || m == GUARD_ORDER)
			look_at(guard, m, found, now_usec);
	limit(guard, &decision, now_usec);
	note_peace(guard, found, &decision, now_usec);
	if (settled)
		guard->settled_usec = 0;
	guard->deaf = false;
	guard->looked_usec = now_usec;
	guard->look_usec = now_usec + SLOW_USEC;
	if (guard->fight && guard->rest_usec > now_usec)
		guard->look_usec = least(guard->look_usec, guard->rest_usec);
	return decision;
}

void guard_put_back(struct guard *guard, int64_t now_usec)
{
	memmove(guard->put_back_usec + 1, guard->put_back_usec,
		sizeof(guard->put_back_usec) - sizeof(guard->put_back_usec[0]));
	guard->put_back_usec[0] = now_usec;
	if (!guard->fight)
		return;
	guard->pause_usec = least(2 * guard->pause_usec, PAUSE_MAX);
	guard->rest_usec = now_usec + guard->pause_usec;
}

void guard_put_off(struct guard *guard, int64_t now_usec)
{
	guard->look_usec = least(guard->look_usec, now_usec + LOOK_MIN_USEC);
}

void guard_failed(struct guard *guard, int64_t now_usec)
{
	guard->settled_usec = 0;
	guard->looked_usec = now_usec;
	guard->look_usec = now_usec + SLOW_USEC;
}

/* --- what the trail says --- */

static int write_entry(enum guard_matter matter, const struct guard_concern *c,
		       enum trail_event what, int64_t since_usec, int64_t until_usec,
		       int64_t time_usec, guard_event_fn *event, void *userdata)
{
	struct signal_event ev;

	event_init_trail(&ev, what, time_usec);
	ev.trail.cause = causes[matter];
	ev.trail.since_usec = since_usec;
	ev.trail.until_usec = until_usec;
	ev.trail.detail = c->detail[0] ? c->detail : NULL;
	if (c->serial)
		ev.trail.by = (struct trail_actor){
			.pid = c->by.pid,
			.uid = c->by.uid,
			.auid = c->by.auid,
			.comm = c->by.comm[0] ? c->by.comm : NULL,
			.exe = c->by.exe[0] ? c->by.exe : NULL,
		};
	return event(&ev, userdata);
}

static void write_span(enum guard_matter matter, struct guard_concern *c,
		       int64_t time_usec, int64_t now_usec, guard_event_fn *event,
		       void *userdata)
{
	/* A short queue by itself takes nothing. */
	enum trail_event what = matter == GUARD_BACKLOG ? TRAIL_RULES : TRAIL_INCOMPLETE;

	if (write_entry(matter, c, what, c->span_since_usec, c->span_until_usec,
			time_usec, event, userdata) < 0) {
		c->span_due_usec = now_usec + TELL_USEC;
		return;
	}
	c->span = false;
	if (!c->wrong) {
		c->serial = 0;
		c->detail[0] = '\0';
	}
}

static void write_since(enum guard_matter matter, struct guard_concern *c,
			int64_t time_usec, int64_t now_usec, guard_event_fn *event,
			void *userdata)
{
	c->told = write_entry(matter, c, TRAIL_RULES, c->since_usec, NUMBER_ABSENT,
			      time_usec, event, userdata) >= 0;
	c->tell_usec = now_usec + TELL_USEC;
}

void guard_write(struct guard *guard, int64_t time_usec, int64_t now_usec,
		 guard_event_fn *event, void *userdata)
{
	for (int m = 0; m < GUARD_MATTERS; m++) {
		struct guard_concern *c = &guard->concern[m];

		if (c->span && c->span_due_usec <= now_usec)
			write_span(m, c, time_usec, now_usec, event, userdata);
		if (c->wrong && !c->told && c->tell_usec <= now_usec)
			write_since(m, c, time_usec, now_usec, event, userdata);
	}
}

int64_t guard_deadline(const struct guard *guard)
{
	int64_t deadline = guard_look_usec(guard);

	for (int m = 0; m < GUARD_MATTERS; m++) {
		const struct guard_concern *c = &guard->concern[m];

		if (c->span)
			deadline = least(deadline, c->span_due_usec);
		if (c->wrong && !c->told)
			deadline = least(deadline, c->tell_usec);
	}
	return deadline;
}

void guard_finish(struct guard *guard, int64_t time_usec, guard_event_fn *event,
		  void *userdata)
{
	for (int m = 0; m < GUARD_MATTERS; m++) {
		struct guard_concern *c = &guard->concern[m];

		if (c->wrong)
			add_span(c, c->since_usec, time_usec, 0);
		c->wrong = false;
		if (c->span)
			write_span(m, c, time_usec, 0, event, userdata);
	}
}
