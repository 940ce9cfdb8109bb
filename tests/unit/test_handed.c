/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/handed.h"

#include <string.h>

#include "suite.h"

#define SEC 1000000

static struct handed handed;

static void add_signal(int64_t time_usec, int64_t repeated)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, time_usec);
	if (repeated)
		ev.repeated = repeated;
	handed_add(&handed, &ev);
}

static void add_trail(enum trail_event event, enum trail_cause cause, int64_t lost,
		      int64_t time_usec)
{
	struct signal_event ev;

	event_init_trail(&ev, event, time_usec);
	ev.trail.cause = cause;
	ev.trail.of = OF_EVENTS;
	ev.trail.lost = lost;
	ev.trail.since_usec = time_usec - SEC;
	ev.trail.until_usec = time_usec;
	handed_add(&handed, &ev);
}

static struct handed_lost lose(uint64_t first, uint64_t last)
{
	struct handed_lost lost = { 0 };

	handed_lose(&handed, first, last, &lost);
	return lost;
}

START_TEST(handed_entries_that_are_missing_stand_for_all_their_events)
{
	struct handed_lost lost;

	handed = (struct handed){ 0 };
	for (int i = 0; i < 10; i++)
		add_signal(SEC + i, 0);
	add_signal(2 * SEC, 480);
	add_signal(3 * SEC, 0);
	ck_assert_uint_eq(handed.added, 12);
	lost = lose(3, 5);
	ck_assert_uint_eq(lost.entries, 3);
	ck_assert_uint_eq(lost.events, 3);
	lost = lose(11, 12);
	ck_assert_uint_eq(lost.entries, 2);
	ck_assert_uint_eq(lost.events, 482);
	ck_assert_int_eq(lost.since_usec, 2 * SEC);
	ck_assert_int_eq(lost.until_usec, 3 * SEC);
	handed_lose(&handed, 1, 1, &lost);
	ck_assert_uint_eq(lost.events, 483);
	ck_assert_int_eq(lost.since_usec, SEC);
}
END_TEST

START_TEST(handed_span_is_that_of_the_second_and_not_of_the_flood)
{
	struct handed_lost lost;

	handed = (struct handed){ 0 };
	for (int i = 0; i < 100; i++)
		add_signal(i * SEC / 10, 0);
	lost = lose(50, 60);
	ck_assert_uint_eq(lost.events, 11);
	ck_assert_int_ge(lost.since_usec, 4 * SEC - SEC / 10);
	ck_assert_int_le(lost.until_usec, 7 * SEC);
}
END_TEST

START_TEST(handed_forgets_what_is_settled_and_only_that)
{
	handed = (struct handed){ 0 };
	for (int i = 0; i < 10; i++)
		add_signal(SEC, 0);
	add_signal(SEC, 9);
	handed_settle(&handed, 4);
	ck_assert_uint_eq(handed.settled, 4);
	ck_assert_uint_eq(lose(1, 11).entries, 7);
	ck_assert_uint_eq(lose(1, 11).events, 16);
	handed_settle(&handed, 3);
	ck_assert_uint_eq(handed.settled, 4);
	handed_settle(&handed, 11);
	ck_assert_uint_eq(lose(1, 11).entries, 0);
	ck_assert_uint_eq(handed.n_runs, 0);
	add_signal(SEC, 0);
	ck_assert_uint_eq(lose(12, 12).entries, 1);
}
END_TEST

START_TEST(handed_says_the_trails_own_entries_again_and_counts_no_event_for_them)
{
	struct handed_lost lost;
	struct signal_event ev;

	handed = (struct handed){ 0 };
	add_trail(TRAIL_STARTED, CAUSE_NONE, NUMBER_ABSENT, SEC);
	add_trail(TRAIL_INCOMPLETE, CAUSE_SERIAL_GAP, 5, 2 * SEC);
	add_trail(TRAIL_INCOMPLETE, CAUSE_SERIAL_GAP, 7, 9 * SEC);
	add_trail(TRAIL_INCOMPLETE, CAUSE_QUEUE_FULL, 1, 9 * SEC);
	lost = lose(1, 3);
	ck_assert_uint_eq(lost.events, 0);
	ck_assert_uint_eq(lost.entries, 3);
	ck_assert_uint_eq(lost.trails.n, 2);
	handed_trail_event(&lost.trails.of[0], &ev);
	ck_assert_int_eq(ev.kind, EVENT_TRAIL);
	ck_assert_int_eq(ev.trail.event, TRAIL_STARTED);
	ck_assert_int_eq(ev.time_usec, SEC);
	handed_trail_event(&lost.trails.of[1], &ev);
	ck_assert_int_eq(ev.trail.cause, CAUSE_SERIAL_GAP);
	ck_assert_int_eq(ev.trail.lost, 12);
	ck_assert_int_eq(ev.trail.since_usec, SEC);
	ck_assert_int_eq(ev.trail.until_usec, 9 * SEC);
	handed_settle(&handed, 3);
	ck_assert_uint_eq(lose(1, 4).trails.n, 1);
	ck_assert_int_eq(lose(1, 4).trails.of[0].trail.cause, CAUSE_QUEUE_FULL);
}
END_TEST

START_TEST(handed_keeps_who_did_it_when_he_is_gone)
{
	char comm[] = "auditctl", detail[] = "rule 1", exe[2 * HANDED_TEXT];
	struct signal_event ev;
	struct handed_lost lost;

	handed = (struct handed){ 0 };
	memset(exe, 'x', sizeof(exe) - 1);
	exe[sizeof(exe) - 1] = '\0';
	event_init_trail(&ev, TRAIL_INCOMPLETE, SEC);
	ev.trail.cause = CAUSE_RULES_CHANGED;
	ev.trail.by.pid = 7;
	ev.trail.by.comm = comm;
	ev.trail.by.exe = exe;
	ev.trail.detail = detail;
	handed_add(&handed, &ev);
	ev.trail.by.pid = 8;
	ev.trail.by.exe = "/x";
	handed_add(&handed, &ev);
	memset(comm, '?', sizeof(comm));
	memset(detail, '?', sizeof(detail));
	memset(exe, '?', sizeof(exe));
	lost = lose(1, 2);
	ck_assert_uint_eq(lost.trails.n, 2);
	handed_trail_event(&lost.trails.of[0], &ev);
	ck_assert_int_eq(ev.trail.by.pid, 7);
	ck_assert_str_eq(ev.trail.by.comm, "auditctl");
	ck_assert_str_eq(ev.trail.detail, "rule 1");
	ck_assert_ptr_null(ev.trail.by.exe);
	handed_trail_event(&lost.trails.of[1], &ev);
	ck_assert_int_eq(ev.trail.by.pid, 8);
	ck_assert_str_eq(ev.trail.by.exe, "/x");
}
END_TEST

START_TEST(handed_is_bounded_and_then_rounds_up)
{
	uint64_t events = 0;

	handed = (struct handed){ 0 };
	for (int i = 0; i < 5 * HANDED_RUNS; i++) {
		add_signal((int64_t)i * 10 * SEC, i % 7);
		events += 1 + i % 7;
	}
	ck_assert_uint_eq(handed.n_runs, HANDED_RUNS);
	ck_assert_uint_eq(lose(1, handed.added).events, events);
	ck_assert_uint_ge(lose(handed.added, handed.added).events, 1);
	for (int i = 0; i < 3 * HANDED_TRAILS; i++)
		add_trail(TRAIL_INCOMPLETE, CAUSE_SERIAL_GAP, 2, SEC);
	ck_assert_uint_eq(handed.trails.n, HANDED_TRAILS);
	ck_assert_int_eq(lose(1, handed.added).trails.of[0].trail.lost,
			 3 * HANDED_TRAILS * 2);
}
END_TEST

START_TEST(handed_counts_a_run_that_is_torn_once)
{
	uint64_t events = 0;

	handed = (struct handed){ 0 };
	for (int i = 0; i < 3 * HANDED_RUNS; i++)
		add_signal((int64_t)i * 10 * SEC, i % 2);
	for (uint64_t n = 1; n <= handed.added; n += 100) {
		events += lose(n, n + 99).events;
		handed_settle(&handed, n + 99);
	}
	ck_assert_uint_eq(events, 3 * HANDED_RUNS * 3 / 2);
}
END_TEST

SUITE("handed", handed_entries_that_are_missing_stand_for_all_their_events,
      handed_span_is_that_of_the_second_and_not_of_the_flood,
      handed_forgets_what_is_settled_and_only_that,
      handed_says_the_trails_own_entries_again_and_counts_no_event_for_them,
      handed_is_bounded_and_then_rounds_up, handed_counts_a_run_that_is_torn_once,
      handed_keeps_who_did_it_when_he_is_gone)
