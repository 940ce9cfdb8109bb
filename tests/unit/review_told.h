/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* review_told: stories for core/review, told in the order in which things happened. */
#pragma once

#include <string.h>

#include "core/review.h"
#include "suite.h"

#define SEC   1000000LL
#define END   (1000 * SEC)
#define START (500 * SEC)
#define UNIT  "a.service"

/* --- a story, in the order that it is told --- */

static struct review_item items[32];
static struct signal_event events[32];
static struct ancestor line[32];
static size_t n;
static struct verdict verdict;
static int64_t cut_usec = NUMBER_ABSENT;

static struct ending *tell(enum ending_kind kind, int64_t time_usec)
{
	struct review_item *item = &items[n++];

	item->time_usec = time_usec;
	item->ending = (struct ending){
		.kind = kind,
		.time_usec = time_usec,
		.unit = UNIT,
		.owner = NUMBER_ABSENT,
		.status = NUMBER_ABSENT,
		.signo = NUMBER_ABSENT,
		.pid = NUMBER_ABSENT,
		.message = "",
	};
	return &item->ending;
}

/* A signal from process 10 of b.service to the unit's main process, 20. */
static struct signal_event *sent(int signo, int64_t time_usec)
{
	struct signal_event *ev = &events[n];

	event_init(ev, EVENT_SIGNAL, time_usec);
	ev->signo = signo;
	ev->result = 0;
	ev->has_target = true;
	ev->sender.pid = 10;
	ev->sender.unit = "b.service";
	ev->target.pid = 20;
	ev->target.unit = UNIT;
	line[n] = (struct ancestor){ .pid = 1, .comm = "systemd" };
	ev->target.ancestry = (struct ancestry){ &line[n], 1 };
	items[n] = (struct review_item){ .time_usec = time_usec, .event = ev };
	n++;
	return ev;
}

static struct signal_event *trail(enum trail_event event, int64_t time_usec)
{
	struct signal_event *ev = &events[n];

	event_init_trail(ev, event, time_usec);
	items[n++] = (struct review_item){ .time_usec = time_usec,
					   .event = ev,
					   .context = true };
	return ev;
}

static void begins(void)
{
	memset(items, 0, sizeof(items));
	n = 0;
	trail(TRAIL_STARTED, 100 * SEC)->trail.since_usec = 90 * SEC;
	tell(ENDING_STARTED, START);
}

static void exits(int64_t status)
{
	struct ending *e = tell(ENDING_MAIN_ENDED, END);

	e->how = HOW_EXITED;
	e->status = status;
}

static void dies(int signo)
{
	struct ending *e = tell(ENDING_MAIN_ENDED, END);

	e->how = HOW_KILLED;
	e->signo = signo;
}

static enum verdict_word judge_as(enum subject_kind kind, int64_t pid)
{
	const struct review review = {
		.subject = { .kind = kind,
			     .name = UNIT,
			     .unit = UNIT,
			     .pid = pid,
			     .known = true },
		.items = items,
		.n_items = n,
		.since_usec = NUMBER_ABSENT,
		.cut_usec = cut_usec,
	};

	review_judge(&review, &verdict);
	return verdict.word;
}

static enum verdict_word judge(void)
{
	return judge_as(SUBJECT_UNIT, NUMBER_ABSENT);
}

#define ck_assert_word(word) ck_assert_str_eq(verdict_name(judge()), word)
