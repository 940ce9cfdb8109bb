/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "records.h"
#include "suite.h"

static struct decode *decode;
static size_t n_events;
static struct signal_event last;
static char comm[64], exe[128], thread[64];
static int64_t pids[8];

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "<absent>");
}

static void on_event(struct signal_event *ev, void *userdata)
{
	if (n_events < 8)
		pids[n_events] = ev->target.pid;
	n_events++;
	last = *ev;
	copy(comm, sizeof(comm),
	     ev->kind == EVENT_DEATH ? ev->target.comm : ev->sender.comm);
	copy(exe, sizeof(exe), ev->sender.exe);
	copy(thread, sizeof(thread), ev->target.thread);
}

static void setup(void)
{
	ck_assert_int_eq(decode_new(&decode, NULL, on_event, NULL), 0);
	n_events = 0;
}

static void teardown(void)
{
	decode_free(decode);
}

static int run(const char *syscall, const char *proctitle, size_t n,
	       const struct bytes *objs)
{
	struct joined j = {
		.sec = TIME_SEC,
		.msec = 487,
		.serial = 5,
		.syscall = bytes_of(syscall),
		.proctitle = bytes_of(proctitle),
		.obj_pids = objs,
		.n_obj_pids = n,
		.n_targets = n,
	};

	return decode_event(decode, &j);
}

/* A SYSCALL body with these fields in front. */
#define CALL(arch, nr, result, a0, a1, a2, a3)                                           \
	"arch=" arch " syscall=" nr " " result " a0=" a0 " a1=" a1 " a2=" a2 " a3=" a3   \
	" items=0 ppid=1478 pid=1776 auid=1000 uid=33 gid=34 euid=0 suid=0 fsuid=0 "     \
	"egid=0 "                                                                        \
	"sgid=0 fsgid=0 tty=pts1 ses=3 comm=\"sig\" exe=\"/opt/demo/sig\" key=\"other\""

static const struct bytes obj[] = { { OBJ_PID_1777, sizeof(OBJ_PID_1777) - 1 } };

START_TEST(decode_reads_a_kill)
{
	setup();
	ck_assert_int_eq(
		run(CALL("c000003e", "62", "success=yes exit=0", "6f1", "f", "0", "0"),
		    PROCTITLE, 1, obj),
		0);
	ck_assert_uint_eq(n_events, 1);
	ck_assert_int_eq(last.time_usec, TIME_SEC * INT64_C(1000000) + 487000);
	ck_assert_int_eq(last.serial, 5);
	ck_assert_str_eq(last.call->name, "kill");
	ck_assert_str_eq(last.arch->name, "x86_64");
	ck_assert_int_eq(last.result, 0);
	ck_assert_int_eq(last.signo, 15);
	ck_assert_int_eq(last.argument, 1777);
	ck_assert_int_eq(last.scope, SCOPE_PROCESS);
	ck_assert_int_eq(last.targets, 1);
	ck_assert_int_eq(last.index, 1);
	ck_assert_int_eq(last.sender.pid, 1776);
	ck_assert_int_eq(last.sender.ppid, 1478);
	ck_assert_int_eq(last.sender.auid, 1000);
	ck_assert_int_eq(last.sender.session, 3);
	ck_assert_int_eq(last.sender.uid, 33);
	ck_assert_int_eq(last.sender.gid, 34);
	ck_assert_int_eq(last.sender.euid, 0);
	ck_assert_str_eq(last.sender.tty, "pts1");
	ck_assert_str_eq(comm, "sig");
	ck_assert_str_eq(exe, "/opt/demo/sig");
	ck_assert_uint_eq(last.sender.cmdline.len, 8);
	ck_assert_int_eq(memcmp(last.sender.cmdline.data, "./sig\0-x", 8), 0);
	ck_assert(!last.sender.cmdline_cut);
	ck_assert(last.has_target);
	ck_assert_int_eq(last.target.pid, 1777);
	ck_assert_int_eq(last.target.auid, NUMBER_NULL);
	ck_assert_int_eq(last.target.session, NUMBER_NULL);
	ck_assert_int_eq(last.target.uid, 0);
	ck_assert_str_eq(thread, "sig");
	teardown();
}
END_TEST

/* Each call's signal and target arguments, both arches. */
START_TEST(decode_knows_each_call)
{
	static const struct {
		const char *syscall, *name;
		int64_t argument;
		enum scope scope;
	} cases[] = {
		{ CALL("c000003e", "200", "exit=0", "6f2", "a", "0", "0"), "tkill", 1778,
		  SCOPE_THREAD },
		{ CALL("c000003e", "234", "exit=0", "6f1", "6f2", "a", "0"), "tgkill",
		  1778, SCOPE_THREAD },
		{ CALL("c000003e", "129", "exit=0", "6f1", "a", "7ff", "7f"),
		  "rt_sigqueueinfo", 1777, SCOPE_PROCESS },
		{ CALL("c000003e", "297", "exit=0", "6f1", "6f2", "a", "7f"),
		  "rt_tgsigqueueinfo", 1778, SCOPE_THREAD },
		{ CALL("c000003e", "424", "exit=0", "5", "a", "0", "0"),
		  "pidfd_send_signal", NUMBER_NULL, SCOPE_PROCESS },
		{ CALL("c000003e", "424", "exit=0", "5", "a", "0", "1"),
		  "pidfd_send_signal", NUMBER_NULL, SCOPE_THREAD },
		{ CALL("c000003e", "424", "exit=0", "5", "a", "0", "4"),
		  "pidfd_send_signal", NUMBER_NULL, SCOPE_GROUP },
		{ CALL("40000003", "37", "exit=0", "fffff903", "a", "0", "0"), "kill",
		  -1789, SCOPE_GROUP },
		{ CALL("c000003e", "62", "exit=0", "ffffffffffffffff", "a", "0", "0"),
		  "kill", -1, SCOPE_ALL },
		{ CALL("c000003e", "62", "exit=0", "0", "a", "0", "0"), "kill", 0,
		  SCOPE_GROUP },
		{ CALL("40000003", "270", "exit=0", "6f1", "6f2", "a", "0"), "tgkill",
		  1778, SCOPE_THREAD },
		{ CALL("40000003", "424", "exit=0", "5", "a", "0", "0"),
		  "pidfd_send_signal", NUMBER_NULL, SCOPE_PROCESS },
	};

	setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(run(cases[i].syscall, NULL, 1, obj), 0);
		ck_assert_uint_eq(n_events, i + 1);
		ck_assert_str_eq(last.call->name, cases[i].name);
		ck_assert_int_eq(last.signo, 10);
		ck_assert_int_eq(last.argument, cases[i].argument);
		ck_assert_int_eq(last.scope, cases[i].scope);
	}
	teardown();
}
END_TEST

START_TEST(decode_reads_failures_and_missing_results)
{
	setup();
	ck_assert_int_eq(
		run(CALL("c000003e", "62", "success=no exit=-3", "f423f", "f", "0", "0"),
		    NULL, 0, NULL),
		0);
	ck_assert_int_eq(last.result, ESRCH);
	ck_assert(!last.has_target);
	ck_assert_int_eq(last.targets, NUMBER_ABSENT);
	ck_assert_int_eq(
		run(CALL("c000003e", "62", "x=y", "1", "f", "0", "0"), NULL, 1, obj), 0);
	ck_assert_int_eq(last.result, NUMBER_ABSENT);
	ck_assert_uint_eq(n_events, 2);
	teardown();
}
END_TEST

START_TEST(decode_calls_for_each_of_many_targets_in_order)
{
	struct bytes *objs = calloc(1000, sizeof(*objs));
	char(*text)[96] = calloc(1000, sizeof(*text));

	setup();
	for (int i = 0; i < 1000; i++) {
		sprintf(text[i], "opid=%d oauid=7 ouid=8 oses=9 ocomm=\"t%d\"", i + 100,
			i);
		objs[i] = bytes_of(text[i]);
	}
	ck_assert_int_eq(run(CALL("c000003e", "62", "exit=0", "ffffffff", "9", "0", "0"),
			     PROCTITLE, 1000, objs),
			 0);
	ck_assert_uint_eq(n_events, 1000);
	ck_assert_int_eq(pids[0], 100);
	ck_assert_int_eq(pids[7], 107);
	ck_assert_int_eq(last.target.pid, 1099);
	ck_assert_str_eq(thread, "t999");
	ck_assert_int_eq(last.index, 1000);
	ck_assert_int_eq(last.targets, 1000);
	/* What the first slice said of the sender holds in the last one. */
	ck_assert_str_eq(comm, "sig");
	ck_assert_uint_eq(last.sender.cmdline.len, 8);
	free(objs);
	free(text);
	teardown();
}
END_TEST

START_TEST(decode_reads_hostile_names_byte_by_byte)
{
	/* "\x1b[31m x\n" and a name that ends in a lone quote's hex */
	struct bytes objs[] = {
		bytes_of("opid=7 oauid=1 ouid=1 oses=1 ocomm=1B5B33316D20780A"),
	};

	setup();
	ck_assert_int_eq(
		run("arch=c000003e syscall=62 success=yes exit=0 a0=7 a1=9 a2=0 a3=0 "
		    "items=0 ppid=1 pid=2 auid=0 uid=0 gid=0 euid=0 tty=(none) ses=1 "
		    "comm=2922206465 exe=2F746D702F610A62 key=(null)",
		    "proctitle=(null)", 1, objs),
		0);
	ck_assert_str_eq(comm, ")\" de");
	ck_assert_str_eq(exe, "/tmp/a\nb");
	ck_assert_str_eq(thread, "\x1b[31m x\n");
	ck_assert_ptr_null(last.sender.tty);
	ck_assert_ptr_null(last.sender.cmdline.data);
	teardown();
}
END_TEST

START_TEST(decode_says_when_a_proctitle_is_cut)
{
	char title[300] = "proctitle=";

	setup();
	for (int i = 0; i < 128; i++)
		strcat(title, "41");
	ck_assert_int_eq(run(SYSCALL_62, title, 1, obj), 0);
	ck_assert_uint_eq(last.sender.cmdline.len, 128);
	ck_assert(last.sender.cmdline_cut);
	teardown();
}
END_TEST

static int run_death(uint16_t type, const char *body)
{
	struct joined j = {
		.sec = 1, .serial = 1, .death = bytes_of(body), .death_type = type
	};

	return decode_event(decode, &j);
}

START_TEST(decode_reads_deaths)
{
	setup();
	ck_assert_int_eq(run_death(AUDIT_ANOM_ABEND,
				   "auid=4294967295 uid=0 gid=0 "
				   "ses=4294967295 pid=1782 comm=\"sig\" "
				   "exe=\"/opt/demo/sig\" sig=11 res=1"),
			 0);
	ck_assert_int_eq(last.kind, EVENT_DEATH);
	ck_assert_int_eq(last.signo, 11);
	ck_assert_int_eq(last.target.pid, 1782);
	ck_assert_str_eq(comm, "sig");
	ck_assert_str_eq(last.reason, "core dump");
	ck_assert_int_eq(run_death(AUDIT_SECCOMP,
				   "auid=0 uid=0 gid=0 ses=1 pid=9 comm=\"s\" exe=\"/s\" "
				   "sig=31 arch=c000003e syscall=39 compat=0 ip=0x7f "
				   "code=0x80000000"),
			 0);
	ck_assert_uint_eq(n_events, 2);
	ck_assert_int_eq(last.signo, 31);
	ck_assert_str_eq(last.reason, "seccomp");
	ck_assert_ptr_null(last.arch);
	/* Refused, not killed. */
	ck_assert_int_eq(
		run_death(AUDIT_SECCOMP,
			  "auid=0 uid=0 gid=0 ses=1 pid=9 comm=\"s\" exe=\"/s\" sig=0 "
			  "arch=c000003e syscall=39 compat=0 ip=0x7f code=0x50000"),
		0);
	ck_assert_uint_eq(n_events, 2);
	teardown();
}
END_TEST

/* A kill with these in the places of exit, a0, a1. */
static void run_odd(const char *result, const char *a0, const char *a1)
{
	char body[256];

	snprintf(body, sizeof(body),
		 "arch=c000003e syscall=62 success=no exit=%s a0=%s a1=%s a2=0 a3=0 "
		 "ppid=1 pid=2 uid=0 comm=\"x\" exe=\"/x\"",
		 result, a0, a1);
	ck_assert_int_eq(run(body, NULL, 0, NULL), 0);
}

START_TEST(decode_leaves_out_numbers_that_are_none)
{
	setup();
	run_odd("-9999999999999999999", "5", "f");
	ck_assert_int_eq(last.result, NUMBER_ABSENT);
	run_odd("x", "5", "f");
	ck_assert_int_eq(last.result, NUMBER_ABSENT);
	ck_assert_int_eq(last.argument, 5);
	run_odd("-3", "-5", "g");
	ck_assert_int_eq(last.result, 3);
	ck_assert_int_eq(last.signo, NUMBER_ABSENT);
	ck_assert_int_eq(last.argument, NUMBER_ABSENT);
	ck_assert_int_eq(last.scope, SCOPE_UNKNOWN);
	run_odd("-3", "10000000000000005", "f");
	ck_assert_int_eq(last.argument, NUMBER_ABSENT);
	ck_assert_int_eq(last.signo, 15);
	teardown();
}
END_TEST

START_TEST(decode_tells_no_end_of_a_thread_as_a_death)
{
	setup();
	ck_assert_int_eq(run_death(AUDIT_SECCOMP, "pid=9 comm=\"s\" sig=31 code=0x0"), 0);
	ck_assert_uint_eq(n_events, 0);
	/* It was the last thread, after all. */
	ck_assert_int_eq(run_death(AUDIT_ANOM_ABEND, "pid=9 comm=\"s\" sig=31 res=1"), 0);
	ck_assert_uint_eq(n_events, 1);
	ck_assert_str_eq(last.reason, "seccomp");
	teardown();
}
END_TEST

START_TEST(decode_tells_a_death_by_seccomp_once)
{
	static const char *const aborts[] = { "pid=9 comm=\"s\" sig=31 res=1",
					      "pid=8 comm=\"s\" sig=31 res=1",
					      "pid=9 comm=\"s\" sig=6 res=1" };

	setup();
	ck_assert_int_eq(
		run_death(AUDIT_SECCOMP, "pid=9 comm=\"s\" sig=31 code=0x80000000"), 0);
	ck_assert_uint_eq(n_events, 1);
	ck_assert_str_eq(last.reason, "seccomp");
	ck_assert_int_eq(run_death(AUDIT_ANOM_ABEND, aborts[0]), 0);
	ck_assert_uint_eq(n_events, 1);
	/* Another process, and another signal. */
	ck_assert_int_eq(run_death(AUDIT_ANOM_ABEND, aborts[1]), 0);
	ck_assert_int_eq(run_death(AUDIT_ANOM_ABEND, aborts[2]), 0);
	ck_assert_uint_eq(n_events, 3);
	teardown();
}
END_TEST

START_TEST(decode_refuses_what_it_can_not_read_and_goes_on)
{
	static const char *const bad[] = {
		"arch=c000003e syscall=59 exit=0 a0=1 a1=2 a2=3 a3=4 pid=1",
		"arch=deadbeef syscall=62 exit=0 a0=1 a1=2 a2=3 a3=4 pid=1",
		"x",
		"arch= syscall= a0= a1=",
	};

	setup();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(run(bad[i], NULL, 1, obj), -EBADMSG);
	ck_assert_uint_eq(n_events, 0);
	ck_assert_int_eq(run(SYSCALL_62, NULL, 1, obj), 0);
	ck_assert_uint_eq(n_events, 1);
	teardown();
}
END_TEST

SUITE("decode", decode_reads_a_kill, decode_knows_each_call,
      decode_reads_failures_and_missing_results,
      decode_calls_for_each_of_many_targets_in_order,
      decode_reads_hostile_names_byte_by_byte, decode_says_when_a_proctitle_is_cut,
      decode_reads_deaths, decode_leaves_out_numbers_that_are_none,
      decode_tells_a_death_by_seccomp_once, decode_tells_no_end_of_a_thread_as_a_death,
      decode_refuses_what_it_can_not_read_and_goes_on)
