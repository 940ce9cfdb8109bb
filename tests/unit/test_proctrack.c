/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/proctrack.h"

#include <time.h>

#include "fakeproc.h"
#include "suite.h"

#define SECOND INT64_C(1000000)

/* Who is there: 1, which forked 70 and 80, and 20, a child of 70. */
struct fixture {
	struct fakeproc proc;
	struct proctrack *track;
	struct process process;
	struct ancestor ancestors[ANCESTRY_MAX];
};

static int64_t boottime_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

/* A process that /proc shows. */
static void show(struct fixture *f, int pid, int ppid, const char *comm,
		 unsigned long long start_ticks)
{
	char text[512], exe[64];

	snprintf(exe, sizeof(exe), "/usr/bin/%s", comm);
	fakeproc_process(&f->proc, pid, comm, exe);
	snprintf(
		text, sizeof(text),
		"%d (%s) S %d 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 %llu 0 0 0 1 1 1 "
		"0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		pid, comm, ppid, start_ticks);
	fakeproc_text(&f->proc, pid, "stat", text);
	snprintf(text, sizeof(text), "%s\n", comm);
	fakeproc_text(&f->proc, pid, "comm", text);
	fakeproc_text(&f->proc, pid, "cmdline", comm);
}

static void set_up(struct fixture *f)
{
	fakeproc_new(&f->proc);
	show(f, 20, 70, "sh", 200);
	show(f, 1, 0, "systemd", 1);
	show(f, 70, 1, "cron", 100);
	show(f, 80, 1, "sshd", 100);
	ck_assert_int_eq(proctrack_new(&f->track, f->proc.fd, NULL, 60 * SECOND, 1000),
			 0);
	proctrack_scan(f->track);
}

static void tear_down(struct fixture *f)
{
	proctrack_free(f->track);
	fakeproc_free(&f->proc);
}

static void tell(struct fixture *f, enum connmsg_kind kind, int pid, int ppid)
{
	struct timespec t;
	struct connmsg msg = { .kind = kind, .pid = pid, .ppid = ppid };

	clock_gettime(CLOCK_MONOTONIC, &t);
	msg.time_usec = (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
	proctrack_message(f->track, &msg);
}

/* As at an overrun soon after the last comparison with /proc. */
static void lose_messages(struct fixture *f)
{
	proctrack_lost(f->track);
	ck_assert_int_eq(proctrack_drain(f->track), 0);
}

/* "comm exe < comm[pid] of the parent < ...", as it is known of who has the number now.
 */
static const char *line_of(struct fixture *f, int64_t pid, const char *comm)
{
	struct procquery query = { .pid = pid,
				   .time_usec = boottime_usec(),
				   .comm = comm,
				   .ppid = NUMBER_ABSENT };
	static char text[512];

	proctrack_refresh(f->track, &query);
	if (!proctrack_find(f->track, &query, &f->process, f->ancestors))
		return "nobody";
	snprintf(text, sizeof(text), "%s %s", f->process.comm ? f->process.comm : "?",
		 f->process.exe ? f->process.exe : "?");
	for (size_t i = 0; i < f->process.ancestry.n; i++) {
		const char *name = f->ancestors[i].comm;
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, " < %s[%d]", name ? name : "?",
			 (int)f->ancestors[i].pid);
	}
	return text;
}

START_TEST(proctrack_after_lost_messages_shows_no_ancestors_of_the_one_before)
{
	struct fixture f;

	set_up(&f);
	ck_assert_str_eq(line_of(&f, 20, "sh"), "sh /usr/bin/sh < cron[70] < systemd[1]");
	/* Its end, and the fork and exec of the next: nothing was told. */
	show(&f, 20, 80, "sh", 300);
	lose_messages(&f);
	ck_assert_str_eq(line_of(&f, 20, "sh"), "sh /usr/bin/sh < sshd[80] < systemd[1]");
	tear_down(&f);
}
END_TEST

START_TEST(proctrack_after_lost_messages_takes_nobody_for_a_zombie_of_that_name)
{
	struct fixture f;

	set_up(&f);
	tell(&f, CONNMSG_EXIT, 20, 0);
	usleep(20000);
	show(&f, 20, 80, "sh", 300);
	lose_messages(&f);
	ck_assert_str_eq(line_of(&f, 20, "sh"), "sh /usr/bin/sh < sshd[80] < systemd[1]");
	tear_down(&f);
}
END_TEST

START_TEST(proctrack_after_lost_messages_knows_whose_number_the_parent_has)
{
	struct fixture f;

	set_up(&f);
	show(&f, 70, 80, "bash", 300);
	show(&f, 20, 70, "sh", 400);
	lose_messages(&f);
	ck_assert_str_eq(line_of(&f, 20, "sh"),
			 "sh /usr/bin/sh < bash[70] < sshd[80] < systemd[1]");
	tear_down(&f);
}
END_TEST

START_TEST(proctrack_after_lost_messages_reads_nothing_of_others_into_a_dead_parent)
{
	struct fixture f;

	set_up(&f);
	/* 20 is an orphan by now, and the number of its parent is another's. */
	show(&f, 20, 1, "sh", 200);
	show(&f, 70, 80, "bash", 300);
	lose_messages(&f);
	ck_assert_str_eq(line_of(&f, 20, "sh"), "sh /usr/bin/sh < ?[70] < systemd[1]");
	tear_down(&f);
}
END_TEST

START_TEST(proctrack_scan_ties_nobody_to_the_one_before_its_parent)
{
	struct fixture f;

	set_up(&f);
	show(&f, 70, 80, "bash", 300);
	show(&f, 20, 70, "sh", 400);
	/* One of them is found before its parent. */
	for (int pid = 90; pid < 120; pid++)
		show(&f, pid, 70, "sh", 400);
	proctrack_scan(f.track);
	ck_assert_str_eq(line_of(&f, 20, "sh"),
			 "sh /usr/bin/sh < bash[70] < sshd[80] < systemd[1]");
	ck_assert_str_eq(line_of(&f, 90, "sh"),
			 "sh /usr/bin/sh < bash[70] < sshd[80] < systemd[1]");
	tear_down(&f);
}
END_TEST

SUITE("proctrack", proctrack_after_lost_messages_shows_no_ancestors_of_the_one_before,
      proctrack_after_lost_messages_takes_nobody_for_a_zombie_of_that_name,
      proctrack_after_lost_messages_knows_whose_number_the_parent_has,
      proctrack_after_lost_messages_reads_nothing_of_others_into_a_dead_parent,
      proctrack_scan_ties_nobody_to_the_one_before_its_parent)
