/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/notes.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

#define SECOND INT64_C(1000000)
#define NOON   (1000000 * SECOND)

static const struct sigcall by_pid = { "kill", 1, 0, SIGCALL_BY_PID };
static const struct sigcall by_tid = { "tkill", 1, 0, SIGCALL_BY_TID };

static struct notes *notes;
static struct signal_event ev;
static struct note_facts facts;

static void setup(void)
{
	ck_assert_int_eq(notes_new(&notes), 0);
}

static void teardown(void)
{
	ck_assert_ptr_null(notes_free(notes));
	ck_assert_ptr_null(notes_free(NULL));
}

/* A signal by kill(2) from pkill[4312] to java[684], as far as nothing is to be noted. */
static void set_event(int signo, int64_t time_usec)
{
	facts = (struct note_facts){ .number_start_usec = NUMBER_ABSENT };
	event_init(&ev, EVENT_SIGNAL, time_usec);
	ev.call = &by_pid;
	ev.scope = SCOPE_PROCESS;
	ev.signo = signo;
	ev.result = 0;
	ev.argument = 684;
	ev.has_target = true;
	ev.sender.pid = 4312;
	ev.sender.start_usec = 70 * SECOND;
	ev.sender.host_namespace = true;
	ev.sender.exe = "/usr/bin/pkill";
	ev.target.pid = 684;
	ev.target.start_usec = 5 * SECOND;
	ev.target.comm = "java";
}

/* All notes with a blank between them. */
static const char *noted(void)
{
	static char text[1024];

	notes_add(notes, &ev, &facts);
	text[0] = '\0';
	for (size_t i = 0; i < ev.n_notes; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 i ? " " : "", ev.notes[i]);
	return text;
}

START_TEST(notes_say_nothing_of_a_plain_signal)
{
	setup();
	set_event(SIGTERM, NOON);
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

START_TEST(notes_are_for_signals_only)
{
	setup();
	set_event(SIGTERM, NOON);
	ev.kind = EVENT_DEATH;
	ev.sender.pid = 684;
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

START_TEST(notes_thread_target_is_a_process_call_with_a_thread_s_number)
{
	setup();
	set_event(SIGTERM, NOON);
	ev.argument = ev.target.tid = 731;
	ck_assert_str_eq(noted(), "thread-target");
	/* A call that means threads is no mistake. */
	set_event(SIGTERM, NOON);
	ev.call = &by_tid;
	ev.scope = SCOPE_THREAD;
	ev.argument = ev.target.tid = 731;
	ck_assert_str_eq(noted(), "");
	/* The number of a pid namespace that can't be translated. */
	set_event(SIGTERM, NOON);
	ev.argument = 2;
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

START_TEST(notes_self_and_process_1_of_a_container)
{
	setup();
	set_event(SIGABRT, NOON);
	ev.sender.pid = 684;
	ck_assert_str_eq(noted(), "self");
	set_event(SIGTERM, NOON);
	ev.target.namespace_pid = 1;
	ck_assert_str_eq(noted(), "pid1-of-container");
	ev.n_notes = 0;
	ev.target.namespace_pid = 2;
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

struct crossing {
	const char *sender_unit, *sender_user_unit, *sender_container;
	const char *target_unit, *target_user_unit, *target_container;
	const char *notes;
};

START_TEST(notes_crossings_need_both_sides)
{
	static const struct crossing rows[] = {
		{ "a.service", NULL, NULL, "a.service", NULL, NULL, "" },
		{ "a.service", NULL, NULL, "b.service", NULL, NULL, "cross-unit" },
		{ NULL, NULL, NULL, "b.service", NULL, NULL, "" },
		{ "a.service", NULL, NULL, NULL, NULL, NULL, "" },
		{ "user@1.service", "x.service", NULL, "user@1.service", "x.service",
		  NULL, "" },
		{ "user@1.service", "x.service", NULL, "user@1.service", "y.service",
		  NULL, "cross-unit" },
		{ "session-3.scope", NULL, NULL, "user@1.service", "y.service", NULL,
		  "cross-unit" },
		/* Service managers at their work, and not at it. */
		{ "init.scope", NULL, NULL, "b.service", NULL, NULL, "" },
		{ "user@1.service", "init.scope", NULL, "user@1.service", "y.service",
		  NULL, "" },
		{ "user@1.service", "init.scope", NULL, "b.service", NULL, NULL,
		  "cross-unit" },
		{ "user@1.service", "init.scope", NULL, "user@2.service", "y.service",
		  NULL, "cross-unit" },
		{ "a.service", NULL, NULL, "init.scope", NULL, NULL, "cross-unit" },
		/* Containers; whoever is in none is on the host. */
		{ "d.scope", NULL, "c1", "d.scope", NULL, "c1", "" },
		{ "d.scope", NULL, "c1", "e.scope", NULL, "c2",
		  "cross-unit cross-container" },
		{ "a.service", NULL, NULL, "a.service", NULL, "c2", "cross-container" },
		{ "a.service", NULL, "c1", "a.service", NULL, NULL, "cross-container" },
		{ NULL, NULL, NULL, NULL, NULL, "c2", "" },
		{ NULL, NULL, "c1", NULL, NULL, "c2", "cross-container" },
		{ "init.scope", NULL, "c1", "d.scope", NULL, "c1", "cross-unit" },
	};

	setup();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set_event(SIGHUP, NOON);
		ev.sender.unit = rows[i].sender_unit;
		ev.sender.user_unit = rows[i].sender_user_unit;
		ev.sender.container = rows[i].sender_container;
		ev.target.unit = rows[i].target_unit;
		ev.target.user_unit = rows[i].target_user_unit;
		ev.target.container = rows[i].target_container;
		ck_assert_msg(strcmp(noted(), rows[i].notes) == 0, "row %zu: %s", i,
			      noted());
	}
	set_event(SIGTERM, NOON);
	ev.sender.pid = 1;
	ev.sender.unit = "other.scope";
	ev.target.unit = "b.service";
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

START_TEST(notes_cross_user_compares_real_users)
{
	setup();
	set_event(SIGHUP, NOON);
	ev.sender.uid = 0;
	ev.target.uid = 0;
	ck_assert_str_eq(noted(), "");
	ev.target.uid = 33;
	ck_assert_str_eq(noted(), "cross-user");
	ev.n_notes = 0;
	ev.target.uid = NUMBER_ABSENT;
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

/* SIGTERM now, SIGKILL after so many microseconds: the notes of the latter. */
static const char *term_then_kill(int64_t after_usec)
{
	setup();
	set_event(SIGTERM, NOON);
	ck_assert_str_eq(noted(), "");
	set_event(SIGKILL, NOON + after_usec);
	return noted();
}

START_TEST(notes_escalation_has_the_time_between)
{
	ck_assert_str_eq(term_then_kill(10 * SECOND), "escalation=10.0s");
	teardown();
	ck_assert_str_eq(term_then_kill(90 * SECOND + 149999), "escalation=90.1s");
	teardown();
	ck_assert_str_eq(term_then_kill(1), "escalation=0.0s");
	teardown();
	ck_assert_str_eq(term_then_kill(-SECOND), "escalation=0.0s");
	teardown();
}
END_TEST

START_TEST(notes_escalation_counts_from_the_last_request)
{
	setup();
	set_event(SIGTERM, NOON);
	noted();
	set_event(SIGTERM, NOON + 7 * SECOND);
	noted();
	set_event(SIGKILL, NOON + 10 * SECOND);
	ck_assert_str_eq(noted(), "escalation=3.0s");
	teardown();
}
END_TEST

START_TEST(notes_escalation_wants_a_request_before)
{
	setup();
	set_event(SIGKILL, NOON);
	ck_assert_str_eq(noted(), "");
	/* Failed, or no request to end. */
	set_event(SIGTERM, NOON);
	ev.result = EPERM;
	noted();
	set_event(SIGHUP, NOON);
	noted();
	set_event(SIGKILL, NOON);
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

START_TEST(notes_escalation_that_failed_is_none)
{
	setup();
	set_event(SIGTERM, NOON);
	noted();
	set_event(SIGKILL, NOON);
	ev.result = EPERM;
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

START_TEST(notes_escalation_knows_a_unit_s_stop_signal)
{
	setup();
	set_event(SIGQUIT, NOON);
	facts.stop_signal = SIGQUIT;
	noted();
	set_event(SIGKILL, NOON + SECOND);
	ck_assert_str_eq(noted(), "escalation=1.0s");
	teardown();
}
END_TEST

START_TEST(notes_escalation_is_of_one_process)
{
	setup();
	set_event(SIGTERM, NOON);
	noted();
	set_event(SIGKILL, NOON + SECOND);
	ev.target.pid = ev.argument = 685;
	ck_assert_str_eq(noted(), "");
	/* The number is another process's by now. */
	set_event(SIGKILL, NOON + SECOND);
	ev.target.start_usec = 6 * SECOND;
	ck_assert_str_eq(noted(), "");
	/* It was gone before it could be looked at: the name must do. */
	set_event(SIGKILL, NOON + SECOND);
	ev.target.start_usec = NUMBER_ABSENT;
	ck_assert_str_eq(noted(), "escalation=1.0s");
	ev.n_notes = 0;
	ev.target.comm = "sleep";
	ck_assert_str_eq(noted(), "");
	/* Another host has its own numbers. */
	set_event(SIGKILL, NOON + SECOND);
	ev.node = "elsewhere";
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

START_TEST(notes_escalation_is_of_one_sender)
{
	static const struct {
		int64_t pid, start_usec;
		const char *exe, *unit;
		const char *notes;
	} rows[] = {
		{ 4312, 70 * SECOND, "/bin/x", NULL, "escalation=1.0s" },
		{ 4312, NUMBER_ABSENT, "/bin/x", NULL, "escalation=1.0s" },
		{ 4312, 71 * SECOND, "/bin/x", NULL, "" },
		{ 4313, 71 * SECOND, "/usr/bin/pkill", NULL, "escalation=1.0s" },
		{ 4313, 71 * SECOND, "/bin/x", "cron.service", "escalation=1.0s" },
		{ 4313, 71 * SECOND, "/bin/x", "at.service", "" },
		{ 4313, 71 * SECOND, "/usr/bin/pkill", "at.service", "" },
		{ 4313, 71 * SECOND, NULL, NULL, "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup();
		set_event(SIGTERM, NOON);
		ev.sender.unit = "cron.service";
		noted();
		set_event(SIGKILL, NOON + SECOND);
		ev.sender.pid = rows[i].pid;
		ev.sender.start_usec = rows[i].start_usec;
		ev.sender.exe = rows[i].exe;
		ev.sender.unit = rows[i].unit;
		ck_assert_msg(strcmp(noted(), rows[i].notes) == 0, "row %zu", i);
		teardown();
	}
}
END_TEST

/* A request to end by another program of this number. */
static void request_by(int64_t sender, int64_t target, int64_t time_usec)
{
	char exe[32];

	set_event(SIGTERM, time_usec);
	snprintf(exe, sizeof(exe), "/bin/%lld", (long long)sender);
	ev.sender.pid = sender;
	ev.sender.exe = exe;
	ev.target.pid = ev.argument = target;
	noted();
}

START_TEST(notes_escalation_remembers_the_last_four_senders)
{
	setup();
	for (int i = 1; i <= 5; i++)
		request_by(i, 684, NOON + i * SECOND);
	for (int i = 1; i <= 5; i++) {
		set_event(SIGKILL, NOON + 10 * SECOND);
		ev.sender.pid = i;
		ck_assert_int_eq(noted()[0] != '\0', i > 1);
	}
	teardown();
}
END_TEST

START_TEST(notes_escalation_forgets_the_target_signalled_longest_ago)
{
	setup();
	for (int i = 0; i < 1024; i++)
		request_by(4312, 10000 + i, NOON);
	request_by(4312, 10000, NOON);
	request_by(4312, 20000, NOON);
	set_event(SIGKILL, NOON + SECOND);
	ev.target.pid = 10000;
	ck_assert_str_eq(noted(), "escalation=1.0s");
	set_event(SIGKILL, NOON + SECOND);
	ev.target.pid = 10001;
	ck_assert_str_eq(noted(), "");
	set_event(SIGKILL, NOON + SECOND);
	ev.target.pid = 20000;
	ck_assert_str_eq(noted(), "escalation=1.0s");
	teardown();
}
END_TEST

static struct note_file file = { "/run/x.pid", NOON - 3600 * SECOND, false };

static void set_files(const struct note_file *files, size_t n, int64_t start_usec)
{
	facts.files = files;
	facts.n_files = n;
	facts.number_start_usec = start_usec;
}

START_TEST(notes_stale_pidfile_is_older_than_who_has_the_number)
{
	setup();
	set_event(SIGTERM, NOON);
	ev.argument = ev.target.tid = 731;
	set_files(&file, 1, NOON - 60 * SECOND);
	ck_assert_str_eq(noted(), "thread-target stale-pidfile=/run/x.pid");
	ev.n_notes = 0;
	/* Not by the clock's coarseness only. */
	facts.number_start_usec = file.mtime_usec + 2 * SECOND;
	ck_assert_str_eq(noted(), "thread-target");
	ev.n_notes = 0;
	facts.number_start_usec = file.mtime_usec + 2 * SECOND + 1;
	ck_assert_str_eq(noted(), "thread-target stale-pidfile=/run/x.pid");
	ev.n_notes = 0;
	facts.number_start_usec = NUMBER_ABSENT;
	ck_assert_str_eq(noted(), "thread-target");
	teardown();
}
END_TEST

START_TEST(notes_stale_pidfile_of_a_number_that_nobody_has)
{
	setup();
	set_event(SIGTERM, NOON);
	ev.has_target = false;
	ev.result = ESRCH;
	set_files(&file, 1, NUMBER_ABSENT);
	ck_assert_str_eq(noted(), "stale-pidfile=/run/x.pid");
	ev.n_notes = 0;
	/* Written since then, by somebody who has the number now. */
	ev.time_usec = file.mtime_usec - 1;
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

START_TEST(notes_stale_pidfile_across_units)
{
	setup();
	set_event(SIGHUP, NOON);
	ev.sender.unit = "a.service";
	ev.target.unit = "b.service";
	set_files(&file, 1, NOON - 60 * SECOND);
	ck_assert_str_eq(noted(), "stale-pidfile=/run/x.pid cross-unit");
	ev.n_notes = 0;
	ev.target.unit = "a.service";
	ck_assert_str_eq(noted(), "");
	teardown();
}
END_TEST

START_TEST(notes_stale_pidfile_only_where_the_number_is_the_host_s)
{
	setup();
	set_event(SIGTERM, NOON);
	ev.argument = ev.target.tid = 731;
	ck_assert(notes_may_be_stale(&ev));
	set_files(&file, 1, NOON - 60 * SECOND);
	ev.sender.host_namespace = false;
	ck_assert(!notes_may_be_stale(&ev));
	ck_assert_str_eq(noted(), "thread-target");
	/* No number at all, a group, or a call that means threads. */
	set_event(SIGTERM, NOON);
	ev.has_target = false;
	ev.result = ESRCH;
	ck_assert(notes_may_be_stale(&ev));
	ev.argument = -684;
	ev.scope = SCOPE_GROUP;
	ck_assert(!notes_may_be_stale(&ev));
	ev.scope = SCOPE_THREAD;
	ev.call = &by_tid;
	ev.argument = 684;
	ck_assert(!notes_may_be_stale(&ev));
	ev.call = &by_pid;
	ev.scope = SCOPE_PROCESS;
	ev.result = EPERM;
	ck_assert(!notes_may_be_stale(&ev));
	teardown();
}
END_TEST

START_TEST(notes_stale_pidfile_is_the_one_that_was_read)
{
	const struct note_file right = { "/run/right.pid", NOON, false };
	struct note_file files[3] = { file, file, right };

	setup();
	set_event(SIGTERM, NOON);
	ev.argument = ev.target.tid = 731;
	files[0].path = "/run/a.pid";
	files[1].path = "/run/b.pid";
	set_files(files, 2, NOON - 60 * SECOND);
	ck_assert_str_eq(noted(), "thread-target stale-pidfile=/run/a.pid");
	ev.n_notes = 0;
	/* Another file holds it rightly: it may have been that one. */
	facts.n_files = 3;
	ck_assert_str_eq(noted(), "thread-target");
	ev.n_notes = 0;
	/* The sender's own settles it, either way. */
	files[0].of_sender = true;
	ck_assert_str_eq(noted(), "thread-target stale-pidfile=/run/a.pid");
	ev.n_notes = 0;
	files[0] = right;
	files[0].of_sender = true;
	ck_assert_str_eq(noted(), "thread-target");
	teardown();
}
END_TEST

START_TEST(notes_stand_in_one_order_and_have_room_for_all)
{
	setup();
	set_event(SIGTERM, NOON - 10 * SECOND);
	ev.target.tid = ev.argument = 731;
	noted();
	set_event(SIGKILL, NOON);
	ev.target.tid = ev.argument = 731;
	ev.sender.unit = "a.service";
	ev.target.unit = "b.service";
	ev.target.container = "web";
	ev.sender.uid = 0;
	ev.target.uid = 33;
	ev.target.namespace_pid = 1;
	set_files(&file, 1, NOON - 60 * SECOND);
	ck_assert_str_eq(noted(),
			 "thread-target stale-pidfile=/run/x.pid escalation=10.0s "
			 "pid1-of-container cross-unit cross-container cross-user");
	ev.n_notes = 0;
	ev.sender.pid = 684;
	noted();
	ck_assert_uint_eq(ev.n_notes, EVENT_NOTES_MAX);
	teardown();
}
END_TEST

START_TEST(notes_that_the_line_shows_in_other_words)
{
	ck_assert(note_is_shown("thread-target"));
	ck_assert(note_is_shown("self"));
	ck_assert(note_is_shown("cross-unit"));
	ck_assert(note_is_shown("cross-container"));
	ck_assert(note_is_shown("cross-user"));
	ck_assert(!note_is_shown("pid1-of-container"));
	ck_assert(!note_is_shown("escalation=1.0s"));
	ck_assert(!note_is_shown("stale-pidfile=/run/x.pid"));
}
END_TEST

SUITE("notes", notes_say_nothing_of_a_plain_signal, notes_are_for_signals_only,
      notes_thread_target_is_a_process_call_with_a_thread_s_number,
      notes_self_and_process_1_of_a_container, notes_crossings_need_both_sides,
      notes_cross_user_compares_real_users, notes_escalation_has_the_time_between,
      notes_escalation_counts_from_the_last_request,
      notes_escalation_wants_a_request_before, notes_escalation_that_failed_is_none,
      notes_escalation_knows_a_unit_s_stop_signal, notes_escalation_is_of_one_process,
      notes_escalation_is_of_one_sender, notes_escalation_remembers_the_last_four_senders,
      notes_escalation_forgets_the_target_signalled_longest_ago,
      notes_stale_pidfile_is_older_than_who_has_the_number,
      notes_stale_pidfile_of_a_number_that_nobody_has, notes_stale_pidfile_across_units,
      notes_stale_pidfile_only_where_the_number_is_the_host_s,
      notes_stale_pidfile_is_the_one_that_was_read,
      notes_stand_in_one_order_and_have_room_for_all,
      notes_that_the_line_shows_in_other_words)
