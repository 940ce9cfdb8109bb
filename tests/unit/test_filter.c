/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/filter.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "suite.h"

static const char sender_args[] = "/usr/bin/kill\0-TERM\0two words";

/* A signal with something in each type of field. */
static struct signal_event sample(void)
{
	struct signal_event ev;
	size_t n;

	event_init(&ev, EVENT_SIGNAL, INT64_C(1763763047191000));
	ev.serial = 4711;
	ev.call = &sigcall_table(&n)[0];
	ev.arch = sigarch_of_name("x86_64");
	ev.result = 0;
	ev.signo = SIGTERM;
	ev.scope = SCOPE_PROCESS;
	ev.argument = -684;
	ev.has_target = true;
	ev.notes[0] = "escalation";
	ev.notes[1] = "no-such-process";
	ev.n_notes = 2;
	ev.sender.pid = 4312;
	ev.sender.auid = NUMBER_NULL;
	ev.sender.comm = "kill";
	ev.sender.exe = "/usr/bin/kill";
	ev.sender.cmdline = (struct bytes){ sender_args, sizeof(sender_args) };
	ev.sender.cmdline_cut = true;
	ev.sender.unit = "cron.service";
	ev.target.pid = 684;
	ev.target.comm = "java";
	ev.target.unit = "tomcat.service";
	return ev;
}

static bool matches(const char *expression, const struct signal_event *ev)
{
	struct filter *filter = NULL;
	struct reason reason = { "" };
	bool match;

	ck_assert_msg(filter_parse(&filter, expression, &reason) == 0, "%s: %s",
		      expression, reason.text);
	match = filter_match(filter, ev);
	ck_assert_ptr_null(filter_free(filter));
	return match;
}

static void assert_refused(const char *expression, const char *part)
{
	struct filter *filter = NULL;
	struct reason reason = { "" };

	ck_assert_msg(filter_parse(&filter, expression, &reason) == -EINVAL, "%s",
		      expression);
	ck_assert_msg(strstr(reason.text, part), "%s: no \"%s\" in: %s", expression, part,
		      reason.text);
	ck_assert_ptr_null(filter);
}

struct claim {
	const char *expression;
	bool matches;
};

static void assert_claims(const struct claim *claims, size_t n)
{
	struct signal_event ev = sample();

	for (size_t i = 0; i < n; i++)
		ck_assert_msg(matches(claims[i].expression, &ev) == claims[i].matches,
			      "%s", claims[i].expression);
}

#define CLAIMS(c) assert_claims(c, sizeof(c) / sizeof((c)[0]))

START_TEST(filter_matches_each_type_of_field)
{
	static const struct claim claims[] = {
		{ "syscall=kill", true },
		{ "syscall=tgkill", false },
		{ "arch=x86*", true },
		{ "arch=i386", false },
		{ "result=success", true },
		{ "result=EPERM,ESRCH", false },
		{ "scope=process", true },
		{ "scope=thread,group", false },
		{ "serial=4711", true },
		{ "serial=47??", true },
		{ "serial=4712", false },
		{ "argument=-684", true },
		{ "argument=684", false },
		{ "sender.pid=4312", true },
		{ "sender.cmdline_cut=yes", true },
		{ "sender.cmdline_cut=no", false },
		{ "target.cmdline_cut=no", true },
		{ "target.cmdline_cut=yes", false },
		{ "time=2025-11-21T22:10:*", true },
		{ "time=2024*", false },
		{ "signal.name=SIGTERM", true },
		{ "signal.number=15", true },
	};

	CLAIMS(claims);
}
END_TEST

START_TEST(filter_globs_cross_slashes_and_have_alternatives)
{
	static const struct claim claims[] = {
		{ "sender.exe=/usr/bin/kill", true },
		{ "sender.exe=/usr/*", true },
		{ "sender.exe=/usr/bin", false },
		{ "sender.exe=kill", false },
		{ "sender.exe=/bin/sh,/usr/bin/k*", true },
		{ "sender.exe=/bin/sh,/usr/bin/x*", false },
		{ "sender.exe=/usr/bin/[a-k]ill", true },
		{ "target.unit=*.service", true },
		{ "target.unit=*.scope", false },
	};

	CLAIMS(claims);
}
END_TEST

START_TEST(filter_sees_a_command_line_with_blanks_between_its_arguments)
{
	struct signal_event ev = sample();
	char args[6000];

	ck_assert(matches("sender.cmdline=/usr/bin/kill?-TERM?two?words", &ev));
	ck_assert(matches("sender.cmdline=*kill[[:blank:]]-TERM[[:blank:]]*", &ev));
	ck_assert(!matches("sender.cmdline=/usr/bin/kill", &ev));
	ck_assert(matches("sender.cmdline!=*java*", &ev));
	memset(args, 'a', sizeof(args));
	ev.sender.cmdline = (struct bytes){ args, sizeof(args) };
	ck_assert(matches("sender.cmdline=aaaa*", &ev));
	ck_assert(!matches("sender.cmdline=*b", &ev));
}
END_TEST

START_TEST(filter_matches_a_set_if_any_member_does)
{
	static const struct claim claims[] = {
		{ "notes=escalation", true },	     { "notes=no-such-process", true },
		{ "notes=stale-pidfile", false },    { "notes!=escalation", false },
		{ "notes!=no-such-process", false }, { "notes!=stale-pidfile", true },
		{ "notes=stale*,no-such-*", true },
	};

	CLAIMS(claims);
}
END_TEST

START_TEST(filter_of_an_absent_field_holds_only_negated)
{
	static const struct claim claims[] = {
		{ "sender.container=*", false },   { "sender.container!=*", true },
		{ "sender.container!=abc", true }, { "sender.auid=null", true },
		{ "sender.auid=1000", false },	   { "sender.session=*", false },
	};
	struct signal_event ev = sample();

	CLAIMS(claims);
	ev.n_notes = 0;
	ck_assert(!matches("notes=*", &ev));
	ck_assert(matches("notes!=*", &ev));
}
END_TEST

START_TEST(filter_terms_must_all_hold)
{
	static const struct claim claims[] = {
		{ "signal=TERM sender.comm=kill target.comm=java", true },
		{ "  signal=TERM\t sender.comm=kill  ", true },
		{ "signal=TERM sender.comm=kill target.comm=x", false },
		{ "signal=KILL sender.comm=kill", false },
		{ "sender.exe=*=*", false },
	};

	CLAIMS(claims);
}
END_TEST

START_TEST(filter_signal_takes_names_numbers_and_ranges)
{
	static const struct claim claims[] = {
		{ "signal=SIGTERM", true },   { "signal=term", true },
		{ "signal=9,15", true },      { "signal=1-14", false },
		{ "signal=10-20", true },     { "signal=all", true },
		{ "signal!=SIGTERM", false }, { "signal!=SIGKILL,SIGSTOP", true },
	};
	struct signal_event ev = sample();

	CLAIMS(claims);
	ev.signo = NUMBER_ABSENT;
	ck_assert(!matches("signal=all", &ev));
	ck_assert(matches("signal!=all", &ev));
}
END_TEST

START_TEST(filter_self_is_one_process)
{
	struct signal_event ev = sample();

	ck_assert(!matches("self=yes", &ev));
	ck_assert(matches("self=no", &ev));
	ck_assert(matches("self!=yes", &ev));
	ev.target.pid = ev.sender.pid;
	ck_assert(matches("self=yes", &ev));
	ck_assert(!matches("self=no", &ev));
	ck_assert(matches("self!=no", &ev));
	ev.has_target = false;
	ck_assert(!matches("self=yes", &ev));
	ev.has_target = true;
	ev.sender.pid = ev.target.pid = NUMBER_ABSENT;
	ck_assert(!matches("self=yes", &ev));
}
END_TEST

START_TEST(filter_unit_same_needs_one_known_place)
{
	struct signal_event ev = sample();

	ck_assert(!matches("unit=same", &ev));
	ck_assert(matches("unit!=same", &ev));
	ev.sender.unit = ev.target.unit = NULL;
	ck_assert(!matches("unit=same", &ev));
	ev.sender.unit = "a.service";
	ck_assert(!matches("unit=same", &ev));
	ev.target.unit = (char[]){ "a.service" };
	ck_assert(matches("unit=same", &ev));
	ev.sender.user_unit = "x.service";
	ck_assert(!matches("unit=same", &ev));
	ev.target.user_unit = "x.service";
	ck_assert(matches("unit=same", &ev));
	ev.target.container = "abc";
	ck_assert(!matches("unit=same", &ev));
	ev.sender.container = "abc";
	ev.sender.unit = ev.target.unit = NULL;
	ev.sender.user_unit = ev.target.user_unit = NULL;
	ck_assert(matches("unit=same", &ev));
	ev.has_target = false;
	ck_assert(!matches("unit=same", &ev));
}
END_TEST

START_TEST(filter_matches_hostile_names_bytewise)
{
	struct signal_event ev = sample();

	ev.sender.comm = "\xff\x1b[2J\n";
	ck_assert(matches("sender.comm=?\x1b*", &ev));
	ck_assert(matches("sender.comm!=kill", &ev));
	ev.sender.comm = "*";
	ck_assert(!matches("sender.comm=kill", &ev));
	ev.sender.comm = "";
	ck_assert(matches("sender.comm=*", &ev));
	ck_assert(!matches("sender.comm=?*", &ev));
}
END_TEST

START_TEST(filter_errors_say_what_is_wrong)
{
	assert_refused("", "empty");
	assert_refused(" \t ", "empty");
	assert_refused("SIGURG", "SIGURG has no '='");
	assert_refused("signal=TERM foo", "foo has no '='");
	assert_refused("=x", "no name");
	assert_refused("!=x", "no name");
	assert_refused("sender.exee=x", "did you mean sender.exe?");
	assert_refused("Signal=TERM", "did you mean signal?");
	assert_refused("target.unnit=x", "did you mean target.unit?");
	assert_refused("completely=x", "names are signal, self, unit");
	assert_refused("sender.exe=", "sender.exe= has no value");
	assert_refused("sender.exe!=", "no value");
	assert_refused("signal=", "no value");
	assert_refused("sender.exe=a,,b", "beside a comma");
	assert_refused("sender.exe=a,", "beside a comma");
	assert_refused("sender.exe=,a", "beside a comma");
	assert_refused("sender.exe=\"/bin/sh\"", "quotes");
	assert_refused("signal=SIGFOO", "SIGFOO");
	assert_refused("self=maybe", "yes or no");
	assert_refused("unit=a.service", "target.unit");
	assert_refused("sender.cmdline_cut=1", "yes or no");
}
END_TEST

START_TEST(filter_errors_are_escaped_and_short)
{
	struct filter *filter = NULL;
	struct reason reason = { "" };
	char word[3000];

	assert_refused("a\x1b[2J=x", "\"a\\x1b[2J\"");
	assert_refused("signal=\x1b[2J", "\\x1b");
	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	ck_assert_int_eq(filter_parse(&filter, word, &reason), -EINVAL);
	ck_assert_uint_lt(strlen(reason.text), 250);
	ck_assert_int_eq(filter_parse(&filter, "nonsense", NULL), -EINVAL);
}
END_TEST

START_TEST(filter_has_a_bound_for_its_terms)
{
	char expression[65 * 12 + 1] = "";
	struct filter *filter = NULL;

	for (int i = 0; i < 64; i++)
		strcat(expression, "signal=TERM ");
	ck_assert_int_eq(filter_parse(&filter, expression, NULL), 0);
	filter_free(filter);
	strcat(expression, "signal=TERM ");
	assert_refused(expression, "more than 64");
}
END_TEST

SUITE("filter", filter_matches_each_type_of_field,
      filter_globs_cross_slashes_and_have_alternatives,
      filter_sees_a_command_line_with_blanks_between_its_arguments,
      filter_matches_a_set_if_any_member_does,
      filter_of_an_absent_field_holds_only_negated, filter_terms_must_all_hold,
      filter_signal_takes_names_numbers_and_ranges, filter_self_is_one_process,
      filter_unit_same_needs_one_known_place, filter_matches_hostile_names_bytewise,
      filter_errors_say_what_is_wrong, filter_errors_are_escaped_and_short,
      filter_has_a_bound_for_its_terms)
