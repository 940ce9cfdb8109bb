/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/review.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* How late after an end its signal's stamp may be: none is, but clocks are coarse. */
#define SLACK_USEC 15000
#define CROWD_USEC 10000000

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Does that user's manager run it? The system's runs that one as user@UID.service. */
static bool is_of_user(const struct party *party, int64_t uid)
{
	char manager[40];

	snprintf(manager, sizeof(manager), "user@%lld.service", (long long)uid);
	return same(party->unit, manager);
}

static bool is_in_unit(const struct review_subject *subject, const struct party *party)
{
	if (!subject->is_owned)
		return same(party->unit, subject->name) ||
		       same(party->user_unit, subject->name);
	if (!number_known(subject->owner))
		return same(party->unit, subject->name);
	return same(party->user_unit, subject->name) && is_of_user(party, subject->owner);
}

bool review_is_about(const struct review_subject *subject, const struct signal_event *ev)
{
	const struct party *target = &ev->target;

	if (ev->kind == EVENT_TRAIL || !ev->has_target)
		return false;
	switch (subject->kind) {
	case SUBJECT_UNIT:
		return is_in_unit(subject, target);
	case SUBJECT_CONTAINER:
		return same(target->container, subject->name) ||
		       (subject->unit && same(target->unit, subject->unit));
	case SUBJECT_PID:
	case SUBJECT_NAME:
		return number_known(subject->pid) && target->pid == subject->pid;
	}
	return false;
}

/* signal(7): Term and Core. */
static bool ends_a_process(int64_t signo)
{
	return signo >= 1 && signo <= 64 && signo != SIGCHLD && signo != SIGCONT &&
	       signo != SIGURG && signo != SIGWINCH && signo != SIGSTOP &&
	       signo != SIGTSTP && signo != SIGTTIN && signo != SIGTTOU;
}

static bool arrived(const struct signal_event *ev)
{
	/* A process that ends in the call itself leaves a record without a result. */
	return ev->result == 0 || !number_known(ev->result);
}

/* Process 1, or the user's manager above its own units. */
bool review_is_from_manager(const struct signal_event *ev)
{
	return ev->sender.pid == 1 || (same(ev->sender.comm, "systemd") &&
				       same(ev->sender.user_unit, "init.scope"));
}

bool review_is_to_self(const struct signal_event *ev)
{
	return ev->sender.pid == ev->target.pid;
}

/* From within the unit itself: its ExecStop= and helpers. */
bool review_is_inside(const struct signal_event *ev)
{
	return same(ev->sender.unit, ev->target.unit) &&
	       same(ev->sender.user_unit ? ev->sender.user_unit : "",
		    ev->target.user_unit ? ev->target.user_unit : "");
}

bool review_is_wrong_number(const struct signal_event *ev)
{
	for (size_t i = 0; i < ev->n_notes; i++) {
		if (strcmp(ev->notes[i], "thread-target") == 0 ||
		    strncmp(ev->notes[i], "stale-pidfile=", 14) == 0)
			return true;
	}
	return false;
}

bool review_dumps_core(int64_t signo)
{
	switch (signo) {
	case SIGQUIT:
	case SIGILL:
	case SIGTRAP:
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGSEGV:
	case SIGXCPU:
	case SIGXFSZ:
	case SIGSYS:
		return true;
	default:
		return false;
	}
}

bool review_is_child(const struct signal_event *ev)
{
	const struct ancestry *line = &ev->target.ancestry;

	return line->n > 0 && line->of[0].pid != 1 && !same(line->of[0].comm, "systemd");
}

static bool is_candidate(const struct review *review, const struct review_item *item,
			 int64_t signo, int64_t since_usec, int64_t until_usec)
{
	const struct signal_event *ev = item->event;
	int64_t first;

	if (!ev || item->context || ev->kind != EVENT_SIGNAL || !arrived(ev))
		return false;
	if (signo ? ev->signo != signo : !ends_a_process(ev->signo))
		return false;
	first = number_known(ev->since_usec) ? ev->since_usec : ev->time_usec;
	return ev->time_usec >= since_usec && first <= until_usec + SLACK_USEC &&
	       review_is_about(&review->subject, ev);
}

/* Whom the newest went to; the main process rather than one below it, others rather than
 * the process itself. */
static const struct signal_event *find_last(const struct review *review, int64_t signo,
					    int64_t since_usec, int64_t until_usec)
{
	const struct signal_event *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < review->n_items; i++) {
		const struct signal_event *ev = review->items[i].event;
		int rank;

		if (!is_candidate(review, &review->items[i], signo, since_usec,
				  until_usec))
			continue;
		rank = 1 + 2 * !review_is_child(ev) + !review_is_to_self(ev);
		if (rank >= best_rank) {
			best = ev;
			best_rank = rank;
		}
	}
	return best;
}

const struct signal_event *review_find_signal(const struct review *review, int64_t signo,
					      int64_t since_usec, int64_t until_usec)
{
	const struct signal_event *last =
		find_last(review, signo, since_usec, until_usec);

	if (!last)
		return NULL;
	for (size_t i = 0; i < review->n_items; i++) {
		const struct signal_event *ev = review->items[i].event;

		if (is_candidate(review, &review->items[i], signo, since_usec,
				 until_usec) &&
		    ev->target.pid == last->target.pid &&
		    review_is_to_self(ev) == review_is_to_self(last) &&
		    ev->time_usec >= last->time_usec - CROWD_USEC)
			return ev;
	}
	return last;
}

/* Being asked to end a program may take its time, while a configuration that it can't go
 * on with is noticed at once. */
static const struct {
	int signo;
	int64_t reach_usec;
} stops[] = {
	{ SIGTERM, REVIEW_WINDOW_USEC }, { SIGINT, REVIEW_WINDOW_USEC },
	{ SIGQUIT, REVIEW_WINDOW_USEC }, { SIGHUP, REVIEW_EFFECT_USEC },
	{ SIGPIPE, REVIEW_EFFECT_USEC },
};

#define N_STOPS (sizeof(stops) / sizeof(stops[0]))

int64_t review_stop_reach_usec(int64_t signo)
{
	for (size_t i = 0; i < N_STOPS; i++) {
		if (stops[i].signo == signo)
			return stops[i].reach_usec;
	}
	return -1;
}

const struct signal_event *review_find_stop(const struct review *review,
					    int64_t from_usec, int64_t end_usec)
{
	const struct signal_event *found = NULL;

	for (size_t i = 0; i < N_STOPS; i++) {
		int64_t since = end_usec - stops[i].reach_usec;
		const struct signal_event *ev;

		if (number_known(from_usec) && from_usec > since)
			since = from_usec;
		ev = review_find_signal(review, stops[i].signo, since, end_usec);
		if (ev && !review_is_child(ev) && !review_is_to_self(ev) &&
		    (!found || ev->time_usec > found->time_usec))
			found = ev;
	}
	return found;
}

int64_t review_last_sign(const struct review *review)
{
	int64_t last = NUMBER_ABSENT;

	for (size_t i = 0; i < review->n_items; i++) {
		const struct signal_event *ev = review->items[i].event;

		if (ev &&
		    (review_is_about(&review->subject, ev) ||
		     (ev->kind == EVENT_SIGNAL && number_known(review->subject.pid) &&
		      ev->sender.pid == review->subject.pid)))
			last = ev->time_usec;
	}
	return last;
}

bool review_is_scope(const char *unit)
{
	size_t len = unit ? strlen(unit) : 0;

	return len > 6 && strcmp(unit + len - 6, ".scope") == 0;
}

bool review_is_main(const struct review *review)
{
	for (size_t i = 0; i < review->n_items; i++) {
		const struct review_item *item = &review->items[i];
		const struct signal_event *ev = item->event;

		if (item->ending.kind == ENDING_CLIENT_KILLS &&
		    item->ending.pid == review->subject.pid)
			return true;
		if (ev && review_is_about(&review->subject, ev) &&
		    ev->target.ancestry.n > 0)
			return !review_is_child(ev) && !review_is_scope(ev->target.unit);
	}
	return false;
}
