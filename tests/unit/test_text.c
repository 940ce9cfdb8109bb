/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/text.h"

#include <errno.h>
#include <signal.h>

#include "suite.h"

#define TIME	1795300047191000 /* 2026-11-21T22:27:27.191Z */
#define SECONDS 1000000

static struct buffer out;
static struct signal_event ev;

static const char *line(void)
{
	buffer_reset(&out);
	text_line(&out, &ev);
	return out.data;
}

static const char *message(void)
{
	buffer_reset(&out);
	text_message(&out, &ev);
	return out.data;
}

static void set_party(struct party *party, const char *comm, int64_t pid, const char *exe,
		      int64_t uid, const char *unit)
{
	party->comm = comm;
	party->pid = pid;
	party->exe = exe;
	party->uid = uid;
	party->unit = unit;
}

static void set_signal(int64_t signo, enum scope scope, int64_t argument)
{
	event_init(&ev, EVENT_SIGNAL, TIME);
	ev.signo = signo;
	ev.scope = scope;
	ev.argument = argument;
	ev.result = 0;
	ev.has_target = true;
}

/* x[5] signals y[6]. */
static void set_plain(void)
{
	set_signal(SIGUSR1, SCOPE_PROCESS, 6);
	set_party(&ev.sender, "x", 5, "/opt/x", 0, NULL);
	set_party(&ev.target, "y", 6, "/opt/y", NUMBER_ABSENT, NULL);
}

START_TEST(text_line_with_units)
{
	set_signal(SIGTERM, SCOPE_PROCESS, 684);
	set_party(&ev.sender, "pkill", 4312, "/usr/bin/pkill", 0, "cron.service");
	set_party(&ev.target, "java", 684, "/usr/bin/java", 1000, "tomcat.service");
	ev.targets = 1;
	ev.index = 1;
	ck_assert_str_eq(
		line(),
		"2026-11-21T22:27:27.191Z SIGTERM from pkill[4312] (/usr/bin/pkill, "
		"uid 0, cron.service) to java[684] (/usr/bin/java, tomcat.service)\n");
	ck_assert_str_eq(
		message(),
		"SIGTERM from pkill[4312] (/usr/bin/pkill, uid 0, cron.service) to "
		"java[684] (/usr/bin/java, tomcat.service)");
}
END_TEST

START_TEST(text_line_of_a_stale_pid_file)
{
	set_signal(SIGTERM, SCOPE_PROCESS, 731);
	set_party(&ev.sender, "java", 762, "/usr/bin/java", 0, "second.service");
	set_party(&ev.target, "java", 684, "/usr/bin/java", NUMBER_ABSENT,
		  "first.service");
	ev.target.thread = "GC-worker";
	ev.target.tid = 731;
	ev.notes[ev.n_notes++] = "thread-target";
	ev.notes[ev.n_notes++] = "stale-pidfile=/var/lib/second/second.pid";
	ev.notes[ev.n_notes++] = "cross-unit";
	ck_assert_str_eq(
		line(),
		"2026-11-21T22:27:27.191Z SIGTERM from java[762] (/usr/bin/java, uid "
		"0, second.service) to java[684] (/usr/bin/java, first.service), via "
		"thread GC-worker[731], "
		"stale-pidfile=/var/lib/second/second.pid\n");
}
END_TEST

START_TEST(text_line_without_such_a_process)
{
	set_signal(SIGTERM, SCOPE_PROCESS, 999999);
	set_party(&ev.sender, "sh", 81, "/usr/bin/dash", 1000, NULL);
	ev.has_target = false;
	ev.result = ESRCH;
	ck_assert_str_eq(line(),
			 "2026-11-21T22:27:27.191Z SIGTERM from sh[81] (/usr/bin/dash, "
			 "uid 1000) to process 999999: ESRCH, no such process\n");
}
END_TEST

START_TEST(text_line_of_a_forbidden_signal)
{
	set_signal(SIGTERM, SCOPE_PROCESS, 91);
	set_party(&ev.sender, "sig", 90, "/opt/demo/sig", 65534, NULL);
	set_party(&ev.target, "sig", 91, "/opt/demo/sig", 0, NULL);
	ev.result = EPERM;
	ck_assert_str_eq(
		line(),
		"2026-11-21T22:27:27.191Z SIGTERM from sig[90] (/opt/demo/sig, uid "
		"65534) to sig[91] (/opt/demo/sig): EPERM, not permitted\n");
}
END_TEST

START_TEST(text_line_of_one_in_a_group)
{
	set_signal(SIGKILL, SCOPE_GROUP, -71);
	set_party(&ev.sender, "bash", 70, "/usr/bin/bash", 0, NULL);
	set_party(&ev.target, "sleep", 71, "/usr/bin/sleep", 0, NULL);
	ev.targets = 2;
	ev.index = 1;
	ck_assert_str_eq(
		line(),
		"2026-11-21T22:27:27.191Z SIGKILL from bash[70] (/usr/bin/bash, uid "
		"0) to sleep[71] (/usr/bin/sleep), 1 of 2 in process group 71\n");
}
END_TEST

START_TEST(text_line_that_stands_for_more)
{
	set_plain();
	ev.repeated = 480;
	ev.since_usec = TIME - 10 * SECONDS - 89000;
	ck_assert_str_eq(line(),
			 "2026-11-21T22:27:27.191Z SIGUSR1 from x[5] (/opt/x, uid 0) to "
			 "y[6] (/opt/y), 480 more since 2026-11-21T22:27:17.102Z\n");
}
END_TEST

START_TEST(text_line_of_a_death)
{
	event_init(&ev, EVENT_DEATH, TIME);
	ev.has_target = true;
	ev.signo = SIGSEGV;
	ev.reason = "core dump";
	set_party(&ev.target, "vsftpd", 12, "/usr/sbin/vsftpd", 0, NULL);
	ck_assert_str_eq(line(),
			 "2026-11-21T22:27:27.191Z vsftpd[12] (/usr/sbin/vsftpd) died "
			 "of SIGSEGV (core dump)\n");
	ev.reason = NULL;
	ev.target.unit = "vsftpd.service";
	ck_assert_str_eq(message(),
			 "vsftpd[12] (/usr/sbin/vsftpd, vsftpd.service) died of SIGSEGV");
}
END_TEST

START_TEST(text_line_of_an_incomplete_trail)
{
	event_init_trail(&ev, TRAIL_INCOMPLETE, TIME);
	ev.trail.cause = CAUSE_SOCKET_OVERRUN;
	ev.trail.of = OF_EVENTS;
	ev.trail.lost = 12;
	ev.trail.since_usec = TIME - 7 * SECONDS - 190000;
	ev.trail.until_usec = TIME - 5 * SECONDS - 891000;
	ck_assert_str_eq(line(),
			 "2026-11-21T22:27:27.191Z trail incomplete: 12 events lost "
			 "(socket-overrun), 22:27:20.001Z to 22:27:21.300Z\n");
	ev.trail.lost = 1;
	ev.trail.of = OF_RECORDS;
	ev.trail.since_usec -= 86400LL * SECONDS;
	ck_assert_str_eq(message(),
			 "trail incomplete: 1 record lost (socket-overrun), "
			 "2026-11-20T22:27:20.001Z to 2026-11-21T22:27:21.300Z");
}
END_TEST

START_TEST(text_line_of_a_change_says_who_and_what_and_escapes_it)
{
	event_init_trail(&ev, TRAIL_INCOMPLETE, TIME);
	ev.trail.cause = CAUSE_RULES_CHANGED;
	ev.trail.since_usec = TIME - SECONDS;
	ev.trail.until_usec = TIME;
	ev.trail.by =
		(struct trail_actor){ 4711, 0, 1000, "auditctl", "/usr/sbin/auditctl" };
	ck_assert_str_eq(message(),
			 "trail incomplete (rules-changed), 22:27:26.191Z to "
			 "22:27:27.191Z, by auditctl[4711] (/usr/sbin/auditctl, uid 0), "
			 "login uid 1000");
	event_init_trail(&ev, TRAIL_RULES, TIME);
	ev.trail.cause = CAUSE_RULES_SHADOWED;
	ev.trail.since_usec = TIME - SECONDS;
	ev.trail.by.comm = "\x1b[31m\n";
	ev.trail.detail = "rule 1 of auditctl -l, key \x1b";
	ck_assert_str_eq(message(),
			 "trail rules (rules-shadowed), since 2026-11-21T22:27:26.191Z, "
			 "by \"\\x1b[31m\\x0a\": rule 1 of auditctl -l, key \\x1b");
}
END_TEST

START_TEST(text_line_of_start_and_stop)
{
	event_init_trail(&ev, TRAIL_STARTED, TIME);
	ck_assert_str_eq(line(), "2026-11-21T22:27:27.191Z trail started\n");
	event_init_trail(&ev, TRAIL_STOPPED, TIME);
	ck_assert_str_eq(line(), "2026-11-21T22:27:27.191Z trail stopped\n");
	ev.trail.cause = CAUSE_QUEUE_FULL;
	ck_assert_str_eq(message(), "trail stopped (queue-full)");
	event_init_trail(&ev, TRAIL_STARTED, TIME);
	ev.trail.unseen = UNSEEN_NOTHING;
	ck_assert_str_eq(message(), "trail started");
	ev.trail.unseen = UNSEEN_OLDER;
	ck_assert_str_eq(message(), "trail started, blind to processes older than audit, "
				    "process 1 among them");
	event_init_trail(&ev, TRAIL_INCOMPLETE, TIME);
	ev.trail.cause = CAUSE_NOT_RUNNING;
	ev.trail.since_usec = TIME - SECONDS;
	ev.trail.until_usec = TIME;
	ck_assert_str_eq(message(), "trail incomplete (not-running), 22:27:26.191Z to "
				    "22:27:27.191Z");
}
END_TEST

START_TEST(text_line_of_a_stop_has_the_totals)
{
	event_init_trail(&ev, TRAIL_STOPPED, TIME);
	ev.trail.seen = 1203;
	ev.trail.lines = 1;
	ev.trail.repeats = 1200;
	ev.trail.ignored = 2;
	ev.trail.lost = 0;
	ev.trail.of = OF_EVENTS;
	ck_assert_str_eq(message(), "trail stopped: 1203 events seen (1 line, 1200 "
				    "repeats, 2 ignored), 0 lost");
	ev.trail.seen = 1;
	ev.trail.repeats = 0;
	ev.trail.ignored = 0;
	ev.trail.lost = 7;
	ck_assert_str_eq(message(), "trail stopped: 1 event seen (1 line, 0 repeats, 0 "
				    "ignored), 7 lost");
}
END_TEST

START_TEST(text_names_the_thread_addressed)
{
	set_plain();
	ev.scope = SCOPE_THREAD;
	ev.target.tid = 7;
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y), to "
			 "thread y[7]");
	ev.target.thread = "worker";
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y), to "
			 "thread worker[7]");
	ev.target.tid = NUMBER_ABSENT;
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y), to "
			 "thread worker");
	ev.target.thread = NULL;
	ck_assert_str_eq(message(), "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y)");
}
END_TEST

START_TEST(text_gives_no_process_the_name_of_its_thread)
{
	set_plain();
	set_party(&ev.target, NULL, 6, NULL, NUMBER_ABSENT, NULL);
	ev.target.thread = "worker";
	ev.target.tid = 7;
	ev.argument = 7;
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to process 6, via thread "
			 "worker[7]");
	ev.scope = SCOPE_THREAD;
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to process 6, to thread "
			 "worker[7]");
	/* Not known to be a thread: the only name there is. */
	ev.scope = SCOPE_PROCESS;
	ev.target.tid = NUMBER_ABSENT;
	ck_assert_str_eq(message(), "SIGUSR1 from x[5] (/opt/x, uid 0) to worker[6]");
}
END_TEST

START_TEST(text_tells_via_thread_only_of_another_thread)
{
	set_plain();
	ev.target.tid = 6;
	ck_assert_str_eq(message(), "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y)");
	ev.target.tid = 7;
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y), via "
			 "thread y[7]");
}
END_TEST

START_TEST(text_tells_groups_apart)
{
	set_plain();
	ev.scope = SCOPE_GROUP;
	ev.argument = 0;
	ev.targets = 3;
	ev.index = 2;
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y), 2 of 3 "
			 "in the sender's process group");
	ev.argument = NUMBER_NULL;
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y), 2 of 3 "
			 "in a process group");
	ev.scope = SCOPE_ALL;
	ev.argument = -1;
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y), 2 of 3 "
			 "of all processes");
	ev.targets = NUMBER_ABSENT;
	ck_assert_str_eq(message(), "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y)");
}
END_TEST

START_TEST(text_orders_failure_thread_group_notes_and_repeats)
{
	set_plain();
	ev.result = EPERM;
	ev.scope = SCOPE_GROUP;
	ev.argument = -71;
	ev.targets = 2;
	ev.index = 2;
	ev.notes[ev.n_notes++] = "escalation=10.0s";
	ev.notes[ev.n_notes++] = "stale-pidfile=/tmp/x, 9 of 9.pid";
	ev.repeated = 1;
	ev.since_usec = TIME;
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y): EPERM, not "
			 "permitted, 2 of 2 in process group 71, escalation=10.0s, "
			 "stale-pidfile=\"/tmp/x, 9 of 9.pid\", 1 more since "
			 "2026-11-21T22:27:27.191Z");
}
END_TEST

START_TEST(text_says_what_was_addressed_where_there_is_no_target)
{
	static const struct {
		enum scope scope;
		int64_t argument;
		const char *text;
	} cases[] = {
		{ SCOPE_PROCESS, 999999, "process 999999" },
		{ SCOPE_THREAD, 7, "thread 7" },
		{ SCOPE_GROUP, -77, "process group 77" },
		{ SCOPE_GROUP, -2147483648, "process group 2147483648" },
		{ SCOPE_GROUP, 0, "the sender's process group" },
		{ SCOPE_ALL, -1, "all processes" },
		{ SCOPE_PROCESS, NUMBER_NULL, "a process by its pidfd" },
		{ SCOPE_UNKNOWN, NUMBER_NULL, "a process by its pidfd" },
		{ SCOPE_THREAD, NUMBER_NULL, "a thread by its pidfd" },
		{ SCOPE_GROUP, NUMBER_NULL, "a process group by its pidfd" },
		{ SCOPE_UNKNOWN, NUMBER_ABSENT, "a process" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *prefix = "SIGTERM from x[5] to ";

		set_signal(SIGTERM, cases[i].scope, cases[i].argument);
		set_party(&ev.sender, "x", 5, NULL, NUMBER_ABSENT, NULL);
		ev.has_target = false;
		ck_assert_int_eq(strncmp(message(), prefix, strlen(prefix)), 0);
		ck_assert_str_eq(out.data + strlen(prefix), cases[i].text);
	}
}
END_TEST

START_TEST(text_says_why_a_call_failed)
{
	static const struct {
		int error;
		const char *text;
	} cases[] = {
		{ EPERM, "EPERM, not permitted" },
		{ ESRCH, "ESRCH, no such process" },
		{ EINVAL, "EINVAL, invalid argument" },
		{ EAGAIN, "EAGAIN, too many queued signals" },
		{ EBADF, "EBADF, bad file descriptor" },
		{ EACCES, "EACCES, permission denied" },
		{ 4000, "error 4000" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *prefix =
			"SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y): ";

		set_plain();
		ev.result = cases[i].error;
		ck_assert_int_eq(strncmp(message(), prefix, strlen(prefix)), 0);
		ck_assert_str_eq(out.data + strlen(prefix), cases[i].text);
	}
}
END_TEST

START_TEST(text_leaves_out_what_is_unknown)
{
	set_signal(NUMBER_ABSENT, SCOPE_UNKNOWN, NUMBER_ABSENT);
	ck_assert_str_eq(message(), "a signal from a process to a process");
	set_signal(SIGTERM, SCOPE_PROCESS, 6);
	ev.sender.pid = 5;
	ev.target.pid = 6;
	ck_assert_str_eq(message(), "SIGTERM from process 5 to process 6");
	ev.sender.uid = 0;
	ev.target.thread = "w";
	ck_assert_str_eq(message(), "SIGTERM from process 5 (uid 0) to w[6]");
	ev.sender.uid = NUMBER_NULL;
	ev.sender.exe = "/usr/bin/env";
	ev.target.pid = NUMBER_ABSENT;
	ck_assert_str_eq(message(), "SIGTERM from env[5] (/usr/bin/env) to w");
}
END_TEST

START_TEST(text_shows_container_before_user_unit_before_unit)
{
	set_plain();
	ev.target.unit = "user@1000.service";
	ev.target.user_unit = "app.service";
	ck_assert_str_eq(
		message(),
		"SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y, app.service)");
	ev.target.container =
		"4f1e0d7e1e3c9b8a7f6e5d4c3b2a19087f6e5d4c3b2a19087f6e5d4c3b2a1908";
	ck_assert_str_eq(
		message(),
		"SIGUSR1 from x[5] (/opt/x, uid 0) to y[6] (/opt/y, 4f1e0d7e1e3c)");
	ev.target.container = "a-machine-of-systemd-nspawn-with-a-long-name";
	ev.sender.container = "4f1e0d7e1e3c9b8a";
	ck_assert_str_eq(message(),
			 "SIGUSR1 from x[5] (/opt/x, uid 0, 4f1e0d7e1e3c9b8a) to "
			 "y[6] (/opt/y, a-machine-of-systemd-nspawn-with-a-long-name)");
}
END_TEST

START_TEST(text_stays_one_line_whatever_the_names)
{
	set_plain();
	ev.sender.comm = "x[5] to init[1]";
	ev.sender.exe = "/tmp/a\nb\033[2J (deleted)";
	ev.sender.unit = "a\\x2db.service";
	ev.target.comm = "";
	ev.target.exe = "/\xe2\x80\xae";
	ev.target.tid = 7;
	ev.target.thread = "\", 9 more";
	ck_assert_str_eq(line(),
			 "2026-11-21T22:27:27.191Z SIGUSR1 from \"x[5] to init[1]\"[5] "
			 "(\"/tmp/a\\x0ab\\x1b[2J (deleted)\", uid 0, "
			 "a\\x5cx2db.service) to \"\"[6] (/\\xe2\\x80\\xae), via thread "
			 "\"\\x22, 9 more\"[7]\n");
}
END_TEST

SUITE("text", text_gives_no_process_the_name_of_its_thread, text_line_with_units,
      text_line_of_a_stale_pid_file, text_line_without_such_a_process,
      text_line_of_a_forbidden_signal, text_line_of_one_in_a_group,
      text_line_that_stands_for_more, text_line_of_a_death,
      text_line_of_an_incomplete_trail,
      text_line_of_a_change_says_who_and_what_and_escapes_it, text_line_of_start_and_stop,
      text_line_of_a_stop_has_the_totals, text_names_the_thread_addressed,
      text_tells_via_thread_only_of_another_thread, text_tells_groups_apart,
      text_orders_failure_thread_group_notes_and_repeats,
      text_says_what_was_addressed_where_there_is_no_target, text_says_why_a_call_failed,
      text_leaves_out_what_is_unknown, text_shows_container_before_user_unit_before_unit,
      text_stays_one_line_whatever_the_names)
