/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/burst.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include "suite.h"

#define SECOND INT64_C(1000000)
#define PIDS   40

/* What came out: the last line, and how many events all lines stand for. */
struct out {
	struct signal_event last;
	uint64_t lines;
	uint64_t events;
	uint64_t of_target[PIDS];
};

static void collect(const struct signal_event *ev, void *userdata)
{
	struct out *out = userdata;
	uint64_t n = 1;

	if (ev->repeated != NUMBER_ABSENT) {
		ck_assert_int_gt(ev->repeated, 0);
		ck_assert_int_le(ev->since_usec, ev->time_usec);
		n += ev->repeated;
	} else {
		ck_assert_int_eq(ev->since_usec, NUMBER_ABSENT);
	}
	out->last = *ev;
	out->lines++;
	out->events += n;
	if (ev->target.pid >= 0 && ev->target.pid < PIDS)
		out->of_target[ev->target.pid] += n;
}

static struct burst *fresh(struct out *out, uint64_t limit, int64_t interval_usec,
			   uint64_t total)
{
	struct burst_limits limits = { limit, interval_usec, total };
	struct burst *burst = NULL;

	memset(out, 0, sizeof(*out));
	ck_assert_int_eq(burst_new(&burst, &limits, 1, collect, out), 0);
	return burst;
}

static struct signal_event sample(int64_t sender, int64_t target, int64_t time_usec)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, time_usec);
	ev.serial = time_usec;
	ev.call = sigcall_table(&(size_t){ 0 });
	ev.result = 0;
	ev.signo = SIGTERM;
	ev.has_target = true;
	ev.sender.pid = sender;
	ev.sender.start_usec = sender * 10;
	ev.sender.uid = 1000;
	ev.sender.exe = "/usr/bin/kill";
	ev.sender.unit = "cron.service";
	ev.target.pid = target;
	return ev;
}

static void feed(struct burst *burst, int64_t sender, int64_t target, int64_t now_usec)
{
	struct signal_event ev = sample(sender, target, now_usec);

	burst_feed(burst, &ev, now_usec);
}

START_TEST(burst_gives_lines_up_to_the_limit_then_one_with_the_count)
{
	struct out out;
	struct burst *burst = fresh(&out, 3, 10 * SECOND, 100);

	for (int i = 0; i < 10; i++)
		feed(burst, 1, 2, 100 + i);
	ck_assert_uint_eq(out.lines, 3);
	ck_assert_int_eq(out.last.time_usec, 102);
	ck_assert_int_eq(burst_deadline(burst), 100 + 10 * SECOND);
	burst_expire(burst, 99 + 10 * SECOND);
	ck_assert_uint_eq(out.lines, 3);
	burst_expire(burst, 100 + 10 * SECOND);
	ck_assert_uint_eq(out.lines, 4);
	ck_assert_int_eq(out.last.time_usec, 109);
	ck_assert_int_eq(out.last.serial, 109);
	ck_assert_int_eq(out.last.repeated, 6);
	ck_assert_int_eq(out.last.since_usec, 103);
	ck_assert_int_eq(burst_deadline(burst), INT64_MAX);
	burst_free(burst);
}
END_TEST

START_TEST(burst_of_one_held_back_event_is_a_plain_line)
{
	struct out out;
	struct burst *burst = fresh(&out, 1, SECOND, 100);

	feed(burst, 1, 2, 10);
	feed(burst, 1, 2, 20);
	burst_expire(burst, 10 + SECOND);
	ck_assert_uint_eq(out.lines, 2);
	ck_assert_int_eq(out.last.time_usec, 20);
	ck_assert_int_eq(out.last.repeated, NUMBER_ABSENT);
	ck_assert_int_eq(out.last.since_usec, NUMBER_ABSENT);
	burst_free(burst);
}
END_TEST

START_TEST(burst_key_goes_with_its_window)
{
	struct out out;
	struct burst *burst = fresh(&out, 1, SECOND, 100);

	feed(burst, 1, 2, 0);
	feed(burst, 1, 2, SECOND - 1);
	ck_assert_uint_eq(out.lines, 1);
	/* Without burst_expire(): what is over is over when the next event comes. */
	feed(burst, 1, 2, SECOND);
	ck_assert_uint_eq(out.lines, 3);
	feed(burst, 1, 2, 2 * SECOND - 1);
	ck_assert_uint_eq(out.lines, 3);
	ck_assert_int_eq(burst_deadline(burst), 2 * SECOND);
	burst_free(burst);
}
END_TEST

START_TEST(burst_has_no_deadline_while_nothing_is_held_back)
{
	struct out out;
	struct burst *burst = fresh(&out, 2, SECOND, 100);

	ck_assert_int_eq(burst_deadline(burst), INT64_MAX);
	feed(burst, 1, 2, 0);
	feed(burst, 1, 2, 1);
	ck_assert_int_eq(burst_deadline(burst), INT64_MAX);
	feed(burst, 1, 2, 2);
	ck_assert_int_eq(burst_deadline(burst), SECOND);
	burst_flush(burst);
	ck_assert_int_eq(burst_deadline(burst), INT64_MAX);
	ck_assert_uint_eq(out.events, 3);
	burst_free(burst);
}
END_TEST

/* Each of these events differs from the first in one member of the key. */
START_TEST(burst_key_is_all_that_the_contract_names)
{
	struct out out;
	struct burst *burst = fresh(&out, 1, SECOND, 1000);
	struct signal_event ev[11];
	size_t n;

	for (int i = 0; i < 11; i++)
		ev[i] = sample(1, 2, 5);
	ev[1].sender.pid = 9;
	ev[2].sender.start_usec = 9;
	ev[3].call = &sigcall_table(&n)[1];
	ev[4].arch = sigarch_of_name("i386");
	ev[5].signo = SIGKILL;
	ev[6].result = 1;
	ev[7].target.pid = 9;
	ev[8].target.start_usec = 9;
	ev[9].target.tid = 9;
	ev[10].node = "other";
	for (int i = 0; i < 11; i++) {
		burst_feed(burst, &ev[i], 5);
		ck_assert_uint_eq(out.lines, i + 1);
	}
	for (int i = 0; i < 11; i++)
		burst_feed(burst, &ev[i], 5);
	ck_assert_uint_eq(out.lines, 11);
	ev[0].sender.exe = "/other";
	ev[0].sender.uid = 9;
	ev[0].argument = 9;
	burst_feed(burst, &ev[0], 5);
	ck_assert_uint_eq(out.lines, 11);
	burst_flush(burst);
	ck_assert_uint_eq(out.lines, 22);
	ck_assert_uint_eq(out.events, 23);
	burst_free(burst);
}
END_TEST

#define AT(member) offsetof(struct signal_event, member)

/* Every string of an event has a text of its own. */
static const struct {
	size_t at;
	const char *text;
} strings[] = {
	{ AT(node), "node" },
	{ AT(reason), "reason" },
	{ AT(notes[0]), "note-0" },
	{ AT(notes[1]), "note-1" },
	{ AT(sender.tty), "tty" },
	{ AT(sender.comm), "comm" },
	{ AT(sender.thread), "thread" },
	{ AT(sender.exe), "exe" },
	{ AT(sender.unit), "unit" },
	{ AT(sender.user_unit), "user-unit" },
	{ AT(sender.slice), "slice" },
	{ AT(sender.container), "container" },
	{ AT(sender.subject), "subject" },
	{ AT(target.tty), "target-tty" },
	{ AT(target.comm), "target-comm" },
	{ AT(target.thread), "target-thread" },
	{ AT(target.exe), "target-exe" },
	{ AT(target.unit), "target-unit" },
	{ AT(target.user_unit), "target-user-unit" },
	{ AT(target.slice), "" },
	{ AT(target.container), "target-container" },
	{ AT(target.subject), "target-subject" },
};

#define N_STRINGS (sizeof(strings) / sizeof(strings[0]))

static void check_strings(const struct signal_event *ev, void *userdata)
{
	int *calls = userdata;

	++*calls;
	for (size_t i = 0; i < N_STRINGS; i++)
		ck_assert_str_eq(*(const char *const *)((const char *)ev + strings[i].at),
				 strings[i].text);
	ck_assert_uint_eq(ev->n_notes, 2);
	ck_assert_uint_eq(ev->sender.cmdline.len, 5);
	ck_assert_int_eq(memcmp(ev->sender.cmdline.data, "a\0bc", 5), 0);
	ck_assert_uint_eq(ev->target.cmdline.len, 4);
	ck_assert_int_eq(memcmp(ev->target.cmdline.data, "t\0uv", 4), 0);
	ck_assert_uint_eq(ev->sender.ancestry.n, 2);
	ck_assert_int_eq(ev->sender.ancestry.of[0].pid, 4310);
	ck_assert_str_eq(ev->sender.ancestry.of[0].comm, "comm");
	ck_assert_ptr_null(ev->sender.ancestry.of[0].exe);
	ck_assert_str_eq(ev->sender.ancestry.of[0].unit, "unit");
	ck_assert_ptr_null(ev->sender.ancestry.of[1].comm);
	ck_assert_str_eq(ev->sender.ancestry.of[1].exe, "exe");
	ck_assert_uint_eq(ev->target.ancestry.n, 1);
	ck_assert_str_eq(ev->target.ancestry.of[0].exe, "target-exe");
}

START_TEST(burst_copies_all_that_it_holds_back)
{
	struct burst_limits limits = { 1, SECOND, 100 };
	struct signal_event ev = sample(1, 2, 5);
	struct burst *burst;
	int calls = 0;

	ck_assert_int_eq(burst_new(&burst, &limits, 1, check_strings, &calls), 0);
	for (int round = 0; round < 4; round++) {
		char memory[N_STRINGS][32];
		char args[2][8] = { "a\0bc", "t\0uv" };
		static struct ancestor ancestors[3];

		for (size_t i = 0; i < N_STRINGS; i++)
			*(const char **)((char *)&ev + strings[i].at) =
				strcpy(memory[i], strings[i].text);
		ev.n_notes = 2;
		ev.sender.cmdline = (struct bytes){ args[0], 5 };
		ev.target.cmdline = (struct bytes){ args[1], 4 };
		ancestors[0] =
			(struct ancestor){ 4310, ev.sender.comm, NULL, ev.sender.unit };
		ancestors[1] = (struct ancestor){ 1, NULL, ev.sender.exe, NULL };
		ancestors[2] = (struct ancestor){ 1, NULL, ev.target.exe, NULL };
		ev.sender.ancestry = (struct ancestry){ ancestors, 2 };
		ev.target.ancestry = (struct ancestry){ ancestors + 2, 1 };
		burst_feed(burst, &ev, 5);
		memset(ancestors, 'x', sizeof(ancestors));
		memset(memory, 'x', sizeof(memory));
		memset(args, 'x', sizeof(args));
	}
	ck_assert_int_eq(calls, 1);
	burst_flush(burst);
	ck_assert_int_eq(calls, 2);
	burst_free(burst);
}
END_TEST

START_TEST(burst_holds_back_unknown_strings_as_unknown)
{
	struct out out;
	struct burst *burst = fresh(&out, 1, SECOND, 100);
	struct signal_event ev;

	feed(burst, 1, 2, 5);
	feed(burst, 1, 2, 5);
	ev = sample(1, 2, 5);
	ev.sender.exe = NULL;
	burst_feed(burst, &ev, 5);
	burst_flush(burst);
	ck_assert_ptr_null(out.last.sender.exe);
	ck_assert_ptr_null(out.last.sender.cmdline.data);
	burst_free(burst);
}
END_TEST

START_TEST(burst_takes_the_sender_pid_out_of_the_key_above_the_total)
{
	struct out out;
	struct burst *burst = fresh(&out, 2, SECOND, 10);
	struct signal_event ev;

	/* A loop of /bin/kill: each signal from another process. */
	for (int i = 0; i < 100; i++)
		feed(burst, 100 + i, 2, SECOND + i);
	ck_assert_uint_eq(out.lines, 12);
	/* Another program, user or unit isn't part of that flood. */
	for (int i = 0; i < 3; i++) {
		ev = sample(500 + i, 2, SECOND + 200);
		if (i == 0)
			ev.sender.exe = "/usr/bin/other";
		else if (i == 1)
			ev.sender.uid = 0;
		else
			ev.sender.unit = NULL;
		burst_feed(burst, &ev, SECOND + 200);
		ck_assert_uint_eq(out.lines, 13 + i);
	}
	/* A new interval: the pid counts again. */
	feed(burst, 700, 2, 2 * SECOND + 300);
	ck_assert_uint_eq(out.lines, 17);
	feed(burst, 701, 2, 2 * SECOND + 301);
	feed(burst, 702, 2, 2 * SECOND + 302);
	feed(burst, 703, 2, 2 * SECOND + 303);
	ck_assert_uint_eq(out.lines, 20);
	burst_flush(burst);
	ck_assert_uint_eq(out.events, 107);
	burst_free(burst);
}
END_TEST

START_TEST(burst_limit_0_and_other_kinds_pass)
{
	struct out out;
	struct burst *burst = fresh(&out, 0, SECOND, 1);
	struct burst_limits limits = { 1, SECOND, 100 };
	struct signal_event ev;

	for (int i = 0; i < 50; i++)
		feed(burst, 1, 2, 5);
	ck_assert_uint_eq(out.lines, 50);
	burst_set_limits(burst, &limits);
	event_init(&ev, EVENT_DEATH, 5);
	burst_feed(burst, &ev, 5);
	burst_feed(burst, &ev, 5);
	event_init_trail(&ev, TRAIL_RULES, 5);
	burst_feed(burst, &ev, 5);
	burst_feed(burst, &ev, 5);
	ck_assert_uint_eq(out.lines, 54);
	feed(burst, 1, 2, 5);
	feed(burst, 1, 2, 5);
	ck_assert_uint_eq(out.lines, 55);
	burst_free(burst);
}
END_TEST

START_TEST(burst_evicts_the_oldest_of_8192_keys_with_its_line)
{
	struct out out;
	struct burst *burst = fresh(&out, 1, SECOND, 1000000);

	feed(burst, 0, 2, 5);
	feed(burst, 0, 2, 6);
	feed(burst, 0, 2, 7);
	for (int i = 1; i < 8192; i++)
		feed(burst, i, 2, 10);
	ck_assert_uint_eq(out.lines, 8192);
	feed(burst, 8192, 3, 11);
	ck_assert_uint_eq(out.lines, 8194);
	ck_assert_int_eq(out.last.sender.pid, 0);
	ck_assert_int_eq(out.last.repeated, 1);
	ck_assert_int_eq(out.last.since_usec, 6);
	/* The second is still there, the first begins anew. */
	feed(burst, 1, 2, 12);
	ck_assert_uint_eq(out.lines, 8194);
	feed(burst, 0, 2, 12);
	ck_assert_uint_eq(out.lines, 8196);
	ck_assert_int_eq(out.last.sender.pid, 1);
	burst_flush(burst);
	ck_assert_uint_eq(out.events, 8197);
	burst_free(burst);
}
END_TEST

START_TEST(burst_bounds_the_memory_of_what_it_holds_back)
{
	static char args[100000];
	struct out out;
	struct burst *burst = fresh(&out, 1, SECOND, 1000000);
	struct signal_event ev;

	memset(args, 'a', sizeof(args));
	for (int i = 0; i < 2000; i++) {
		ev = sample(i, 2, 5);
		ev.sender.cmdline = (struct bytes){ args, sizeof(args) };
		burst_feed(burst, &ev, 5);
		burst_feed(burst, &ev, 5);
	}
	/* 16 MiB hold at most 167 such events; the others had to go out. */
	ck_assert_uint_gt(out.lines, 2000 + 2000 - 168);
	burst_flush(burst);
	ck_assert_uint_eq(out.events, 4000);
	burst_free(burst);
}
END_TEST

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

START_TEST(burst_hands_events_on_when_memory_fails)
{
	static char args[4000];
	struct out out;
	struct burst *burst = fresh(&out, 1, SECOND, 1000000);
	struct rlimit limit = { 0, 0 };
	struct signal_event ev;

	/* A sanitizer's allocator can't live with such a limit. */
	if (SANITIZED) {
		burst_free(burst);
		return;
	}
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	memset(args, 'a', sizeof(args));
	for (int i = 0; i < 4000; i++) {
		ev = sample(i, 2, 5);
		ev.sender.cmdline = (struct bytes){ args, sizeof(args) };
		for (int j = 0; j < 3; j++)
			burst_feed(burst, &ev, 5);
	}
	/* With memory, at most 8,000 and those evicted; here nearly all. */
	ck_assert_uint_gt(out.lines, 11000);
	burst_flush(burst);
	ck_assert_uint_eq(out.events, 12000);
	burst_free(burst);
}
END_TEST

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Feeds a random stream; each event must be a line or in a count, target by target. */
static void run_random(uint32_t seed)
{
	uint32_t state = seed * 2654435761u + 1;
	uint64_t limit = next_random(&state) % 5;
	int64_t interval = 1 + next_random(&state) % 2000;
	uint64_t total = 1 + next_random(&state) % 200;
	uint32_t senders = 1 + next_random(&state) % 20000;
	uint64_t fed[PIDS] = { 0 };
	struct out out;
	struct burst *burst = fresh(&out, limit, interval, total);
	int64_t now = next_random(&state) % 10000;

	for (int i = 0; i < 20000; i++) {
		uint32_t target = next_random(&state) % PIDS;
		struct signal_event ev =
			sample(next_random(&state) % senders, target, 1000000 + now);

		ev.time_usec -= next_random(&state) % 3;
		ev.sender.exe = next_random(&state) % 4 ? "/usr/bin/kill" : NULL;
		burst_feed(burst, &ev, now);
		fed[target]++;
		now += next_random(&state) % 8 ? 0 : next_random(&state) % 50;
		if (next_random(&state) % 16 == 0) {
			burst_expire(burst, now);
			ck_assert_int_gt(burst_deadline(burst), now);
		}
		if (next_random(&state) % 5000 == 0)
			burst_flush(burst);
	}
	burst_expire(burst, now + interval);
	ck_assert_int_eq(burst_deadline(burst), INT64_MAX);
	ck_assert_uint_eq(out.events, 20000);
	for (int i = 0; i < PIDS; i++)
		ck_assert_uint_eq(out.of_target[i], fed[i]);
	burst_free(burst);
}

START_TEST(burst_counts_every_event_of_random_streams)
{
	for (uint32_t seed = 1; seed <= 60; seed++)
		run_random(seed);
}
END_TEST

SUITE("burst", burst_gives_lines_up_to_the_limit_then_one_with_the_count,
      burst_of_one_held_back_event_is_a_plain_line, burst_key_goes_with_its_window,
      burst_has_no_deadline_while_nothing_is_held_back,
      burst_key_is_all_that_the_contract_names, burst_copies_all_that_it_holds_back,
      burst_holds_back_unknown_strings_as_unknown,
      burst_takes_the_sender_pid_out_of_the_key_above_the_total,
      burst_limit_0_and_other_kinds_pass,
      burst_evicts_the_oldest_of_8192_keys_with_its_line,
      burst_bounds_the_memory_of_what_it_holds_back,
      burst_hands_events_on_when_memory_fails, burst_counts_every_event_of_random_streams)
