/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/timestamp.h"

#include <stdio.h>
#include <time.h>

#include "suite.h"

static char text[TIMESTAMP_SIZE];

START_TEST(timestamp_writes_rfc3339_utc_with_milliseconds_cut)
{
	ck_assert_str_eq(timestamp_format(0, text), "1970-01-01T00:00:00.000Z");
	ck_assert_str_eq(timestamp_format(1795300047191999, text),
			 "2026-11-21T22:27:27.191Z");
	ck_assert_str_eq(timestamp_format(951827696789000, text),
			 "2000-02-29T12:34:56.789Z");
}
END_TEST

START_TEST(timestamp_rounds_down_before_1970)
{
	ck_assert_str_eq(timestamp_format(-1, text), "1969-12-31T23:59:59.999Z");
	ck_assert_str_eq(timestamp_format(-86400000000, text),
			 "1969-12-31T00:00:00.000Z");
}
END_TEST

START_TEST(timestamp_agrees_with_gmtime_on_every_day_of_ten_thousand_years)
{
	/* 0000-01-01 to 9999-12-31, at a time of day that differs from day to day. */
	for (int64_t day = -719528; day <= 2932896; day++) {
		time_t sec = day * 86400 + (day + 719528) * 61 % 86400;
		struct tm tm;
		char expected[64];

		gmtime_r(&sec, &tm);
		snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.042Z",
			 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			 tm.tm_min, tm.tm_sec);
		timestamp_format(sec * 1000000 + 42000, text);
		if (strcmp(text, expected) != 0)
			ck_assert_str_eq(text, expected);
	}
}
END_TEST

START_TEST(timestamp_writes_seconds_for_years_without_four_digits)
{
	ck_assert_str_eq(timestamp_format(253402300799999999, text),
			 "9999-12-31T23:59:59.999Z");
	ck_assert_str_eq(timestamp_format(253402300800000000, text), "@253402300800");
	ck_assert_str_eq(timestamp_format(-62167219200000001, text), "@-62167219201");
	ck_assert_str_eq(timestamp_format(INT64_MAX, text), "@9223372036854");
	ck_assert_str_eq(timestamp_format(INT64_MIN, text), "@-9223372036855");
}
END_TEST

START_TEST(timestamp_clock_is_the_time_of_day)
{
	ck_assert_str_eq(timestamp_format_clock(1795300040001000, text), "22:27:20.001Z");
	ck_assert_str_eq(timestamp_format_clock(-1, text), "23:59:59.999Z");
}
END_TEST

SUITE("timestamp", timestamp_writes_rfc3339_utc_with_milliseconds_cut,
      timestamp_rounds_down_before_1970,
      timestamp_agrees_with_gmtime_on_every_day_of_ten_thousand_years,
      timestamp_writes_seconds_for_years_without_four_digits,
      timestamp_clock_is_the_time_of_day)
