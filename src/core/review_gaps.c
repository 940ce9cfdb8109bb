/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/review.h"

#include <string.h>

/* sigtraild says that audit is on since boot, or since a moment ago, when it switched it
 * on itself: what is longer ago is the boot. */
#define JUST_NOW_USEC 500000

#define OWN_UNIT "sigtraild.service"

static void add_gap(struct verdict *v, enum gap_cause cause, int64_t since_usec,
		    int64_t until_usec, const struct signal_event *ev)
{
	if (v->n_gaps == REVIEW_GAPS_MAX)
		return;
	v->gaps[v->n_gaps++] = (struct review_gap){ cause, since_usec, until_usec, ev };
}

static bool touches(const struct verdict *v, int64_t since_usec, int64_t until_usec)
{
	return since_usec <= v->end_usec && until_usec >= v->window_usec;
}

/* When sigtraild was not there. */
struct absence {
	bool running;
	int64_t since_usec; /* when it began to run, or ceased; absent: before all */
};

/* One that goes on where the one before ended has missed nothing. */
static bool goes_on(const struct signal_event *ev)
{
	return ev && ev->kind == EVENT_TRAIL && ev->trail.event == TRAIL_STARTED &&
	       ev->trail.cause == CAUSE_RESTART;
}

/* The first entry behind this one that says whether it ran is that it goes on. */
static bool will_go_on(const struct review *review, size_t i)
{
	for (; i < review->n_items; i++) {
		const struct signal_event *ev = review->items[i].event;

		if (ev && ev->kind == EVENT_TRAIL && ev->trail.event == TRAIL_STARTED)
			return goes_on(ev);
	}
	return false;
}

static void starts(struct absence *a, struct verdict *v, const struct review_item *item)
{
	int64_t since = number_known(a->since_usec) ? a->since_usec : 0;

	/* Two starts in a row: it ended between them and couldn't say when. */
	if (!goes_on(item->event) && touches(v, since, item->time_usec))
		add_gap(v, GAP_NOT_RUNNING, a->since_usec, item->time_usec, NULL);
	*a = (struct absence){ true, item->time_usec };
}

/* The daemon has read back when its last entry was: sharper than the start before. */
static void says_absent(struct absence *a, const struct signal_event *ev)
{
	*a = (struct absence){ false, ev->trail.since_usec };
}

static bool is_absence(const struct signal_event *ev)
{
	return ev->kind == EVENT_TRAIL && ev->trail.event == TRAIL_INCOMPLETE &&
	       ev->trail.cause == CAUSE_NOT_RUNNING;
}

static void stops(struct absence *a, const struct review_item *item)
{
	if (a->running)
		*a = (struct absence){ false, item->time_usec };
}

/* The manager's word about the daemon, which may have been killed. */
static bool says_daemon_ended(const struct review_item *item)
{
	const struct ending *e = &item->ending;

	return e->unit && strcmp(e->unit, OWN_UNIT) == 0 && !number_known(e->owner) &&
	       (e->kind == ENDING_MAIN_ENDED || e->kind == ENDING_SUCCEEDED ||
		e->kind == ENDING_FAILED || e->kind == ENDING_STOPPED);
}

static void find_absences(const struct review *review, struct verdict *v)
{
	struct absence a = { false, NUMBER_ABSENT };
	size_t i;

	for (i = 0; i < review->n_items; i++) {
		const struct review_item *item = &review->items[i];
		const struct signal_event *ev = item->event;

		/* What comes after the end no longer matters. */
		if (item->time_usec > v->end_usec)
			break;
		if (says_daemon_ended(item))
			stops(&a, item);
		else if (ev && ev->kind == EVENT_TRAIL &&
			 ev->trail.event == TRAIL_STOPPED)
			stops(&a, item);
		else if (ev && is_absence(ev))
			says_absent(&a, ev);
		else if (ev && ev->kind == EVENT_TRAIL &&
			 ev->trail.event == TRAIL_STARTED)
			starts(&a, v, item);
	}
	if (!a.running && !will_go_on(review, i))
		add_gap(v, GAP_NOT_RUNNING, a.since_usec, NUMBER_ABSENT, NULL);
}

static bool is_loss(const struct signal_event *ev)
{
	if (!ev || ev->kind != EVENT_TRAIL || is_absence(ev))
		return false;
	/* Who made the kernel's queue shorter took nothing: what it lost is said. */
	return ev->trail.event == TRAIL_INCOMPLETE ||
	       (ev->trail.event == TRAIL_RULES &&
		ev->trail.cause != CAUSE_BACKLOG_LOWERED);
}

/* Does it say since when the trail is blind, and not until when? */
static bool is_open(const struct signal_event *ev)
{
	return ev->trail.event == TRAIL_RULES && number_known(ev->trail.since_usec) &&
	       !number_known(ev->trail.until_usec);
}

/* When what this open entry tells was over: at the end of the daemon that told it, where
 * nobody said it; absent: it isn't. An entry that says both times takes its place: false.
 */
static bool ends_unsaid(const struct review *review, size_t open, int64_t *until_usec)
{
	const struct signal_event *ev = review->items[open].event;

	for (size_t i = open + 1; i < review->n_items; i++) {
		const struct signal_event *later = review->items[i].event;

		if (!later || later->kind != EVENT_TRAIL)
			continue;
		if (later->trail.event == TRAIL_INCOMPLETE &&
		    later->trail.cause == ev->trail.cause)
			return false;
		if (later->trail.event == TRAIL_STARTED ||
		    later->trail.event == TRAIL_STOPPED) {
			*until_usec = later->time_usec;
			return true;
		}
	}
	*until_usec = NUMBER_ABSENT;
	return true;
}

static void find_losses(const struct review *review, struct verdict *v)
{
	for (size_t i = 0; i < review->n_items; i++) {
		const struct signal_event *ev = review->items[i].event;
		int64_t since, until;

		if (!is_loss(ev))
			continue;
		since = number_known(ev->trail.since_usec) ? ev->trail.since_usec
							   : ev->time_usec;
		until = number_known(ev->trail.until_usec) ? ev->trail.until_usec
							   : ev->time_usec;
		if (is_open(ev) && !ends_unsaid(review, i, &until))
			continue;
		if (touches(v, since, number_known(until) ? until : INT64_MAX))
			add_gap(v, GAP_LOST, since, until, ev);
	}
}

/* Entries of the first days don't say it, but since when they see. */
static bool says_all_audited(const struct signal_event *ev)
{
	if (ev->trail.unseen != UNSEEN_UNKNOWN)
		return ev->trail.unseen == UNSEEN_NOTHING;
	return number_known(ev->trail.since_usec) &&
	       ev->trail.since_usec < ev->time_usec - JUST_NOW_USEC;
}

/* Could a process have sent something without a record, since it is older than audit? */
static void find_unaudited(const struct review *review, struct verdict *v)
{
	int64_t since = NUMBER_ABSENT;

	if (review->all_audited)
		return;
	for (size_t i = 0; i < review->n_items; i++) {
		const struct signal_event *ev = review->items[i].event;

		if (!ev || ev->kind == EVENT_DEATH)
			continue;
		/* Process 1 leaves records: then everybody does. */
		if (ev->kind == EVENT_SIGNAL && ev->sender.pid == 1)
			return;
		if (ev->kind != EVENT_TRAIL || ev->trail.event != TRAIL_STARTED)
			continue;
		if (says_all_audited(ev))
			return;
		if (!number_known(ev->trail.since_usec))
			continue;
		/* Once it was on, children have what records take, also if it was off
		 * for a while (kernel/auditsc.c, audit_alloc). */
		if (!number_known(since) || ev->trail.since_usec < since)
			since = ev->trail.since_usec;
	}
	add_gap(v, GAP_NOT_AUDITED, NUMBER_ABSENT, since, NULL);
}

void review_find_gaps(const struct review *review, struct verdict *v)
{
	v->n_gaps = 0;
	find_absences(review, v);
	find_losses(review, v);
	find_unaudited(review, v);
	if (number_known(review->cut_usec) && review->cut_usec > v->window_usec)
		add_gap(v, GAP_TOO_MANY, NUMBER_ABSENT, review->cut_usec, NULL);
	v->complete = v->n_gaps == 0;
}

const char *gap_cause_name(const struct review_gap *gap)
{
	const char *cause;

	switch (gap->cause) {
	case GAP_NOT_RUNNING:
		return "not-running";
	case GAP_NOT_AUDITED:
		return "not-audited";
	case GAP_TOO_MANY:
		return "too-many-events";
	case GAP_KERNEL:
		return "sent-by-kernel";
	case GAP_LOST:
		break;
	}
	cause = trail_cause_name(gap->event->trail.cause);
	return cause ? cause : trail_event_name(gap->event->trail.event);
}
