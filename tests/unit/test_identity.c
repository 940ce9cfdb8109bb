/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/identity.h"

#include <limits.h>
#include <sys/wait.h>
#include <time.h>

#include "core/procparse.h"
#include "fakeproc.h"
#include "suite.h"

#define USEC_PER_SEC INT64_C(1000000)

/* The host booted at this time, and it is up for 1000 s. */
#define BOOT   (INT64_C(1700000000) * USEC_PER_SEC)
#define UPTIME (1000 * USEC_PER_SEC)
#define NOW    (BOOT + UPTIME)

static const struct sigcall call_kill = { "kill", 1, 0, SIGCALL_BY_PID };

static struct signal_event kill_of(int sender, int target)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, NOW - 1000);
	ev.call = &call_kill;
	ev.scope = SCOPE_PROCESS;
	ev.argument = target;
	ev.sender.pid = sender;
	ev.sender.comm = "bash";
	ev.sender.exe = "/usr/bin/bash";
	ev.has_target = true;
	ev.target.pid = target;
	ev.target.thread = "java";
	return ev;
}

struct fixture {
	struct fakeproc proc;
	struct identity *identity;
};

/* 10 sends, 20 receives. */
static void set_up(struct fixture *f)
{
	fakeproc_new(&f->proc);
	fakeproc_process(&f->proc, 10, "bash", "/usr/bin/bash");
	fakeproc_process(&f->proc, 20, "java", "/usr/bin/java");
	ck_assert_int_eq(identity_new(&f->identity, f->proc.fd), 0);
	identity_begin_batch(f->identity, NOW, UPTIME);
}

static void tear_down(struct fixture *f)
{
	ck_assert_ptr_null(identity_free(f->identity));
	fakeproc_free(&f->proc);
}

/* Begins a batch that much later and describes 10 killing 20 then. */
static struct signal_event describe_after(struct fixture *f, int64_t usec)
{
	struct signal_event ev = kill_of(10, 20);

	identity_begin_batch(f->identity, NOW + usec, UPTIME + usec);
	ev.time_usec = NOW + usec;
	identity_describe(f->identity, &ev);
	return ev;
}

START_TEST(identity_fills_in_both_ends)
{
	struct signal_event ev = kill_of(10, 20);
	struct fixture f;

	set_up(&f);
	identity_describe(f.identity, &ev);
	ck_assert_str_eq(ev.sender.comm, "bash");
	ck_assert_str_eq(ev.sender.unit, "tomcat.service");
	ck_assert_int_eq(ev.sender.start_usec, 5 * USEC_PER_SEC);
	ck_assert_str_eq(ev.target.comm, "java");
	ck_assert_ptr_null(ev.target.thread);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	ck_assert_uint_eq(ev.target.cmdline.len, 9);
	ck_assert_int_eq(memcmp(ev.target.cmdline.data, "java\0-jar", 9), 0);
	ck_assert_str_eq(ev.target.unit, "tomcat.service");
	ck_assert_str_eq(ev.target.slice, "system.slice");
	ck_assert_ptr_null(ev.target.user_unit);
	ck_assert_ptr_null(ev.target.container);
	ck_assert_int_eq(ev.target.namespace_pid, NUMBER_ABSENT);
	tear_down(&f);
}
END_TEST

START_TEST(identity_describes_the_own_process_from_the_real_proc)
{
	struct signal_event ev = kill_of(getpid(), getpid());
	int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char exe[PATH_MAX + 1] = "";
	struct timespec real, boot;
	struct identity *identity;

	ck_assert_int_gt(readlink("/proc/self/exe", exe, PATH_MAX), 0);
	ck_assert_int_eq(identity_new(&identity, proc_fd), 0);
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	ev.time_usec = real.tv_sec * USEC_PER_SEC + real.tv_nsec / 1000;
	identity_begin_batch(identity, ev.time_usec,
			     boot.tv_sec * USEC_PER_SEC + boot.tv_nsec / 1000);
	identity_describe(identity, &ev);
	ck_assert_str_eq(ev.target.exe, exe);
	ck_assert_int_eq(ev.target.ppid, getppid());
	ck_assert_ptr_nonnull(memmem(ev.target.cmdline.data, ev.target.cmdline.len,
				     "test_identity", strlen("test_identity")));
	ck_assert_int_gt(ev.target.start_usec, 0);
	ck_assert_int_eq(ev.target.start_usec, ev.sender.start_usec);
	identity_free(identity);
	close(proc_fd);
}
END_TEST

START_TEST(identity_looks_once_in_a_batch)
{
	struct signal_event ev = kill_of(10, 20);
	struct fixture f;

	set_up(&f);
	identity_describe(f.identity, &ev);
	fakeproc_stat(&f.proc, 20, "other", 'S', 600, 0x9000);
	fakeproc_exe(&f.proc, 20, "/usr/bin/other");
	fakeproc_text(&f.proc, 20, "cgroup", "0::/system.slice/other.service\n");
	ev = kill_of(20, 20);
	identity_describe(f.identity, &ev);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	ck_assert_str_eq(ev.target.comm, "java");
	ck_assert_str_eq(ev.target.unit, "tomcat.service");
	ck_assert_str_eq(ev.sender.unit, "tomcat.service");
	tear_down(&f);
}
END_TEST

START_TEST(identity_looks_once_for_a_process_that_is_not_there)
{
	struct signal_event ev = kill_of(10, 30);
	struct fixture f;

	set_up(&f);
	identity_describe(f.identity, &ev);
	ck_assert_ptr_null(ev.target.exe);
	ck_assert_str_eq(ev.target.comm, "java");
	fakeproc_process(&f.proc, 30, "java", "/usr/bin/java");
	ev = kill_of(10, 30);
	identity_describe(f.identity, &ev);
	ck_assert_ptr_null(ev.target.exe);
	identity_begin_batch(f.identity, NOW, UPTIME);
	ev = kill_of(10, 30);
	identity_describe(f.identity, &ev);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	tear_down(&f);
}
END_TEST

START_TEST(identity_keeps_the_same_image_over_batches_and_its_cgroup_for_a_second)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	describe_after(&f, 0);
	/* Nothing of this is read while stat is the same. */
	fakeproc_exe(&f.proc, 20, "/usr/bin/other");
	fakeproc_text(&f.proc, 20, "cmdline", "other");
	fakeproc_text(&f.proc, 20, "cgroup", "0::/system.slice/other.service\n");
	ev = describe_after(&f, USEC_PER_SEC);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	ck_assert_uint_eq(ev.target.cmdline.len, 9);
	ck_assert_str_eq(ev.target.unit, "tomcat.service");
	/* The cgroup is, when it is older. */
	ev = describe_after(&f, USEC_PER_SEC + 1);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	ck_assert_uint_eq(ev.target.cmdline.len, 9);
	ck_assert_str_eq(ev.target.unit, "other.service");
	tear_down(&f);
}
END_TEST

START_TEST(identity_reads_another_image_or_name_or_process_anew)
{
	static const struct {
		const char *comm;
		unsigned long long start;
		unsigned long image;
	} changes[] = { { "java", 500, 0x9000 },
			{ "renamed", 500, 0x7000 },
			{ "java", 501, 0x7000 } };

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct signal_event ev;
		struct fixture f;

		set_up(&f);
		describe_after(&f, 0);
		fakeproc_stat(&f.proc, 20, changes[i].comm, 'S', changes[i].start,
			      changes[i].image);
		fakeproc_exe(&f.proc, 20, "/usr/bin/other");
		fakeproc_text(&f.proc, 20, "cmdline", "other");
		fakeproc_text(&f.proc, 20, "cgroup", "0::/other.service\n");
		ev = describe_after(&f, 1);
		ck_assert_str_eq(ev.target.comm, changes[i].comm);
		ck_assert_str_eq(ev.target.exe, "/usr/bin/other");
		ck_assert_uint_eq(ev.target.cmdline.len, 5);
		ck_assert_str_eq(ev.target.unit, "other.service");
		ck_assert_ptr_null(ev.target.slice);
		/* A hidden image may be another one each time. */
		fakeproc_stat(&f.proc, 20, "java", 'S', 500, PROC_IMAGE_HIDDEN);
		describe_after(&f, 2);
		fakeproc_text(&f.proc, 20, "cmdline", "another");
		ev = describe_after(&f, 3);
		ck_assert_uint_eq(ev.target.cmdline.len, 7);
		tear_down(&f);
	}
}
END_TEST

START_TEST(identity_of_a_zombie_is_what_it_was)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	describe_after(&f, 0);
	fakeproc_stat(&f.proc, 20, "java", 'Z', 500, 0);
	fakeproc_remove(&f.proc, 20, "exe");
	fakeproc_text(&f.proc, 20, "cmdline", "");
	fakeproc_text(&f.proc, 20, "cgroup", "1:name=systemd:/\n");
	ev = describe_after(&f, 2 * USEC_PER_SEC);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	ck_assert_uint_eq(ev.target.cmdline.len, 9);
	ck_assert_str_eq(ev.target.unit, "tomcat.service");
	tear_down(&f);
}
END_TEST

START_TEST(identity_forgets_who_is_gone)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	describe_after(&f, 0);
	fakeproc_remove(&f.proc, 20, "stat");
	ev = describe_after(&f, 1);
	ck_assert_ptr_null(ev.target.exe);
	ck_assert_ptr_null(ev.target.unit);
	ck_assert_int_eq(ev.target.start_usec, NUMBER_ABSENT);
	tear_down(&f);
}
END_TEST

START_TEST(identity_of_a_process_that_started_after_the_signal_adds_nothing)
{
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	/* Started 5 s after boot. */
	ev = kill_of(10, 20);
	identity_begin_batch(f.identity, BOOT + 6 * USEC_PER_SEC, 6 * USEC_PER_SEC);
	ev.time_usec = BOOT + 5 * USEC_PER_SEC - 20000;
	identity_describe(f.identity, &ev);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	ck_assert_str_eq(ev.sender.unit, "tomcat.service");
	ev = kill_of(10, 20);
	ev.time_usec = BOOT + 5 * USEC_PER_SEC - 20001;
	identity_describe(f.identity, &ev);
	ck_assert_ptr_null(ev.target.exe);
	ck_assert_ptr_null(ev.sender.unit);
	ck_assert_str_eq(ev.target.comm, "java");
	ck_assert_str_eq(ev.sender.comm, "bash");
	tear_down(&f);
}
END_TEST

START_TEST(identity_of_now_adds_nothing_to_another_time_or_host)
{
	static const int64_t ages[] = { -10 * USEC_PER_SEC - 1, -10 * USEC_PER_SEC,
					10 * USEC_PER_SEC, 10 * USEC_PER_SEC + 1 };
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	for (int i = 0; i < 4; i++) {
		ev = kill_of(10, 20);
		ev.time_usec = NOW + ages[i];
		identity_describe(f.identity, &ev);
		if (i == 1 || i == 2)
			ck_assert_str_eq(ev.target.unit, "tomcat.service");
		else
			ck_assert_ptr_null(ev.target.unit);
		ck_assert_str_eq(ev.target.comm, "java");
	}
	ev = kill_of(10, 20);
	ev.node = "elsewhere";
	identity_describe(f.identity, &ev);
	ck_assert_ptr_null(ev.target.unit);
	ck_assert_ptr_null(ev.sender.unit);
	ck_assert_str_eq(ev.target.comm, "java");
	tear_down(&f);
}
END_TEST

START_TEST(identity_tells_the_pid_namespace)
{
	struct signal_event ev = kill_of(10, 20);
	struct fixture f;

	set_up(&f);
	fakeproc_text(&f.proc, 20, "status", "NSpid:\t20\t3\n");
	ev.argument = 21;
	identity_describe(f.identity, &ev);
	ck_assert_int_eq(ev.target.namespace_pid, 3);
	ck_assert_int_eq(ev.sender.namespace_pid, NUMBER_ABSENT);
	/* The sender counts as the host does: its number is the thread's. */
	ck_assert_int_eq(ev.target.tid, 21);
	ev = kill_of(20, 10);
	ev.argument = 2;
	identity_describe(f.identity, &ev);
	ck_assert_int_eq(ev.sender.namespace_pid, 3);
	ck_assert_int_eq(ev.target.tid, NUMBER_ABSENT);
	/* Without that line it isn't certain to be the host's. */
	fakeproc_process(&f.proc, 30, "bash", "/usr/bin/bash");
	fakeproc_text(&f.proc, 30, "status", "Name:\tbash\n");
	ev = kill_of(30, 20);
	ev.argument = 21;
	identity_describe(f.identity, &ev);
	ck_assert_str_eq(ev.sender.unit, "tomcat.service");
	ck_assert_int_eq(ev.target.tid, NUMBER_ABSENT);
	tear_down(&f);
}
END_TEST

START_TEST(identity_cmdline_of_another_image_stays_out)
{
	struct signal_event ev = kill_of(10, 20);
	struct fixture f;

	set_up(&f);
	fakeproc_exe(&f.proc, 10, "/usr/bin/sleep (deleted)");
	fakeproc_exe(&f.proc, 20, "/usr/bin/java (deleted)");
	ev.sender.cmdline = bytes_of("bash");
	ev.sender.cmdline_cut = true;
	identity_describe(f.identity, &ev);
	ck_assert_str_eq(ev.sender.exe, "/usr/bin/bash");
	ck_assert_uint_eq(ev.sender.cmdline.len, 4);
	ck_assert(ev.sender.cmdline_cut);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java (deleted)");
	tear_down(&f);
}
END_TEST

START_TEST(identity_of_more_processes_than_it_remembers_stays_right)
{
	struct signal_event ev;
	struct fixture f;
	char exe[64];

	set_up(&f);
	for (int pid = 1000; pid < 1300; pid++) {
		snprintf(exe, sizeof(exe), "/usr/bin/p%d", pid);
		fakeproc_process(&f.proc, pid, "java", exe);
	}
	for (int round = 0; round < 2; round++) {
		for (int pid = 1000; pid < 1300; pid++) {
			ev = kill_of(10, pid);
			identity_describe(f.identity, &ev);
			snprintf(exe, sizeof(exe), "/usr/bin/p%d", pid);
			ck_assert_str_eq(ev.target.exe, exe);
			ck_assert_str_eq(ev.sender.unit, "tomcat.service");
		}
	}
	/* 10 was used all the time and is still remembered, 1000 isn't. */
	fakeproc_text(&f.proc, 10, "cgroup", "0::/other.service\n");
	fakeproc_text(&f.proc, 1000, "cgroup", "0::/other.service\n");
	ev = kill_of(10, 1000);
	identity_describe(f.identity, &ev);
	ck_assert_str_eq(ev.sender.unit, "tomcat.service");
	ck_assert_str_eq(ev.target.unit, "other.service");
	tear_down(&f);
}
END_TEST

/* Puts a FIFO where the cgroup of 20 is, so that reading 20 waits there for the other
 * image that this child makes; as often as told. Its pid. */
static pid_t exec_while_read(struct fixture *f, int times)
{
	char path[128];
	pid_t pid;
	int fd;

	snprintf(path, sizeof(path), "%s/20/cgroup", f->proc.path);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	pid = fork();
	if (pid != 0)
		return pid;
	/* Where nobody reads, it waits no longer than this. */
	alarm(10);
	for (int i = 1; i <= times; i++) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		fakeproc_stat(&f->proc, 20, "next", 'S', 500, 0x8000 + i);
		fakeproc_exe(&f->proc, 20, "/usr/bin/next");
		unlink(path);
		if (i < times)
			mkfifo(path, 0600);
		else
			fakeproc_text(&f->proc, 20, "cgroup", FAKEPROC_CGROUP);
		if (write(fd, "0::/\n", 5) != 5)
			_exit(1);
		close(fd);
	}
	_exit(0);
}

START_TEST(identity_of_an_exec_while_it_is_read_is_of_one_image_or_unknown)
{
	for (int times = 1; times <= 2; times++) {
		struct signal_event ev = kill_of(10, 20);
		struct fixture f;
		int status;
		pid_t pid;

		set_up(&f);
		pid = exec_while_read(&f, times);
		identity_describe(f.identity, &ev);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		if (times == 1) {
			ck_assert_str_eq(ev.target.comm, "next");
			ck_assert_str_eq(ev.target.exe, "/usr/bin/next");
			ck_assert_str_eq(ev.target.unit, "tomcat.service");
		} else {
			ck_assert_str_eq(ev.target.comm, "java");
			ck_assert_ptr_null(ev.target.exe);
			ck_assert_ptr_null(ev.target.unit);
		}
		tear_down(&f);
	}
}
END_TEST

START_TEST(identity_takes_odd_pids_and_other_events)
{
	static const int64_t pids[] = { NUMBER_ABSENT,	      NUMBER_NULL, 0, -5,
					(int64_t)INT_MAX + 1, INT_MAX };
	struct signal_event ev;
	struct fixture f;

	set_up(&f);
	for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
		ev = kill_of(10, 20);
		ev.target.pid = pids[i];
		identity_describe(f.identity, &ev);
		ck_assert_ptr_null(ev.target.exe);
	}
	event_init(&ev, EVENT_DEATH, NOW);
	ev.has_target = true;
	ev.target.pid = 20;
	ev.target.exe = "/usr/bin/java";
	ev.target.comm = "java";
	identity_describe(f.identity, &ev);
	ck_assert_str_eq(ev.target.unit, "tomcat.service");
	ck_assert_ptr_null(ev.sender.comm);
	event_init_trail(&ev, TRAIL_STARTED, NOW);
	identity_describe(f.identity, &ev);
	ck_assert_ptr_null(ev.sender.comm);
	ck_assert_ptr_null(identity_free(NULL));
	tear_down(&f);
}
END_TEST

SUITE("identity", identity_fills_in_both_ends,
      identity_describes_the_own_process_from_the_real_proc,
      identity_looks_once_in_a_batch, identity_looks_once_for_a_process_that_is_not_there,
      identity_keeps_the_same_image_over_batches_and_its_cgroup_for_a_second,
      identity_reads_another_image_or_name_or_process_anew,
      identity_of_a_zombie_is_what_it_was, identity_forgets_who_is_gone,
      identity_of_a_process_that_started_after_the_signal_adds_nothing,
      identity_of_now_adds_nothing_to_another_time_or_host,
      identity_tells_the_pid_namespace, identity_cmdline_of_another_image_stays_out,
      identity_of_more_processes_than_it_remembers_stays_right,
      identity_of_an_exec_while_it_is_read_is_of_one_image_or_unknown,
      identity_takes_odd_pids_and_other_events)
