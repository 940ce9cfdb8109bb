/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/join.h"

#include <stdio.h>
#include <time.h>

#include "records.h"
#include "suite.h"

/* What came out. */
struct seen {
	size_t events, incomplete, deaths;
	size_t obj_pids, targets;
	size_t with_proctitle;
	uint64_t serials[4096];
	char node[64];
};

static struct join *join;
static struct seen seen;

static void on_event(const struct joined *j, void *userdata)
{
	struct seen *s = userdata;

	s->serials[s->events++ % 4096] = j->serial;
	s->deaths += j->death.len > 0;
	s->obj_pids += j->n_obj_pids;
	s->targets += j->n_targets;
	s->with_proctitle += j->proctitle.len > 0;
	snprintf(s->node, sizeof(s->node), "%s", j->node.len ? j->node.data : "");
	ck_assert_uint_eq(strlen(s->node), j->node.len);
	for (size_t i = 0; i < j->n_obj_pids; i++)
		ck_assert_int_eq(memcmp(j->obj_pids[i].data, "opid=", 5), 0);
	if (!j->death.len)
		ck_assert_int_eq(memcmp(j->syscall.data, "arch=", 5), 0);
}

static void on_incomplete(int64_t time_usec, uint64_t serial, void *userdata)
{
	((struct seen *)userdata)->incomplete++;
}

static void begin(enum join_order order)
{
	seen = (struct seen){ 0 };
	ck_assert_int_eq(join_new(&join, order, on_event, on_incomplete, &seen), 0);
}

static void feed(uint16_t type, uint64_t serial, const char *body, int64_t now)
{
	struct record r = record_of(type, serial, body);

	ck_assert_int_eq(join_feed(join, &r, now), 0);
}

START_TEST(join_finishes_on_proctitle_without_eoe)
{
	begin(JOIN_LIVE);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 0);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	ck_assert_uint_eq(seen.events, 0);
	feed(AUDIT_PROCTITLE, 1, PROCTITLE, 0);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_uint_eq(seen.targets, 1);
	ck_assert_uint_eq(seen.with_proctitle, 1);
	ck_assert_int_eq(join_deadline(join), INT64_MAX);
	ck_assert(join_sees_proctitles(join));
	join_free(join);
}
END_TEST

START_TEST(join_finishes_on_eoe_without_proctitle)
{
	begin(JOIN_LIVE);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 0);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	feed(AUDIT_EOE, 1, "", 0);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_uint_eq(seen.with_proctitle, 0);
	join_free(join);
}
END_TEST

START_TEST(join_finishes_by_age_without_both)
{
	begin(JOIN_LIVE);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 1000);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 5000);
	ck_assert_int_eq(join_deadline(join), 2005000);
	join_expire(join, 2004999);
	ck_assert_uint_eq(seen.events, 0);
	join_expire(join, 2005000);
	ck_assert_uint_eq(seen.events, 1);
	/* A target that nobody told of. */
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 2006000);
	ck_assert_uint_eq(join_counts(join)->late_targets, 1);
	ck_assert(!join_sees_proctitles(join));
	join_free(join);
}
END_TEST

START_TEST(join_keeps_interleaved_events_apart)
{
	begin(JOIN_LIVE);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 0);
	feed(AUDIT_SYSCALL, 2, SYSCALL_62, 0);
	feed(AUDIT_OBJ_PID, 2, OBJ_PID_1777, 0);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	feed(AUDIT_PROCTITLE, 2, PROCTITLE, 0);
	ck_assert_uint_eq(seen.targets, 1);
	feed(AUDIT_PROCTITLE, 1, PROCTITLE, 0);
	ck_assert_uint_eq(seen.events, 2);
	ck_assert_uint_eq(seen.targets, 3);
	ck_assert_uint_eq(seen.serials[0], 2);
	join_free(join);
}
END_TEST

START_TEST(join_tells_one_serial_in_two_milliseconds_apart)
{
	struct record r = record_of(AUDIT_SYSCALL, 7, SYSCALL_62);

	begin(JOIN_LIVE);
	join_feed(join, &r, 0);
	r.msec++;
	join_feed(join, &r, 0);
	join_flush(join);
	ck_assert_uint_eq(seen.events, 2);
	ck_assert_uint_eq(join_counts(join)->late, 0);
	join_free(join);
}
END_TEST

START_TEST(join_tells_hosts_apart)
{
	struct record a = record_of(AUDIT_SYSCALL, 7, SYSCALL_62), b = a;

	begin(JOIN_LOG);
	a.node = bytes_of("web1");
	b.node = bytes_of("web2");
	join_feed(join, &a, 0);
	join_feed(join, &b, 0);
	join_flush(join);
	ck_assert_uint_eq(seen.events, 2);
	ck_assert_str_eq(seen.node, "web2");
	join_free(join);
}
END_TEST

START_TEST(join_takes_any_order_in_a_log)
{
	begin(JOIN_LOG);
	feed(AUDIT_PROCTITLE, 1, PROCTITLE, 0);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 0);
	ck_assert_uint_eq(seen.events, 0);
	join_flush(join);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_uint_eq(seen.targets, 1);
	ck_assert_uint_eq(seen.with_proctitle, 1);
	join_free(join);
}
END_TEST

START_TEST(join_counts_a_target_without_syscall_and_makes_no_event)
{
	begin(JOIN_LIVE);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	feed(AUDIT_PROCTITLE, 1, PROCTITLE, 0);
	feed(AUDIT_EOE, 1, "", 0);
	ck_assert_uint_eq(seen.events, 0);
	ck_assert_uint_eq(seen.incomplete, 1);
	join_free(join);
}
END_TEST

START_TEST(join_counts_late_records_and_makes_no_second_event)
{
	begin(JOIN_LIVE);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 0);
	feed(AUDIT_EOE, 1, "", 0);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 0);
	join_flush(join);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_uint_eq(seen.incomplete, 0);
	ck_assert_uint_eq(join_counts(join)->late, 2);
	ck_assert_uint_eq(join_counts(join)->late_targets, 0);
	join_free(join);
}
END_TEST

START_TEST(join_drops_other_calls_with_all_their_records)
{
	begin(JOIN_LIVE);
	feed(AUDIT_SYSCALL, 1, SYSCALL_OPEN, 0);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	feed(AUDIT_PROCTITLE, 1, PROCTITLE, 0);
	feed(AUDIT_EOE, 1, "", 0);
	join_flush(join);
	ck_assert_uint_eq(seen.events + seen.incomplete, 0);
	ck_assert_uint_eq(join_counts(join)->foreign, 1);
	join_free(join);
}
END_TEST

START_TEST(join_sees_the_proctitles_of_other_calls)
{
	begin(JOIN_LIVE);
	feed(AUDIT_SYSCALL, 1, SYSCALL_OPEN, 0);
	ck_assert(!join_sees_proctitles(join));
	feed(AUDIT_PROCTITLE, 1, PROCTITLE, 0);
	ck_assert(join_sees_proctitles(join));
	/* Only signals without one want an EOE. */
	feed(AUDIT_SYSCALL, 2, SYSCALL_62, 0);
	feed(AUDIT_EOE, 2, "", 0);
	ck_assert(!join_sees_proctitles(join));
	join_free(join);
}
END_TEST

START_TEST(join_hands_on_deaths_at_once)
{
	begin(JOIN_LIVE);
	feed(AUDIT_ANOM_ABEND, 1,
	     "auid=0 uid=0 gid=0 ses=1 pid=9 comm=\"x\" sig=11 res=1", 0);
	ck_assert_uint_eq(seen.deaths, 1);
	join_free(join);
}
END_TEST

START_TEST(join_lets_a_death_of_a_log_take_its_turn)
{
	begin(JOIN_LOG);
	/* Nothing is ahead of it. */
	feed(AUDIT_SECCOMP, 1, "auid=1 pid=7 sig=31", 0);
	ck_assert_uint_eq(seen.events, 1);
	feed(AUDIT_SYSCALL, 2, SYSCALL_62, 0);
	feed(AUDIT_OBJ_PID, 2, OBJ_PID_1777, 0);
	feed(AUDIT_ANOM_ABEND, 3, "auid=1 pid=7 sig=11", 0);
	/* A serial that it shares with records of a call is no matter. */
	feed(AUDIT_SYSCALL, 3, SYSCALL_62, 0);
	ck_assert_uint_eq(seen.events, 1);
	feed(AUDIT_EOE, 2, "", 0);
	ck_assert_uint_eq(seen.events, 3);
	ck_assert_uint_eq(seen.deaths, 2);
	ck_assert_uint_eq(seen.serials[1], 2);
	ck_assert_uint_eq(seen.serials[2], 3);
	feed(AUDIT_ANOM_ABEND, 4, "auid=1 pid=8 sig=11", 0);
	join_flush(join);
	ck_assert_uint_eq(seen.events, 5);
	ck_assert_uint_eq(seen.serials[4], 4);
	/* What is still open goes with the join. */
	feed(AUDIT_SYSCALL, 5, SYSCALL_62, 0);
	feed(AUDIT_ANOM_ABEND, 6, "auid=1 pid=9 sig=11", 0);
	join_free(join);
	ck_assert_uint_eq(seen.events, 5);
}
END_TEST

START_TEST(join_hands_on_the_host_of_a_death_as_a_string)
{
	const char *line = "db1 type=ANOM_ABEND";
	struct record r = record_of(AUDIT_ANOM_ABEND, 1, "pid=9 comm=\"x\" sig=11");

	begin(JOIN_LIVE);
	r.node = (struct bytes){ line, 3 };
	ck_assert_int_eq(join_feed(join, &r, 0), 0);
	ck_assert_str_eq(seen.node, "db1");
	join_free(join);
}
END_TEST

START_TEST(join_bounds_what_is_open)
{
	begin(JOIN_LIVE);
	for (uint64_t i = 0; i < 3000; i++)
		feed(AUDIT_SYSCALL, i, SYSCALL_62, 0);
	ck_assert_uint_eq(seen.events, 2000);
	ck_assert_uint_eq(join_counts(join)->early, 2000);
	ck_assert_uint_eq(seen.serials[0], 0);
	join_flush(join);
	ck_assert_uint_eq(seen.events, 3000);
	join_free(join);
}
END_TEST

START_TEST(join_keeps_4096_targets_and_counts_the_others)
{
	begin(JOIN_LIVE);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 0);
	for (int i = 0; i < 100000; i++)
		feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	feed(AUDIT_EOE, 1, "", 0);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_uint_eq(seen.obj_pids, JOIN_TARGETS_MAX);
	ck_assert_uint_eq(seen.targets, 100000);
	join_free(join);
}
END_TEST

/* An OBJ_PID of this length. */
static const char *long_body(size_t len)
{
	static char body[RECORD_MAX_BYTES + 1];

	memset(body, 'x', len);
	memcpy(body, OBJ_PID_1777 " obj=", strlen(OBJ_PID_1777 " obj="));
	body[len] = '\0';
	return body;
}

START_TEST(join_bounds_the_bytes_that_are_open)
{
	begin(JOIN_LIVE);
	/* 100 events of 1 MiB at most are some three times what may be open. */
	for (uint64_t i = 0; i < 100; i++) {
		feed(AUDIT_SYSCALL, i, SYSCALL_62, 0);
		for (int n = 0; n < 128; n++)
			feed(AUDIT_OBJ_PID, i, long_body(8192), 0);
	}
	ck_assert_uint_ge(seen.events, 66);
	ck_assert_uint_le(seen.events, 71);
	ck_assert_uint_eq(join_counts(join)->early, seen.events);
	join_flush(join);
	ck_assert_uint_eq(seen.events, 100);
	ck_assert_uint_eq(seen.targets, 12800);
	ck_assert_uint_eq(seen.obj_pids, 12800);
	join_free(join);
}
END_TEST

START_TEST(join_counts_the_targets_that_one_event_has_no_room_for)
{
	begin(JOIN_LIVE);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 0);
	for (int i = 0; i < 1000; i++)
		feed(AUDIT_OBJ_PID, 1, long_body(RECORD_MAX_BYTES), 0);
	feed(AUDIT_EOE, 1, "", 0);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_uint_eq(seen.targets, 1000);
	ck_assert_uint_ge(seen.obj_pids, 250);
	ck_assert_uint_le(seen.obj_pids, 256);
	join_free(join);
}
END_TEST

START_TEST(join_keeps_one_proctitle_of_an_event)
{
	begin(JOIN_LOG);
	feed(AUDIT_SYSCALL, 1, SYSCALL_62, 0);
	/* 1.6 GiB if each were kept, and the event would be over before its target comes.
	 */
	for (int i = 0; i < 100000; i++)
		feed(AUDIT_PROCTITLE, 1, long_body(RECORD_MAX_BYTES), 0);
	feed(AUDIT_OBJ_PID, 1, OBJ_PID_1777, 0);
	feed(AUDIT_EOE, 1, "", 0);
	ck_assert_uint_eq(seen.events, 1);
	ck_assert_uint_eq(seen.targets, 1);
	ck_assert_uint_eq(seen.with_proctitle, 1);
	join_free(join);
}
END_TEST

/* CPU seconds for so many events, with the n-th event's end missing every so often. */
static double cpu_of(uint64_t events, uint64_t broken_every)
{
	clock_t start = clock();

	begin(JOIN_LIVE);
	for (uint64_t i = 1; i <= events; i++) {
		feed(AUDIT_SYSCALL, i, SYSCALL_62, (int64_t)i * 10);
		feed(AUDIT_OBJ_PID, i, OBJ_PID_1777, (int64_t)i * 10);
		if (i % broken_every)
			feed(AUDIT_PROCTITLE, i, PROCTITLE, (int64_t)i * 10);
		join_expire(join, (int64_t)i * 10);
	}
	join_flush(join);
	ck_assert_uint_eq(seen.events, events);
	join_free(join);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

START_TEST(join_needs_no_longer_behind_incomplete_events)
{
	double clean = cpu_of(200000, 1000000), broken = cpu_of(200000, 100);

	/* What piles up would be a factor of a hundred. */
	ck_assert_msg(broken < 20 * clean, "clean %f s, broken %f s", clean, broken);
}
END_TEST

SUITE("join", join_finishes_on_proctitle_without_eoe,
      join_finishes_on_eoe_without_proctitle, join_finishes_by_age_without_both,
      join_keeps_interleaved_events_apart,
      join_tells_one_serial_in_two_milliseconds_apart, join_tells_hosts_apart,
      join_takes_any_order_in_a_log,
      join_counts_a_target_without_syscall_and_makes_no_event,
      join_counts_late_records_and_makes_no_second_event,
      join_drops_other_calls_with_all_their_records,
      join_sees_the_proctitles_of_other_calls, join_hands_on_deaths_at_once,
      join_lets_a_death_of_a_log_take_its_turn,
      join_hands_on_the_host_of_a_death_as_a_string, join_bounds_what_is_open,
      join_bounds_the_bytes_that_are_open,
      join_counts_the_targets_that_one_event_has_no_room_for,
      join_keeps_one_proctitle_of_an_event, join_keeps_4096_targets_and_counts_the_others,
      join_needs_no_longer_behind_incomplete_events)
