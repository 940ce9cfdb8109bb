/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/process.h"

#include "suite.h"

#define CMDLINE(s)                                                                       \
	{                                                                                \
		s, sizeof(s) - 1                                                         \
	}

static const struct sigcall by_pid = { "kill", 1, 0, SIGCALL_BY_PID };
static const struct sigcall by_tid = { "tkill", 1, 0, SIGCALL_BY_TID };
static const struct sigcall by_pidfd = { "pidfd_send_signal", 1, 0, SIGCALL_BY_PIDFD };

static const struct process java = {
	.pid = 684,
	.ppid = 1,
	.start_usec = 5000000,
	.namespace_pid = 7,
	.host_namespace = true,
	.comm = "java",
	.exe = "/usr/bin/java",
	.cmdline = CMDLINE("java\0-jar\0x.jar"),
	.cmdline_cut = false,
	.unit = "tomcat.service",
	.user_unit = "u.service",
	.slice = "system.slice",
	.container = "web",
};

/* Compares strings of which either may be NULL. */
static void check_text(const char *is, const char *wanted)
{
	if (!wanted)
		ck_assert_ptr_null(is);
	else
		ck_assert_str_eq(is, wanted);
}

static void check_place(const struct party *party)
{
	ck_assert_str_eq(party->unit, "tomcat.service");
	ck_assert_str_eq(party->user_unit, "u.service");
	ck_assert_str_eq(party->slice, "system.slice");
	ck_assert_str_eq(party->container, "web");
	ck_assert_int_eq(party->namespace_pid, 7);
	ck_assert_int_eq(party->start_usec, 5000000);
}

/* A sender as decode leaves it. */
static struct signal_event sent_by(const char *comm, const char *exe)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, 1);
	ev.sender.pid = 684;
	ev.sender.ppid = 55;
	ev.sender.comm = comm;
	ev.sender.exe = exe;
	ev.sender.cmdline = (struct bytes)CMDLINE("title");
	ev.sender.cmdline_cut = true;
	return ev;
}

START_TEST(process_sender_unknown_keeps_what_the_record_said)
{
	struct signal_event ev = sent_by("GC-worker", "/usr/bin/java");

	process_merge_sender(&ev, NULL);
	ck_assert_str_eq(ev.sender.comm, "GC-worker");
	ck_assert_ptr_null(ev.sender.thread);
	ck_assert_str_eq(ev.sender.exe, "/usr/bin/java");
	ck_assert_int_eq(ev.sender.ppid, 55);
	ck_assert_uint_eq(ev.sender.cmdline.len, 5);
	ck_assert(ev.sender.cmdline_cut);
	ck_assert_ptr_null(ev.sender.unit);
	ck_assert_int_eq(ev.sender.start_usec, NUMBER_ABSENT);
}
END_TEST

START_TEST(process_sender_is_named_by_its_process_and_thread)
{
	struct signal_event ev = sent_by("GC-worker", "/usr/bin/java");

	process_merge_sender(&ev, &java);
	ck_assert_str_eq(ev.sender.comm, "java");
	ck_assert_str_eq(ev.sender.thread, "GC-worker");
	ck_assert_int_eq(ev.sender.ppid, 55);
	ck_assert_int_eq(ev.sender.tid, NUMBER_ABSENT);
	ck_assert_ptr_eq(ev.sender.cmdline.data, java.cmdline.data);
	ck_assert_uint_eq(ev.sender.cmdline.len, java.cmdline.len);
	ck_assert(!ev.sender.cmdline_cut);
	check_place(&ev.sender);
}
END_TEST

START_TEST(process_sender_of_one_name_has_no_thread)
{
	struct signal_event ev = sent_by("java", "/usr/bin/java");

	process_merge_sender(&ev, &java);
	ck_assert_str_eq(ev.sender.comm, "java");
	ck_assert_ptr_null(ev.sender.thread);
}
END_TEST

START_TEST(process_sender_after_an_exec_keeps_the_record_s_image)
{
	struct signal_event ev = sent_by("sh", "/usr/bin/dash");

	process_merge_sender(&ev, &java);
	ck_assert_str_eq(ev.sender.exe, "/usr/bin/dash");
	ck_assert_str_eq(ev.sender.comm, "sh");
	ck_assert_ptr_null(ev.sender.thread);
	ck_assert_uint_eq(ev.sender.cmdline.len, 5);
	ck_assert(ev.sender.cmdline_cut);
	check_place(&ev.sender);
}
END_TEST

START_TEST(process_sender_in_a_chroot_is_named_and_keeps_its_proctitle)
{
	struct signal_event ev = sent_by("GC-worker", "/bin/java");

	process_merge_sender(&ev, &java);
	ck_assert_str_eq(ev.sender.exe, "/bin/java");
	ck_assert_str_eq(ev.sender.comm, "java");
	ck_assert_str_eq(ev.sender.thread, "GC-worker");
	ck_assert_uint_eq(ev.sender.cmdline.len, 5);
}
END_TEST

START_TEST(process_sender_of_an_unreadable_exe_keeps_its_proctitle)
{
	struct signal_event ev = sent_by("java", "/usr/bin/java");
	struct process p = java;

	p.exe = NULL;
	process_merge_sender(&ev, &p);
	ck_assert_str_eq(ev.sender.exe, "/usr/bin/java");
	ck_assert_uint_eq(ev.sender.cmdline.len, 5);
}
END_TEST

START_TEST(process_sender_without_memory_keeps_its_proctitle)
{
	struct signal_event ev = sent_by("java", "/usr/bin/java");
	struct process p = java;

	p.cmdline = (struct bytes){ 0 };
	process_merge_sender(&ev, &p);
	ck_assert_uint_eq(ev.sender.cmdline.len, 5);
	ck_assert(ev.sender.cmdline_cut);
}
END_TEST

START_TEST(process_sender_takes_from_the_process_what_the_record_lacks)
{
	struct signal_event ev = sent_by(NULL, NULL);

	ev.sender.ppid = NUMBER_ABSENT;
	process_merge_sender(&ev, &java);
	ck_assert_str_eq(ev.sender.exe, "/usr/bin/java");
	ck_assert_str_eq(ev.sender.comm, "java");
	ck_assert_ptr_null(ev.sender.thread);
	ck_assert_int_eq(ev.sender.ppid, 1);
	ck_assert_ptr_eq(ev.sender.cmdline.data, java.cmdline.data);
}
END_TEST

struct naming {
	const struct sigcall *call;
	enum scope scope;
	int64_t argument;
	const char *recorded;
	bool known;
	enum { SENDER_UNKNOWN, SENDER_HOST, SENDER_NAMESPACE } sender;
	const char *comm; /* from here on what must come out */
	const char *thread;
	int64_t tid;
};

/* The target is always process 684, "java" where known. */
static const struct naming namings[] = {
	/* Known: the process's name, and the recorded one where it differs. */
	{ &by_pid, SCOPE_PROCESS, 684, "java", true, SENDER_HOST, "java", NULL,
	  NUMBER_ABSENT },
	{ &by_pid, SCOPE_PROCESS, 731, "GC-worker", true, SENDER_HOST, "java",
	  "GC-worker", 731 },
	{ &by_pid, SCOPE_PROCESS, 731, "java", true, SENDER_HOST, "java", NULL, 731 },
	{ &by_pid, SCOPE_PROCESS, 731, "GC-worker", true, SENDER_UNKNOWN, "java",
	  "GC-worker", NUMBER_ABSENT },
	{ &by_pid, SCOPE_PROCESS, 2, "GC-worker", true, SENDER_NAMESPACE, "java",
	  "GC-worker", NUMBER_ABSENT },
	{ &by_tid, SCOPE_THREAD, 731, "GC-worker", true, SENDER_HOST, "java", "GC-worker",
	  731 },
	{ &by_tid, SCOPE_THREAD, 684, "java", true, SENDER_HOST, "java", NULL, 684 },
	{ &by_tid, SCOPE_THREAD, 2, "GC-worker", true, SENDER_NAMESPACE, "java",
	  "GC-worker", NUMBER_ABSENT },
	{ &by_pid, SCOPE_GROUP, -680, "java", true, SENDER_HOST, "java", NULL,
	  NUMBER_ABSENT },
	{ &by_pidfd, SCOPE_THREAD, NUMBER_NULL, "GC-worker", true, SENDER_HOST, "java",
	  "GC-worker", NUMBER_ABSENT },
	/* Unknown: the recorded name is the process's only where its main thread was
	   named. */
	{ &by_pid, SCOPE_PROCESS, 684, "java", false, SENDER_HOST, "java", NULL,
	  NUMBER_ABSENT },
	{ &by_pid, SCOPE_PROCESS, 731, "GC-worker", false, SENDER_HOST, NULL, "GC-worker",
	  731 },
	{ &by_pid, SCOPE_PROCESS, 2, "sleep", false, SENDER_UNKNOWN, NULL, "sleep",
	  NUMBER_ABSENT },
	{ &by_pid, SCOPE_GROUP, -680, "java", false, SENDER_UNKNOWN, "java", NULL,
	  NUMBER_ABSENT },
	{ &by_pid, SCOPE_GROUP, 0, "java", false, SENDER_HOST, "java", NULL,
	  NUMBER_ABSENT },
	{ &by_pid, SCOPE_ALL, -1, "java", false, SENDER_HOST, "java", NULL,
	  NUMBER_ABSENT },
	{ &by_tid, SCOPE_THREAD, 684, "java", false, SENDER_UNKNOWN, "java", NULL, 684 },
	{ &by_tid, SCOPE_THREAD, 731, "GC-worker", false, SENDER_HOST, NULL, "GC-worker",
	  731 },
	{ &by_tid, SCOPE_THREAD, 731, "GC-worker", false, SENDER_UNKNOWN, NULL,
	  "GC-worker", NUMBER_ABSENT },
	{ &by_tid, SCOPE_THREAD, -3, "x", false, SENDER_HOST, NULL, "x", NUMBER_ABSENT },
	{ &by_pidfd, SCOPE_PROCESS, NUMBER_NULL, "java", false, SENDER_HOST, "java", NULL,
	  NUMBER_ABSENT },
	{ &by_pidfd, SCOPE_GROUP, NUMBER_NULL, "java", false, SENDER_HOST, "java", NULL,
	  NUMBER_ABSENT },
	{ &by_pidfd, SCOPE_THREAD, NUMBER_NULL, "GC-worker", false, SENDER_HOST, NULL,
	  "GC-worker", NUMBER_ABSENT },
	{ NULL, SCOPE_UNKNOWN, NUMBER_ABSENT, "x", false, SENDER_HOST, NULL, "x",
	  NUMBER_ABSENT },
};

START_TEST(process_target_is_named_as_the_contract_says)
{
	for (size_t i = 0; i < sizeof(namings) / sizeof(namings[0]); i++) {
		const struct naming *n = &namings[i];
		const struct process sender = { .host_namespace =
							n->sender == SENDER_HOST };
		struct signal_event ev;

		event_init(&ev, EVENT_SIGNAL, 1);
		ev.call = n->call;
		ev.scope = n->scope;
		ev.argument = n->argument;
		ev.has_target = true;
		ev.target.pid = 684;
		ev.target.thread = n->recorded;
		process_merge_target(&ev, n->known ? &java : NULL,
				     n->sender == SENDER_UNKNOWN ? NULL : &sender);
		ck_assert_msg(ev.target.tid == n->tid, "row %zu: tid %lld", i,
			      (long long)ev.target.tid);
		check_text(ev.target.comm, n->comm);
		check_text(ev.target.thread, n->thread);
	}
}
END_TEST

START_TEST(process_target_takes_the_rest_from_its_process)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, 1);
	ev.has_target = true;
	ev.target.pid = 684;
	ev.target.thread = "java";
	process_merge_target(&ev, &java, NULL);
	ck_assert_str_eq(ev.target.exe, "/usr/bin/java");
	ck_assert_ptr_eq(ev.target.cmdline.data, java.cmdline.data);
	ck_assert_int_eq(ev.target.ppid, 1);
	check_place(&ev.target);
}
END_TEST

START_TEST(process_target_that_is_none_stays_empty)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, 1);
	process_merge_target(&ev, &java, NULL);
	ck_assert_ptr_null(ev.target.comm);
	ck_assert_ptr_null(ev.target.exe);
}
END_TEST

START_TEST(process_target_that_died_keeps_what_the_record_said)
{
	struct signal_event ev;

	event_init(&ev, EVENT_DEATH, 1);
	ev.has_target = true;
	ev.target.pid = 12;
	ev.target.comm = "vsftpd";
	ev.target.exe = "/usr/sbin/vsftpd";
	process_merge_target(&ev, NULL, NULL);
	ck_assert_str_eq(ev.target.comm, "vsftpd");
	process_merge_target(&ev, &java, NULL);
	ck_assert_str_eq(ev.target.comm, "vsftpd");
	ck_assert_str_eq(ev.target.exe, "/usr/sbin/vsftpd");
	ck_assert_ptr_null(ev.target.cmdline.data);
	ck_assert_str_eq(ev.target.unit, "tomcat.service");
}
END_TEST

SUITE("process", process_sender_unknown_keeps_what_the_record_said,
      process_sender_is_named_by_its_process_and_thread,
      process_sender_of_one_name_has_no_thread,
      process_sender_after_an_exec_keeps_the_record_s_image,
      process_sender_in_a_chroot_is_named_and_keeps_its_proctitle,
      process_sender_of_an_unreadable_exe_keeps_its_proctitle,
      process_sender_without_memory_keeps_its_proctitle,
      process_sender_takes_from_the_process_what_the_record_lacks,
      process_target_is_named_as_the_contract_says,
      process_target_takes_the_rest_from_its_process,
      process_target_that_is_none_stays_empty,
      process_target_that_died_keeps_what_the_record_said)
