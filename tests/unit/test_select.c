/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/select.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "suite.h"

static struct signal_event ev;
static struct select choice;
static struct reason reason;

static void set_event(void)
{
	select_init(&choice);
	event_init(&ev, EVENT_SIGNAL, 1000000);
	ev.signo = SIGTERM;
	ev.result = 0;
	ev.scope = SCOPE_PROCESS;
	ev.argument = 684;
	ev.sender.pid = 5;
	ev.sender.comm = "pkill";
	ev.sender.exe = "/usr/bin/pgrep";
	ev.sender.unit = "cron.service";
	ev.sender.slice = "system.slice";
	ev.has_target = true;
	ev.target.pid = 684;
	ev.target.tid = 690;
	ev.target.comm = "a-name-of-15-by";
	ev.target.exe = "/opt/x/server (deleted)";
	ev.target.unit = "user@1000.service";
	ev.target.user_unit = "app.service";
}

static bool from(const char *text)
{
	set_event();
	ck_assert_int_eq(who_parse(&choice.sender, text, &reason), 0);
	return select_matches(&choice, &ev);
}

static bool to(const char *text)
{
	set_event();
	ck_assert_int_eq(who_parse(&choice.target, text, &reason), 0);
	return select_matches(&choice, &ev);
}

START_TEST(select_who_is_told_by_its_looks)
{
	struct who who;

	ck_assert_int_eq(who_parse(&who, "12", &reason), 0);
	ck_assert_int_eq(who.kind, WHO_PID);
	ck_assert_int_eq(who.pid, 12);
	ck_assert_int_eq(who_parse(&who, "/bin/x.service", &reason), 0);
	ck_assert_int_eq(who.kind, WHO_EXE);
	ck_assert_int_eq(who_parse(&who, "a@b.service", &reason), 0);
	ck_assert_int_eq(who.kind, WHO_UNIT);
	ck_assert_int_eq(who_parse(&who, ".service", &reason), 0);
	ck_assert_int_eq(who.kind, WHO_NAME);
	ck_assert_int_eq(who_parse(&who, "-1", &reason), 0);
	ck_assert_int_eq(who.kind, WHO_NAME);
	ck_assert_int_eq(who_parse(&who, "", &reason), -EINVAL);
	ck_assert_int_eq(who_parse(&who, "99999999999", &reason), -EINVAL);
	ck_assert_int_eq(who_parse(&who, "99999999999999999999999", &reason), -EINVAL);
}
END_TEST

START_TEST(select_finds_the_sender_by_each_of_its_names)
{
	ck_assert(from("5") && !from("684"));
	ck_assert(from("pkill") && from("pgrep") && !from("kill") && !from("pkil"));
	ck_assert(from("/usr/bin/pgrep") && !from("/usr/bin/pkill"));
	ck_assert(from("cron.service") && from("system.slice") && !from("x.service"));
}
END_TEST

START_TEST(select_finds_the_target_by_pid_thread_and_names)
{
	ck_assert(to("684") && to("690") && !to("5"));
	ck_assert(to("server") && to("/opt/x/server"));
	ck_assert(to("a-name-of-15-bytes") && !to("a-name-of-15-b"));
	ck_assert(to("app.service") && to("user@1000.service"));
}
END_TEST

START_TEST(select_finds_a_number_that_nobody_had)
{
	set_event();
	ev.has_target = false;
	who_parse(&choice.target, "684", &reason);
	ck_assert(select_matches(&choice, &ev));
	ev.scope = SCOPE_GROUP;
	ck_assert(!select_matches(&choice, &ev));
	who_parse(&choice.target, "java", &reason);
	ck_assert(!select_matches(&choice, &ev));
	choice.target.kind = WHO_ANY;
	ck_assert(select_matches(&choice, &ev));
	choice.unit = "app.service";
	ck_assert(!select_matches(&choice, &ev));
}
END_TEST

START_TEST(select_all_that_is_asked_must_hold)
{
	set_event();
	choice.unit = "app.service";
	choice.has_signals = true;
	signal_set_add(&choice.signals, SIGTERM);
	ck_assert(select_matches(&choice, &ev));
	choice.failed = true;
	ck_assert(!select_matches(&choice, &ev));
	ev.result = EPERM;
	ck_assert(select_matches(&choice, &ev));
	ev.signo = SIGHUP;
	ck_assert(!select_matches(&choice, &ev));
	ev.signo = SIGTERM;
	ev.result = NUMBER_ABSENT;
	ck_assert(!select_matches(&choice, &ev));
}
END_TEST

START_TEST(select_times_are_bounds_that_belong_to_it)
{
	set_event();
	choice.since_usec = choice.until_usec = 1000000;
	ck_assert(select_matches(&choice, &ev));
	choice.since_usec++;
	ck_assert(!select_matches(&choice, &ev));
	choice.since_usec = choice.until_usec = 999999;
	ck_assert(!select_matches(&choice, &ev));
	ev.since_usec = 999000; /* one of the repeats was then */
	ck_assert(select_matches(&choice, &ev));
	choice.until_usec = 998999;
	ck_assert(!select_matches(&choice, &ev));
}
END_TEST

START_TEST(select_trail_entries_pass_where_only_times_are_asked_for)
{
	set_event();
	event_init_trail(&ev, TRAIL_INCOMPLETE, 1000000);
	ck_assert(select_is_any(&choice) && select_matches(&choice, &ev));
	ev.trail.since_usec = 5000;
	ev.trail.until_usec = 6000;
	choice.until_usec = 5000;
	ck_assert(select_matches(&choice, &ev));
	choice.until_usec = 4999;
	ck_assert(!select_matches(&choice, &ev));
	choice.until_usec = NUMBER_ABSENT;
	choice.failed = true;
	ck_assert(!select_is_any(&choice) && !select_matches(&choice, &ev));
}
END_TEST

START_TEST(select_deaths_have_no_sender_and_do_not_fail)
{
	set_event();
	ev.kind = EVENT_DEATH;
	ck_assert(select_matches(&choice, &ev));
	who_parse(&choice.target, "684", &reason);
	choice.has_signals = true;
	signal_set_add(&choice.signals, SIGTERM);
	ck_assert(select_matches(&choice, &ev));
	choice.failed = true;
	ck_assert(!select_matches(&choice, &ev));
	choice.failed = false;
	who_parse(&choice.sender, "5", &reason);
	ck_assert(!select_matches(&choice, &ev));
}
END_TEST

SUITE("select", select_who_is_told_by_its_looks,
      select_finds_the_sender_by_each_of_its_names,
      select_finds_the_target_by_pid_thread_and_names,
      select_finds_a_number_that_nobody_had, select_all_that_is_asked_must_hold,
      select_times_are_bounds_that_belong_to_it,
      select_trail_entries_pass_where_only_times_are_asked_for,
      select_deaths_have_no_sender_and_do_not_fail)
