/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers that are given in other pid namespaces, as identity makes the host's of them.
 */
#include <errno.h>
#include <limits.h>

#include "fakeproc.h"
#include "io/identity.h"
#include "io/procfs.h"
#include "suite.h"

#define NOW    INT64_C(1795300047000000)
#define UPTIME INT64_C(100000000)

static const struct sigcall by_pid = { "kill", 1, 0, SIGCALL_BY_PID };
static const struct sigcall by_tid = { "tkill", 1, 0, SIGCALL_BY_TID };

struct fixture {
	struct fakeproc proc;
	struct identity *identity;
};

/* A thread of process 20 with this NSpid line. */
static void put_thread(struct fixture *f, int tid, const char *nspid)
{
	char name[64], text[128];

	mkdirat(f->proc.fd, "20/task", 0700);
	snprintf(name, sizeof(name), "20/task/%d", tid);
	mkdirat(f->proc.fd, name, 0700);
	snprintf(name, sizeof(name), "task/%d/status", tid);
	snprintf(text, sizeof(text), "Name:\tx\nNSpid:\t%s\n", nspid);
	fakeproc_text(&f->proc, 20, name, text);
}

/* 10 is process 4 of a namespace in which 20 is 7 and has the threads 8 and 9. */
static void set_up(struct fixture *f)
{
	fakeproc_new(&f->proc);
	fakeproc_process(&f->proc, 10, "bash", "/usr/bin/bash");
	fakeproc_process(&f->proc, 20, "java", "/usr/bin/java");
	fakeproc_text(&f->proc, 10, "status", "NSpid:\t10\t4\n");
	fakeproc_text(&f->proc, 20, "status", "NSpid:\t20\t7\n");
	put_thread(f, 20, "20\t7");
	put_thread(f, 21, "21\t8");
	put_thread(f, 22, "22\t9");
	ck_assert_int_eq(identity_new(&f->identity, f->proc.fd), 0);
	identity_begin_batch(f->identity, NOW, UPTIME);
}

static void tear_down(struct fixture *f)
{
	identity_free(f->identity);
	fakeproc_free(&f->proc);
}

/* The target's tid where 10 gave this number and reached 20. */
static int64_t tid_of(struct fixture *f, const struct sigcall *call, int64_t number)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, NOW - 1000);
	ev.call = call;
	ev.scope = call == &by_tid ? SCOPE_THREAD : SCOPE_PROCESS;
	ev.argument = number;
	ev.sender.pid = 10;
	ev.has_target = true;
	ev.target.pid = 20;
	ev.target.thread = "worker";
	identity_describe(f->identity, &ev);
	ck_assert(!ev.sender.host_namespace);
	return ev.target.tid;
}

START_TEST(translate_gives_the_host_s_thread_id)
{
	struct fixture f;

	set_up(&f);
	ck_assert_int_eq(tid_of(&f, &by_pid, 8), 21);
	ck_assert_int_eq(tid_of(&f, &by_pid, 9), 22);
	ck_assert_int_eq(tid_of(&f, &by_tid, 9), 22);
	tear_down(&f);
}
END_TEST

START_TEST(translate_the_process_s_own_number_names_no_thread)
{
	struct fixture f;

	set_up(&f);
	ck_assert_int_eq(tid_of(&f, &by_pid, 7), NUMBER_ABSENT);
	ck_assert_int_eq(tid_of(&f, &by_tid, 7), 20);
	tear_down(&f);
}
END_TEST

START_TEST(translate_takes_no_number_for_the_host_s_by_chance)
{
	struct fixture f;

	set_up(&f);
	put_thread(&f, 22, "22\t20");
	ck_assert_int_eq(tid_of(&f, &by_pid, 20), 22);
	ck_assert_int_eq(tid_of(&f, &by_tid, 20), 22);
	/* 21 is a thread here and nobody there. */
	ck_assert_int_eq(tid_of(&f, &by_pid, 21), NUMBER_ABSENT);
	tear_down(&f);
}
END_TEST

START_TEST(translate_reads_the_number_in_the_sender_s_namespace)
{
	struct fixture f;

	/* The target in a namespace within the sender's. */
	set_up(&f);
	fakeproc_text(&f.proc, 20, "status", "NSpid:\t20\t7\t1\n");
	put_thread(&f, 20, "20\t7\t1");
	put_thread(&f, 21, "21\t8\t9");
	put_thread(&f, 22, "22\t9\t8");
	ck_assert_int_eq(tid_of(&f, &by_pid, 7), NUMBER_ABSENT);
	ck_assert_int_eq(tid_of(&f, &by_tid, 7), 20);
	ck_assert_int_eq(tid_of(&f, &by_pid, 8), 21);
	ck_assert_int_eq(tid_of(&f, &by_pid, 9), 22);
	tear_down(&f);
}
END_TEST

START_TEST(translate_unknown_numbers_give_nothing)
{
	struct fixture f;

	set_up(&f);
	ck_assert_int_eq(tid_of(&f, &by_pid, 12), NUMBER_ABSENT);
	ck_assert_int_eq(tid_of(&f, &by_tid, 12), NUMBER_ABSENT);
	fakeproc_text(&f.proc, 10, "status", "Name:\tx\n");
	identity_begin_batch(f.identity, NOW, UPTIME + 1);
	identity_free(f.identity);
	ck_assert_int_eq(identity_new(&f.identity, f.proc.fd), 0);
	identity_begin_batch(f.identity, NOW, UPTIME);
	ck_assert_int_eq(tid_of(&f, &by_pid, 8), NUMBER_ABSENT);
	tear_down(&f);
}
END_TEST

START_TEST(translate_looks_at_so_many_threads_only)
{
	struct fixture f;
	int found = 0;

	set_up(&f);
	for (int i = 0; i < 1000; i++)
		found += tid_of(&f, &by_pid, 9) == 22;
	/* 512 looks, one to three for each. */
	ck_assert_int_ge(found, 512 / 3);
	ck_assert_int_le(found, 512);
	identity_begin_batch(f.identity, NOW + 249999, UPTIME + 249999);
	ck_assert_int_eq(tid_of(&f, &by_pid, 9), NUMBER_ABSENT);
	identity_begin_batch(f.identity, NOW + 250000, UPTIME + 250000);
	ck_assert_int_eq(tid_of(&f, &by_pid, 9), 22);
	tear_down(&f);
}
END_TEST

START_TEST(translate_thread_of_a_process_that_is_gone_is_an_error)
{
	struct fixture f;
	int budget = 10;

	set_up(&f);
	ck_assert_int_eq(procfs_thread_of(f.proc.fd, 99, 2, 8, &budget), -ENOENT);
	ck_assert_int_eq(procfs_thread_of(f.proc.fd, 20, 2, 12, &budget), -ENOENT);
	ck_assert_int_eq(budget, 7);
	budget = 0;
	ck_assert_int_eq(procfs_thread_of(f.proc.fd, 20, 2, 8, &budget), -EBUSY);
	tear_down(&f);
}
END_TEST

START_TEST(translate_finds_the_id_so_deep)
{
	static const char text[] = "Name:\tx\nNSpid:\t1802\t50\t1\nNSpgid:\t5\n";
	int64_t id;

	ck_assert_int_eq(procparse_nspid_at(text, strlen(text), 1, &id), 0);
	ck_assert_int_eq(id, 1802);
	ck_assert_int_eq(procparse_nspid_at(text, strlen(text), 2, &id), 0);
	ck_assert_int_eq(id, 50);
	ck_assert_int_eq(procparse_nspid_at(text, strlen(text), 3, &id), 0);
	ck_assert_int_eq(id, 1);
	ck_assert_int_eq(procparse_nspid_at(text, strlen(text), 4, &id), -ENODATA);
	ck_assert_int_eq(procparse_nspid_at("Name:\tx\n", 8, 1, &id), -ENODATA);
}
END_TEST

SUITE("translate", translate_gives_the_host_s_thread_id,
      translate_the_process_s_own_number_names_no_thread,
      translate_takes_no_number_for_the_host_s_by_chance,
      translate_reads_the_number_in_the_sender_s_namespace,
      translate_unknown_numbers_give_nothing, translate_looks_at_so_many_threads_only,
      translate_thread_of_a_process_that_is_gone_is_an_error,
      translate_finds_the_id_so_deep)
