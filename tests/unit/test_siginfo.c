/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/siginfo.h"

#include <signal.h>
#include <string.h>

#include "suite.h"

static struct signal_event ev;
static char note[SIGINFO_NOTE_SIZE];

static void describe(int signo, int code, int64_t pid)
{
	const struct siginfo_facts facts = { signo, code, pid, 1000 };

	event_init(&ev, EVENT_SIGNAL, 1);
	siginfo_describe(&ev, &facts, note);
}

START_TEST(a_process_is_named_by_pid_and_uid)
{
	describe(SIGTERM, SI_USER, 77);
	ck_assert_int_eq(ev.signo, SIGTERM);
	ck_assert_int_eq(ev.sender.pid, 77);
	ck_assert_int_eq(ev.sender.uid, 1000);
	ck_assert_int_eq(ev.scope, SCOPE_PROCESS);
	ck_assert_int_eq(ev.result, 0);
	ck_assert_uint_eq(ev.n_notes, 0);
	ck_assert_ptr_null(ev.call);
}
END_TEST

START_TEST(what_is_sent_to_a_thread_has_its_scope)
{
	describe(SIGUSR1, SI_TKILL, 77);
	ck_assert_int_eq(ev.scope, SCOPE_THREAD);
}
END_TEST

START_TEST(a_queued_signal_names_its_call)
{
	describe(SIGUSR1, SI_QUEUE, 77);
	ck_assert_str_eq(ev.call->name, "rt_sigqueueinfo");
}
END_TEST

START_TEST(pid_0_of_a_process_is_one_outside_of_the_namespace)
{
	describe(SIGTERM, SI_USER, 0);
	ck_assert_uint_eq(ev.n_notes, 1);
	ck_assert_str_eq(ev.notes[0], "outside-namespace");
	ck_assert_ptr_null(ev.sender.comm);
}
END_TEST

static const struct {
	int signo, code;
	const char *note;
} of_kernel[] = {
	{ SIGSEGV, SEGV_MAPERR, "code=SEGV_MAPERR" },
	{ SIGFPE, FPE_INTDIV, "code=FPE_INTDIV" },
	{ SIGCHLD, CLD_KILLED, "code=CLD_KILLED" },
	{ SIGSYS, 1, "code=SYS_SECCOMP" },
	{ SIGINT, SI_KERNEL, "code=SI_KERNEL" },
	{ SIGALRM, SI_TIMER, "code=SI_TIMER" },
	{ SIGIO, SI_SIGIO, "code=SI_SIGIO" },
	{ SIGTERM, 999, "code=999" },
};

START_TEST(the_kernel_is_no_process_and_its_reason_is_told)
{
	for (size_t i = 0; i < sizeof(of_kernel) / sizeof(of_kernel[0]); i++) {
		/* The pid of SIGCHLD is the child's, and no sender's. */
		describe(of_kernel[i].signo, of_kernel[i].code, 77);
		ck_assert_int_eq(ev.sender.pid, 0);
		ck_assert_str_eq(ev.sender.comm, "kernel");
		ck_assert_int_eq(ev.sender.uid, NUMBER_ABSENT);
		ck_assert_uint_eq(ev.n_notes, 1);
		ck_assert_str_eq(ev.notes[0], of_kernel[i].note);
	}
}
END_TEST

SUITE("siginfo", a_process_is_named_by_pid_and_uid,
      what_is_sent_to_a_thread_has_its_scope, a_queued_signal_names_its_call,
      pid_0_of_a_process_is_one_outside_of_the_namespace,
      the_kernel_is_no_process_and_its_reason_is_told)
