/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/when.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "suite.h"

#define SECONDS 1000000LL
#define HOURS	(3600 * SECONDS)
#define NOW	1795300047191000 /* 2026-11-21T22:27:27.191Z */

static struct reason reason;

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

/* The time in seconds, -1 where the text is refused. */
static double seconds(const char *text)
{
	int64_t usec = -1;

	reason.text[0] = '\0';
	if (when_parse(&usec, text, NOW, &reason) < 0) {
		ck_assert_int_eq(usec, -1);
		ck_assert_str_ne(reason.text, "");
		return -1;
	}
	return (double)usec / SECONDS;
}

/* What date(1) would show in UTC. */
static const char *utc(const char *text)
{
	static char shown[64];
	time_t t = (time_t)seconds(text);
	struct tm tm;

	if (t < 0)
		return "refused";
	gmtime_r(&t, &tm);
	strftime(shown, sizeof(shown), "%F %T", &tm);
	return shown;
}

START_TEST(when_reads_dates_in_local_time)
{
	set_zone("Europe/Berlin");
	ck_assert_str_eq(utc("2026-11-21"), "2026-11-20 23:00:00");
	ck_assert_str_eq(utc("2026-11-21 08:30"), "2026-11-21 07:30:00");
	ck_assert_str_eq(utc("2026-07-21 08:30:15"), "2026-07-21 06:30:15");
	ck_assert_str_eq(utc("2028-02-29 00:00"), "2028-02-28 23:00:00");
	ck_assert_str_eq(utc("2000-02-29"), "2000-02-28 23:00:00");
}
END_TEST

START_TEST(when_reads_a_time_of_day_as_todays)
{
	set_zone("Europe/Berlin");
	ck_assert_str_eq(utc("08:30"), "2026-11-21 07:30:00");
	ck_assert_str_eq(utc("23:59:59"), "2026-11-21 22:59:59");
	/* It is tomorrow there already. */
	set_zone("Asia/Tokyo");
	ck_assert_str_eq(utc("08:30"), "2026-11-21 23:30:00");
}
END_TEST

START_TEST(when_reads_words)
{
	set_zone("Europe/Berlin");
	ck_assert_double_eq(seconds("now"), NOW / 1e6);
	ck_assert_str_eq(utc("today"), "2026-11-20 23:00:00");
	ck_assert_str_eq(utc("yesterday"), "2026-11-19 23:00:00");
}
END_TEST

START_TEST(when_reads_spans_before_now)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{ "-2h", 7200 },	  { "2h ago", 7200 },	{ "-30s", 30 },
		{ "-5min", 300 },	  { "-1d", 86400 },	{ "-2w", 1209600 },
		{ "1h 30min ago", 5400 }, { "-1h30min", 5400 }, { "5 minutes ago", 300 },
		{ "1 day ago", 86400 },	  { "-0s", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t usec;

		ck_assert_msg(when_parse(&usec, cases[i].text, NOW, &reason) == 0, "%s",
			      cases[i].text);
		ck_assert_int_eq(NOW - usec, cases[i].seconds * SECONDS);
	}
}
END_TEST

START_TEST(when_reads_seconds_since_1970)
{
	ck_assert_double_eq(seconds("@0"), 0);
	ck_assert_double_eq(seconds("@1795300047"), 1795300047);
	ck_assert_double_eq(seconds("@1795300047.191"), 1795300047.191);
}
END_TEST

START_TEST(when_reads_back_what_is_shown)
{
	set_zone("America/New_York");
	ck_assert_double_eq(seconds("2026-11-21T22:27:27.191Z"), NOW / 1e6);
	ck_assert_double_eq(seconds("2026-11-21T23:27:27.191+01:00"), NOW / 1e6);
	ck_assert_double_eq(seconds("2026-11-21T16:57:27.191-05:30"), NOW / 1e6);
	ck_assert_double_eq(seconds("2026-11-21 17:27:27.191"), NOW / 1e6);
	ck_assert_str_eq(utc("2026-11-21 22:27 UTC"), "2026-11-21 22:27:00");
}
END_TEST

START_TEST(when_takes_the_earlier_of_two_times)
{
	/* 2026-10-25: 02:00 to 03:00 happens twice. In this order, since mktime(3)
	 * remembers. */
	set_zone("Europe/Berlin");
	ck_assert_str_eq(utc("2026-12-01 02:30"), "2026-12-01 01:30:00");
	ck_assert_str_eq(utc("2026-10-25 02:30"), "2026-10-25 00:30:00");
	ck_assert_str_eq(utc("2026-07-01 02:30"), "2026-07-01 00:30:00");
	ck_assert_str_eq(utc("2026-10-25 02:30"), "2026-10-25 00:30:00");
	ck_assert_str_eq(utc("2026-10-25 03:00"), "2026-10-25 02:00:00");
	ck_assert_str_eq(utc("2026-10-25 01:59:59"), "2026-10-24 23:59:59");
}
END_TEST

START_TEST(when_takes_a_skipped_time_as_if_it_had_not_been)
{
	/* 2026-03-29: 02:00 to 03:00 doesn't happen. */
	set_zone("Europe/Berlin");
	ck_assert_str_eq(utc("2026-03-29 02:30"), "2026-03-29 01:30:00");
	ck_assert_str_eq(utc("2026-03-29 01:59:59"), "2026-03-29 00:59:59");
	ck_assert_str_eq(utc("2026-03-29 03:00"), "2026-03-29 01:00:00");
	/* There the day begins at 01:00. */
	set_zone("America/Sao_Paulo");
	ck_assert_str_eq(utc("2018-11-04"), "2018-11-04 03:00:00");
}
END_TEST

START_TEST(when_begins_days_at_midnight_whatever_their_length)
{
	int64_t usec;
	/* 2026-03-29T12:00:00 in Berlin, which has 23 hours. */
	const int64_t noon = 1774778400 * SECONDS;

	set_zone("Europe/Berlin");
	ck_assert_int_eq(when_parse(&usec, "today", noon, &reason), 0);
	ck_assert_int_eq(noon - usec, 11 * HOURS);
	ck_assert_int_eq(when_parse(&usec, "yesterday", noon + 24 * HOURS, &reason), 0);
	ck_assert_int_eq(noon - usec, 11 * HOURS);
	ck_assert_int_eq(when_parse(&usec, "-1d", noon, &reason), 0);
	ck_assert_int_eq(noon - usec, 24 * HOURS);
}
END_TEST

START_TEST(when_refuses_nonsense)
{
	static const char *const texts[] = {
		"",
		" ",
		"tomorrowish",
		"2026",
		"2026-13-01",
		"2026-00-10",
		"2026-02-30",
		"2027-02-29",
		"2100-02-29",
		"2026-11-31",
		"2026-11-00",
		"2026-1-1",
		"2026-11-21 24:00",
		"2026-11-21 08:60",
		"2026-11-21 08:30:60",
		"2026-11-21 8:30",
		"2026-11-21 08",
		"2026-11-21x",
		"2026-11-21 ",
		"2026-11-21T",
		"2026-11-21 08:30 ",
		"2026-11-21 08:30:00.",
		"8:30",
		"08:30x",
		"-",
		"-h",
		"-2",
		"-2x",
		"2h",
		"2h from now",
		"ago",
		"-2h ago",
		"2hago",
		"+2h",
		"--2h",
		"-2h-3h",
		"-2H",
		"@",
		"@x",
		"@-5",
		"@1x",
		"@1.",
		"now ",
		"2h  ag",
		"2026-11-21T08:30+1:00",
		"2026-11-21T08:30+15:00",
		"\xff\xfe",
		"08:30Z",
	};

	set_zone("UTC");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ck_assert_msg(seconds(texts[i]) == -1, "%s", texts[i]);
		ck_assert_ptr_nonnull(strstr(reason.text, "yesterday"));
	}
}
END_TEST

START_TEST(when_refuses_what_is_too_large)
{
	static const char *const texts[] = {
		"@9223372036854",
		"@9223372036854775807",
		"@99999999999999999999999",
		"-99999999999999999999h",
		"-9223372036854775807s",
		"-9223372036854775807w",
		"-9223372036854775807s 9223372036854775807s",
	};

	set_zone("UTC");
	ck_assert_double_gt(seconds("@9223372036853"), 0);
	for (size_t i = 1; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(seconds(texts[i]) == -1, "%s", texts[i]);
}
END_TEST

START_TEST(when_refuses_what_is_before_1970)
{
	set_zone("UTC");
	ck_assert_double_eq(seconds("1969-12-31"), -1);
	ck_assert_ptr_nonnull(strstr(reason.text, "before 1970"));
	ck_assert_double_eq(seconds("0000-01-01"), -1);
	ck_assert_double_eq(seconds("-9999w"), -1);
	ck_assert_double_eq(seconds("1970-01-01"), 0);
}
END_TEST

START_TEST(when_shows_hostile_text_escaped)
{
	ck_assert_double_eq(seconds("\x1b]0;x\x07"), -1);
	ck_assert_ptr_null(strchr(reason.text, '\x1b'));
	ck_assert_ptr_nonnull(strstr(reason.text, "\\x1b"));
}
END_TEST

SUITE("when", when_reads_dates_in_local_time, when_reads_a_time_of_day_as_todays,
      when_reads_words, when_reads_spans_before_now, when_reads_seconds_since_1970,
      when_reads_back_what_is_shown, when_takes_the_earlier_of_two_times,
      when_takes_a_skipped_time_as_if_it_had_not_been,
      when_begins_days_at_midnight_whatever_their_length, when_refuses_nonsense,
      when_refuses_what_is_too_large, when_refuses_what_is_before_1970,
      when_shows_hostile_text_escaped)
