/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way of an event through the core, by senders and to targets that change each time:
 * in the steady state nothing is allocated. The linker leads all of the core's
 * allocations here
 * (--wrap). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/burst.h"
#include "core/decode.h"
#include "core/json.h"
#include "core/native.h"
#include "core/notes.h"
#include "core/record.h"
#include "core/text.h"
#include "suite.h"

/* Until every list and table has its size: of those with a bound, 1,024 events at least.
 */
#define WARM_EVENTS   6000
#define EVENTS	      3000
#define EVENT_USEC    2000
#define PIDS	      5000
#define BURST_SECONDS 5

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);
char *__wrap_strdup(const char *s);

static size_t allocations;

/* Check allocates, too, at each assertion: on the way what went wrong is counted. */
static size_t wrong;

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	allocations++;
	return __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
	allocations++;
	return __real_reallocarray(old, n, size);
}

char *__wrap_strdup(const char *s)
{
	allocations++;
	return __real_strdup(s);
}

/* The way, as trail/pipeline has it, into all three forms. */
static struct join *join;
static struct decode *decode;
static struct notes *notes;
static struct burst *burst;
static struct native_memo *memo;
static struct buffer json, text, native, room;
static int64_t now_usec = 1000000000;
static size_t lines;

static void on_line(const struct signal_event *ev, void *userdata)
{
	lines++;
	buffer_reset(&json);
	buffer_reset(&text);
	buffer_reset(&native);
	buffer_reset(&room);
	text_line(&text, ev);
	wrong += json_line(&json, ev) < 0 || native_entry(&native, &room, memo, ev) < 0 ||
		 text.failed;
}

static void on_event(struct signal_event *ev, void *userdata)
{
	const struct note_facts facts = { .number_start_usec = NUMBER_ABSENT };

	ev->sender.start_usec = now_usec - 1000;
	ev->target.start_usec = now_usec - 2000;
	ev->sender.unit = "cron.service";
	ev->target.unit = "nginx.service";
	if (ev->kind == EVENT_SIGNAL)
		notes_add(notes, ev, &facts);
	burst_feed(burst, ev, now_usec);
}

static void on_joined(const struct joined *joined, void *userdata)
{
	wrong += decode_event(decode, joined) < 0;
}

static void on_incomplete(int64_t time_usec, uint64_t serial, void *userdata)
{
	wrong++;
}

static void setup(void)
{
	const struct burst_limits limits = { 5, BURST_SECONDS * 1000000, 1000000 };

	ck_assert_int_eq(join_new(&join, JOIN_LIVE, on_joined, on_incomplete, NULL), 0);
	ck_assert_int_eq(decode_new(&decode, NULL, on_event, NULL), 0);
	ck_assert_int_eq(notes_new(&notes), 0);
	ck_assert_int_eq(burst_new(&burst, &limits, 1, on_line, NULL), 0);
	ck_assert_int_eq(native_memo_new(&memo), 0);
}

static void teardown(void)
{
	join_free(join);
	decode_free(decode);
	notes_free(notes);
	burst_free(burst);
	native_memo_free(memo);
	buffer_free(&json);
	buffer_free(&text);
	buffer_free(&native);
	buffer_free(&room);
}

static void feed(const char *type, int serial, const char *body)
{
	struct record record;
	char line[1024];
	int len = snprintf(line, sizeof(line), "type=%s msg=audit(1795312499.510:%d): %s",
			   type, serial, body);

	wrong += record_parse_line(line, (size_t)len, &record) < 0 ||
		 join_feed(join, &record, now_usec) < 0;
}

static void feed_syscall(int serial, int nr, int pid, int target)
{
	char body[512];

	snprintf(
		body, sizeof(body),
		"arch=c000003e syscall=%d success=yes exit=0 a0=%x a1=f a2=0 a3=0 "
		"items=0 "
		"ppid=1 pid=%d auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 "
		"fsgid=0 tty=pts0 ses=3 comm=\"kill\" exe=\"/usr/bin/kill\" "
		"key=\"sigtrail\"",
		nr, target, pid);
	feed("SYSCALL", serial, body);
}

/* An event of another owner's rule, and two of ours whose records are mixed, as two
 * processors send them. */
static void feed_events(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		static int serial = 1;
		int pid = 10000 + serial % PIDS, target = 20000 + serial % PIDS;
		char obj_pid[2][128];

		for (int k = 0; k < 2; k++)
			snprintf(obj_pid[k], sizeof(obj_pid[k]),
				 "opid=%d oauid=-1 ouid=0 oses=-1 ocomm=\"nginx\"",
				 target + k);
		feed_syscall(serial, 59, pid, 0);
		feed("EOE", serial, "");
		feed_syscall(serial + 1, 62, pid, target);
		feed_syscall(serial + 2, 62, pid + 1, target + 1);
		feed("OBJ_PID", serial + 1, obj_pid[0]);
		feed("OBJ_PID", serial + 2, obj_pid[1]);
		feed("PROCTITLE", serial + 1, "proctitle=\"kill\"");
		feed("PROCTITLE", serial + 2, "proctitle=\"kill\"");
		feed("EOE", serial + 1, "");
		feed("EOE", serial + 2, "");
		serial += 3;
		now_usec += EVENT_USEC;
		join_expire(join, now_usec);
		burst_expire(burst, now_usec);
	}
}

START_TEST(an_event_allocates_nothing_in_the_steady_state)
{
	size_t warm, steady;

	setup();
	feed_events(WARM_EVENTS);
	warm = allocations;
	lines = 0;
	feed_events(EVENTS);
	steady = allocations - warm;
	teardown();
	ck_assert_uint_gt(warm, 0);
	ck_assert_uint_eq(steady, 0);
	ck_assert_uint_eq(lines, 2 * EVENTS);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

SUITE("steady", an_event_allocates_nothing_in_the_steady_state)
