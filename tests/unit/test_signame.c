/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/signame.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "suite.h"

#define ck_name(signo, want)                                                             \
	do {                                                                             \
		char name_[SIGNAME_SIZE];                                                \
		ck_assert_str_eq(signame_format(signo, name_), want);                    \
	} while (0)

START_TEST(signame_format_uses_the_kernels_names)
{
	ck_name(1, "SIGHUP");
	ck_name(6, "SIGABRT");
	ck_name(9, "SIGKILL");
	ck_name(17, "SIGCHLD");
	ck_name(23, "SIGURG");
	ck_name(29, "SIGIO");
	ck_name(30, "SIGPWR");
	ck_name(31, "SIGSYS");
}
END_TEST

START_TEST(signame_format_counts_realtime_signals_from_34)
{
	ck_name(32, "SIG32");
	ck_name(33, "SIG33");
	ck_name(34, "SIGRTMIN");
	ck_name(35, "SIGRTMIN+1");
	ck_name(64, "SIGRTMIN+30");
}
END_TEST

START_TEST(signame_format_writes_other_numbers_as_digits)
{
	ck_name(0, "0");
	ck_name(65, "65");
	ck_name(-1, "-1");
	ck_name(4294967305, "4294967305");
	ck_name(INT64_MIN, "-9223372036854775808");
}
END_TEST

START_TEST(signame_parse_reads_back_every_name)
{
	char name[SIGNAME_SIZE];

	for (int signo = 0; signo <= SIGNAL_MAX; signo++)
		ck_assert_int_eq(signame_parse(signame_format(signo, name)), signo);
}
END_TEST

START_TEST(signame_parse_takes_what_people_write)
{
	ck_assert_int_eq(signame_parse("TERM"), SIGTERM);
	ck_assert_int_eq(signame_parse("sigterm"), SIGTERM);
	ck_assert_int_eq(signame_parse("15"), SIGTERM);
	ck_assert_int_eq(signame_parse("SIGPOLL"), 29);
	ck_assert_int_eq(signame_parse("io"), 29);
	ck_assert_int_eq(signame_parse("CLD"), SIGCHLD);
	ck_assert_int_eq(signame_parse("IOT"), SIGABRT);
	ck_assert_int_eq(signame_parse("RTMIN+3"), 37);
	ck_assert_int_eq(signame_parse("SIGRTMAX"), 64);
	ck_assert_int_eq(signame_parse("rtmax-30"), 34);
	ck_assert_int_eq(signame_parse("64"), 64);
}
END_TEST

START_TEST(signame_parse_refuses_what_is_no_signal)
{
	static const char *const none[] = {
		"",	     "SIG",	"SIGFOO",      "65",	   "-1",       "1x",
		" 1",	     "RTMIN-1", "RTMAX+1",     "RTMIN+31", "RTMAX-31", "RTMIN+",
		"SIGSIGHUP", "TERMX",	"99999999999", "RTMINX"
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(signame_parse(none[i]) == -EINVAL, "%s", none[i]);
}
END_TEST

START_TEST(signal_set_parse_takes_names_numbers_and_ranges)
{
	struct signal_set set;

	ck_assert_int_eq(signal_set_parse("TERM, sigkill,1-3,RTMIN+30", &set, NULL), 0);
	for (int signo = 0; signo <= SIGNAL_MAX; signo++)
		ck_assert_msg(signal_set_has(&set, signo) ==
				      (signo == 15 || signo == 9 ||
				       (signo >= 1 && signo <= 3) || signo == 64),
			      "%d", signo);
}
END_TEST

START_TEST(signal_set_all_is_1_to_64)
{
	struct signal_set set;

	ck_assert_int_eq(signal_set_parse("all", &set, NULL), 0);
	ck_assert(!signal_set_has(&set, 0));
	for (int signo = 1; signo <= SIGNAL_MAX; signo++)
		ck_assert(signal_set_has(&set, signo));
	ck_assert_int_eq(signal_set_parse("all,0", &set, NULL), 0);
	ck_assert(signal_set_has(&set, 0));
	ck_assert_int_eq(signal_set_parse("0-64", &set, NULL), 0);
	ck_assert(signal_set_has(&set, 0) && signal_set_has(&set, 64));
}
END_TEST

START_TEST(signal_set_has_nothing_outside_of_it)
{
	struct signal_set set;

	ck_assert_int_eq(signal_set_parse("0-64", &set, NULL), 0);
	ck_assert(!signal_set_has(&set, -1));
	ck_assert(!signal_set_has(&set, 65));
	ck_assert(!signal_set_has(&set, INT64_C(1) << 32));
	set = (struct signal_set){ 0 };
	signal_set_add(&set, 65);
	signal_set_add(&set, -1);
	ck_assert(!set.low && !set.max);
}
END_TEST

START_TEST(signal_set_parse_refuses_with_the_culprit_and_changes_nothing)
{
	static const char *const bad[] = { "",	     "TERM,",
					   ",TERM",  "TERM,,HUP",
					   "FOO",    "15-1",
					   "1-65",   "1-",
					   "1-2-3",  "1-TERM",
					   "0001-2", "TERM HUP",
					   "  ",     "000000000000000000000001" };
	struct signal_set set = { .low = 2 };
	struct reason reason;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		reason.text[0] = '\0';
		ck_assert_msg(signal_set_parse(bad[i], &set, &reason) == -EINVAL, "%s",
			      bad[i]);
		ck_assert_str_ne(reason.text, "");
		ck_assert(set.low == 2 && !set.max);
	}
	signal_set_parse("TERM,FOO", &set, &reason);
	ck_assert_ptr_nonnull(strstr(reason.text, "\"FOO\""));
}
END_TEST

SUITE("signame", signame_format_uses_the_kernels_names,
      signame_format_counts_realtime_signals_from_34,
      signame_format_writes_other_numbers_as_digits, signame_parse_reads_back_every_name,
      signame_parse_takes_what_people_write, signame_parse_refuses_what_is_no_signal,
      signal_set_parse_takes_names_numbers_and_ranges, signal_set_all_is_1_to_64,
      signal_set_has_nothing_outside_of_it,
      signal_set_parse_refuses_with_the_culprit_and_changes_nothing)
