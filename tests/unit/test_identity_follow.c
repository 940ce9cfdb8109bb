/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/identity.h"

#include <time.h>

#include "fakeproc.h"
#include "suite.h"

#define SECOND	INT64_C(1000000)
#define SERVICE "0::/system.slice/%s.service\n"

static const struct sigcall call_kill = { "kill", 1, 0, SIGCALL_BY_PID };

struct fixture {
	struct fakeproc proc;
	struct identity *identity;
	int64_t time_usec;  /* of all messages; 0: now */
	int64_t ahead_usec; /* of now, the signal's time */
};

static int64_t clock_usec(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

static void set_cgroup(struct fixture *f, int pid, const char *unit)
{
	char text[128];

	snprintf(text, sizeof(text), SERVICE, unit);
	fakeproc_text(&f->proc, pid, "cgroup", text);
}

/* A process that /proc shows. */
static void show(struct fixture *f, int pid, const char *comm, const char *exe,
		 const char *unit)
{
	char name[32];

	fakeproc_process(&f->proc, pid, comm, exe);
	snprintf(name, sizeof(name), "%s\n", comm);
	fakeproc_text(&f->proc, pid, "comm", name);
	fakeproc_text(&f->proc, pid, "cmdline", comm);
	set_cgroup(f, pid, unit);
}

static void vanish(struct fixture *f, int pid)
{
	static const char *const names[] = { "stat",	"exe",	  "comm",
					     "cmdline", "cgroup", "status" };
	char path[16];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		fakeproc_remove(&f->proc, pid, names[i]);
	snprintf(path, sizeof(path), "%d", pid);
	unlinkat(f->proc.fd, path, AT_REMOVEDIR);
}

static void tell(struct fixture *f, enum connmsg_kind kind, int pid, int ppid)
{
	struct connmsg msg = { .kind = kind,
			       .pid = pid,
			       .ppid = ppid,
			       .time_usec = f->time_usec ? f->time_usec
							 : clock_usec(CLOCK_MONOTONIC) };

	identity_message(f->identity, &msg);
}

/* 77 is there from the start; it forks all others. */
static void set_up(struct fixture *f)
{
	f->time_usec = f->ahead_usec = 0;
	fakeproc_new(&f->proc);
	show(f, 77, "sh", "/usr/bin/sh", "shell");
	ck_assert_int_eq(identity_new(&f->identity, f->proc.fd), 0);
	ck_assert_int_eq(identity_follow(f->identity, NULL, 60 * SECOND, 1000), 0);
	identity_scan(f->identity);
}

static void tear_down(struct fixture *f)
{
	identity_free(f->identity);
	fakeproc_free(&f->proc);
}

static void run(struct fixture *f, int pid, const char *comm, const char *exe,
		const char *unit)
{
	tell(f, CONNMSG_FORK, pid, 77);
	show(f, pid, comm, exe, unit);
	tell(f, CONNMSG_EXEC, pid, 0);
}

static void end(struct fixture *f, int pid)
{
	vanish(f, pid);
	tell(f, CONNMSG_EXIT, pid, 0);
}

/* Long enough for who waits to be read. */
static void let_turns_pass(struct fixture *f)
{
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(identity_read(f->identity), 0);
}

/* A kill that was recorded now. */
static struct signal_event describe(struct fixture *f, int sender, const char *comm,
				    const char *exe, int target, const char *ocomm)
{
	struct signal_event ev;
	int64_t now = clock_usec(CLOCK_REALTIME);

	event_init(&ev, EVENT_SIGNAL, now + f->ahead_usec);
	ev.call = &call_kill;
	ev.scope = SCOPE_PROCESS;
	ev.argument = target;
	ev.sender.pid = sender;
	ev.sender.comm = comm;
	ev.sender.exe = exe;
	ev.has_target = true;
	ev.target.pid = target;
	ev.target.thread = ocomm;
	identity_begin_batch(f->identity, now, clock_usec(CLOCK_BOOTTIME));
	identity_describe(f->identity, &ev);
	return ev;
}

static void wait_ms(int ms)
{
	usleep((useconds_t)ms * 1000);
}

START_TEST(follow_knows_both_ends_when_both_are_gone)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	run(&f, 20, "java", "/usr/bin/java", "tomcat");
	run(&f, 30, "kill", "/usr/bin/kill", "cron");
	let_turns_pass(&f);
	end(&f, 20);
	end(&f, 30);
	ev = describe(&f, 30, "kill", "/usr/bin/kill", 20, "java");
	ck_assert_str_eq(ev.sender.unit, "cron.service");
	ck_assert_mem_eq(ev.sender.cmdline.data, "kill", 4);
	ck_assert_str_eq(ev.target.comm, "java");
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	ck_assert_mem_eq(ev.target.cmdline.data, "java", 4);
	ck_assert_str_eq(ev.target.unit, "tomcat.service");
	ck_assert_str_eq(ev.target.slice, "system.slice");
	ck_assert_uint_eq(ev.sender.ancestry.n, 1);
	ck_assert_uint_eq(ev.target.ancestry.n, 1);
	ck_assert_int_eq(ev.target.ancestry.of[0].pid, 77);
	ck_assert_str_eq(ev.target.ancestry.of[0].comm, "sh");
	ck_assert_str_eq(ev.target.ancestry.of[0].exe, "/usr/bin/sh");
	ck_assert_str_eq(ev.target.ancestry.of[0].unit, "shell.service");
	tear_down(&f);
}
END_TEST

START_TEST(follow_reads_a_command_line_a_turn_later)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	run(&f, 20, "java", "/usr/bin/java", "tomcat");
	ck_assert_int_eq(identity_read(f.identity), 0);
	ck_assert(identity_waits(f.identity));
	end(&f, 20);
	ev = describe(&f, 77, "sh", "/usr/bin/sh", 20, "java");
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	ck_assert_str_eq(ev.target.comm, "java");
	ck_assert_str_eq(ev.target.unit, "tomcat.service");
	ck_assert_uint_eq(ev.target.cmdline.len, 0);
	ck_assert(!identity_waits(f.identity));
	tear_down(&f);
}
END_TEST

START_TEST(follow_tells_no_event_before_the_command_line_is_read)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	run(&f, 20, "java", "/usr/bin/java", "tomcat");
	ev = describe(&f, 77, "sh", "/usr/bin/sh", 20, "java");
	ck_assert_mem_eq(ev.target.cmdline.data, "java", 4);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	tear_down(&f);
}
END_TEST

START_TEST(follow_reads_all_of_many_execs_at_once)
{
	struct fixture f;

	set_up(&f);
	for (int pid = 100; pid < 300; pid++)
		run(&f, pid, "java", "/usr/bin/java", "tomcat");
	let_turns_pass(&f);
	for (int pid = 100; pid < 300; pid++) {
		struct signal_event ev;

		end(&f, pid);
		ev = describe(&f, 77, "sh", "/usr/bin/sh", pid, "java");
		ck_assert_uint_eq(ev.target.cmdline.len, 4);
	}
	tear_down(&f);
}
END_TEST

START_TEST(follow_never_gives_the_parents_image_to_who_died_at_its_exec)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	tell(&f, CONNMSG_FORK, 20, 77);
	tell(&f, CONNMSG_EXEC, 20, 0);
	tell(&f, CONNMSG_EXIT, 20, 0);
	ev = describe(&f, 77, "sh", "/usr/bin/sh", 20, "java");
	ck_assert_ptr_null(ev.target.exe);
	ck_assert_uint_eq(ev.target.cmdline.len, 0);
	ck_assert_str_eq(ev.target.comm, "java");
	/* Its place and line are its parent's doing. */
	ck_assert_str_eq(ev.target.unit, "shell.service");
	ck_assert_uint_eq(ev.target.ancestry.n, 1);
	tear_down(&f);
}
END_TEST

START_TEST(follow_gives_a_forks_cgroup_only_where_the_parent_moves_nobody)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	run(&f, 20, "java", "/usr/bin/java", "tomcat");
	tell(&f, CONNMSG_FORK, 21, 77);
	tell(&f, CONNMSG_EXIT, 21, 0);
	ev = describe(&f, 77, "sh", "/usr/bin/sh", 21, "sh");
	ck_assert_ptr_null(ev.target.unit);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/sh");
	tear_down(&f);
}
END_TEST

START_TEST(follow_sees_that_a_parent_has_moved_itself)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	/* A login: the session's leader moves, then it starts its programs. */
	set_cgroup(&f, 77, "session");
	run(&f, 20, "bash", "/usr/bin/bash", "session");
	tell(&f, CONNMSG_FORK, 21, 77);
	tell(&f, CONNMSG_EXIT, 21, 0);
	ev = describe(&f, 20, "bash", "/usr/bin/bash", 21, "sh");
	ck_assert_str_eq(ev.sender.unit, "session.service");
	ck_assert_str_eq(ev.sender.ancestry.of[0].unit, "session.service");
	ck_assert_str_eq(ev.target.unit, "session.service");
	tear_down(&f);
}
END_TEST

START_TEST(follow_looks_again_at_the_living)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	/* No exec: it has its parent's image, and its own command line by now. */
	tell(&f, CONNMSG_FORK, 20, 77);
	show(&f, 20, "sh", "/usr/bin/sh", "worker");
	fakeproc_text(&f.proc, 20, "cmdline", "sh: worker 3");
	fakeproc_text(&f.proc, 20, "status", "NSpid:\t20\t3\n");
	ev = describe(&f, 77, "sh", "/usr/bin/sh", 20, "sh");
	ck_assert_str_eq(ev.target.unit, "worker.service");
	ck_assert_uint_eq(ev.target.cmdline.len, 12);
	ck_assert_int_eq(ev.target.namespace_pid, 3);
	/* What may have changed, when some time has passed. */
	set_cgroup(&f, 20, "moved");
	wait_ms(120);
	ev = describe(&f, 77, "sh", "/usr/bin/sh", 20, "sh");
	ck_assert_str_eq(ev.target.unit, "moved.service");
	/* One that nobody told of. */
	show(&f, 40, "late", "/usr/bin/late", "late");
	ev = describe(&f, 77, "sh", "/usr/bin/sh", 40, "late");
	ck_assert_str_eq(ev.target.exe, "/usr/bin/late");
	ck_assert_int_eq(ev.target.ancestry.of[0].pid, 77);
	tear_down(&f);
}
END_TEST

START_TEST(follow_takes_no_place_from_one_that_is_exiting)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	run(&f, 20, "java", "/usr/bin/java", "tomcat");
	wait_ms(120);
	/* As cgroup v1 shows it. */
	fakeproc_stat(&f.proc, 20, "java", 'Z', 500, 0);
	fakeproc_text(&f.proc, 20, "cgroup", "1:name=systemd:/\n");
	ev = describe(&f, 77, "sh", "/usr/bin/sh", 20, "java");
	ck_assert_str_eq(ev.target.unit, "tomcat.service");
	tear_down(&f);
}
END_TEST

START_TEST(follow_keeps_the_two_that_had_one_number_apart)
{
	struct signal_event first, second;
	struct fixture f;
	int64_t then;

	set_up(&f);
	run(&f, 20, "old", "/usr/bin/old", "a");
	wait_ms(5);
	end(&f, 20);
	then = clock_usec(CLOCK_REALTIME);
	wait_ms(30);
	run(&f, 20, "new", "/usr/bin/new", "b");
	wait_ms(30);
	second = describe(&f, 77, "sh", "/usr/bin/sh", 20, "new");
	ck_assert_str_eq(second.target.exe, "/usr/bin/new");
	ck_assert_str_eq(second.target.unit, "b.service");
	/* An event of the first that comes late. */
	event_init(&first, EVENT_DEATH, then);
	first.has_target = true;
	first.target.pid = 20;
	identity_describe(f.identity, &first);
	ck_assert_str_eq(first.target.exe, "/usr/bin/old");
	ck_assert_str_eq(first.target.unit, "a.service");
	ck_assert_uint_eq(identity_counts(f.identity).ambiguous, 0);
	tear_down(&f);
}
END_TEST

START_TEST(follow_counts_what_can_not_be_told)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	/* However long this takes: the two are a moment apart, and the signal comes then.
	 */
	f.time_usec = clock_usec(CLOCK_MONOTONIC) + 2 * SECOND;
	run(&f, 20, "x", "/usr/bin/x", "a");
	end(&f, 20);
	run(&f, 20, "x", "/usr/bin/x", "b");
	f.ahead_usec = f.time_usec - clock_usec(CLOCK_MONOTONIC);
	ev = describe(&f, 77, "sh", "/usr/bin/sh", 20, "x");
	ck_assert_ptr_null(ev.target.exe);
	ck_assert_ptr_null(ev.target.unit);
	ck_assert_uint_eq(ev.target.ancestry.n, 0);
	ck_assert_str_eq(ev.target.comm, "x");
	ck_assert_uint_eq(identity_counts(f.identity).ambiguous, 1);
	tear_down(&f);
}
END_TEST

START_TEST(follow_is_bounded_and_counts_who_was_given_up)
{
	struct fixture f;

	set_up(&f);
	identity_set_limits(f.identity, 60 * SECOND, 100);
	for (int pid = 1000; pid < 2000; pid++) {
		tell(&f, CONNMSG_FORK, pid, 77);
		tell(&f, CONNMSG_EXIT, pid, 0);
	}
	ck_assert_uint_eq(identity_counts(f.identity).processes, 100);
	ck_assert_uint_eq(identity_counts(f.identity).evicted, 901);
	tear_down(&f);
}
END_TEST

START_TEST(follow_takes_odd_pids_and_other_hosts)
{
	static const int64_t pids[] = { NUMBER_ABSENT, NUMBER_NULL, 0, -5, INT64_MAX };
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
		event_init(&ev, EVENT_SIGNAL, clock_usec(CLOCK_REALTIME));
		ev.sender.pid = pids[i];
		ev.has_target = true;
		ev.target.pid = pids[i];
		identity_begin_batch(f.identity, ev.time_usec,
				     clock_usec(CLOCK_BOOTTIME));
		identity_describe(f.identity, &ev);
		ck_assert_ptr_null(ev.target.unit);
	}
	event_init(&ev, EVENT_SIGNAL, clock_usec(CLOCK_REALTIME));
	ev.sender.pid = 77;
	ev.node = "elsewhere";
	identity_describe(f.identity, &ev);
	ck_assert_ptr_null(ev.sender.unit);
	tear_down(&f);
}
END_TEST

SUITE("identity_follow", follow_knows_both_ends_when_both_are_gone,
      follow_reads_a_command_line_a_turn_later,
      follow_tells_no_event_before_the_command_line_is_read,
      follow_reads_all_of_many_execs_at_once,
      follow_never_gives_the_parents_image_to_who_died_at_its_exec,
      follow_gives_a_forks_cgroup_only_where_the_parent_moves_nobody,
      follow_sees_that_a_parent_has_moved_itself, follow_looks_again_at_the_living,
      follow_takes_no_place_from_one_that_is_exiting,
      follow_keeps_the_two_that_had_one_number_apart, follow_counts_what_can_not_be_told,
      follow_is_bounded_and_counts_who_was_given_up,
      follow_takes_odd_pids_and_other_hosts)
