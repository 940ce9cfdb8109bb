/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/when.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "core/quote.h"

#define USEC_PER_SEC 1000000LL
#define FORMS                                                                            \
	"YYYY-MM-DD [HH:MM[:SS]], HH:MM[:SS], now, today, yesterday, -2h, \"2h ago\" "   \
	"(s min h d w) or @SECONDS"

struct unit {
	const char *name;
	int64_t seconds;
};

static const struct unit units[] = {
	{ "s", 1 },	    { "sec", 1 },	 { "second", 1 },   { "seconds", 1 },
	{ "m", 60 },	    { "min", 60 },	 { "minute", 60 },  { "minutes", 60 },
	{ "h", 3600 },	    { "hr", 3600 },	 { "hour", 3600 },  { "hours", 3600 },
	{ "d", 86400 },	    { "day", 86400 },	 { "days", 86400 }, { "w", 604800 },
	{ "week", 604800 }, { "weeks", 604800 },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(const char **text)
{
	while (**text == ' ')
		(*text)++;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* Exactly that many digits. */
static bool take_digits(const char **text, int n, int *number)
{
	*number = 0;
	for (int i = 0; i < n; i++) {
		if (!is_digit(**text))
			return false;
		*number = *number * 10 + (*(*text)++ - '0');
	}
	return true;
}

/* A number of any length; one that is too large is none. */
static bool take_number(const char **text, int64_t *number)
{
	if (!is_digit(**text))
		return false;
	*number = 0;
	while (is_digit(**text)) {
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, *(*text)++ - '0', number))
			return false;
	}
	return true;
}

/* ".191", where there is one; what is finer than microseconds is cut. */
static bool take_fraction(const char **text, int64_t *usec)
{
	int64_t unit = USEC_PER_SEC / 10;

	*usec = 0;
	if (!take_char(text, '.'))
		return true;
	if (!is_digit(**text))
		return false;
	for (; is_digit(**text); (*text)++, unit /= 10)
		*usec += (**text - '0') * unit;
	return true;
}

static bool take_date(const char **text, struct tm *tm)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year;
	int month;
	int leap;

	if (!take_digits(text, 4, &year) || !take_char(text, '-') ||
	    !take_digits(text, 2, &month) || !take_char(text, '-') ||
	    !take_digits(text, 2, &tm->tm_mday))
		return false;
	if (month < 1 || month > 12)
		return false;
	leap = month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return tm->tm_mday >= 1 && tm->tm_mday <= days[month - 1] + leap;
}

/* HH:MM[:SS[.FRACTION]] */
static bool take_clock(const char **text, struct tm *tm, int64_t *usec)
{
	*usec = 0;
	if (!take_digits(text, 2, &tm->tm_hour) || !take_char(text, ':') ||
	    !take_digits(text, 2, &tm->tm_min))
		return false;
	if (take_char(text, ':') &&
	    (!take_digits(text, 2, &tm->tm_sec) || !take_fraction(text, usec)))
		return false;
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

/* "Z", " UTC", "+01:00"; *given is false where there is none. */
static bool take_zone(const char **text, bool *given, int *east_seconds)
{
	int sign = **text == '-' ? -1 : 1;
	int hours;
	int minutes;

	*east_seconds = 0;
	*given = true;
	if (take_char(text, 'Z'))
		return true;
	if (strncmp(*text, " UTC", 4) == 0) {
		*text += 4;
		return true;
	}
	if (!take_char(text, '+') && !take_char(text, '-')) {
		*given = false;
		return true;
	}
	if (!take_digits(text, 2, &hours) || !take_char(text, ':') ||
	    !take_digits(text, 2, &minutes) || hours > 14 || minutes > 59)
		return false;
	*east_seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool same_clock(const struct tm *a, const struct tm *b)
{
	return a->tm_mday == b->tm_mday && a->tm_hour == b->tm_hour &&
	       a->tm_min == b->tm_min;
}

/* mktime(3) with tm_isdst -1 depends on what it was asked before where the time is
 * ambiguous: so both kinds are tried. */
static int64_t local_seconds(const struct tm *tm)
{
	struct tm summer = *tm;
	struct tm winter = *tm;
	time_t summer_seconds;
	time_t winter_seconds;

	summer.tm_isdst = 1;
	winter.tm_isdst = 0;
	summer_seconds = mktime(&summer);
	winter_seconds = mktime(&winter);
	if (summer_seconds != -1 && same_clock(&summer, tm) &&
	    (summer_seconds < winter_seconds || !same_clock(&winter, tm)))
		return summer_seconds;
	return winter_seconds;
}

static bool parse_date(const char *text, int64_t *usec)
{
	struct tm tm = { 0 };
	int64_t fraction = 0;
	bool zone = false;
	int east = 0;

	if (!take_date(&text, &tm))
		return false;
	if (*text) {
		if (!take_char(&text, 'T') && !take_char(&text, ' '))
			return false;
		if (!take_clock(&text, &tm, &fraction) || !take_zone(&text, &zone, &east))
			return false;
	}
	*usec = (zone ? timegm(&tm) - east : local_seconds(&tm)) * USEC_PER_SEC +
		fraction;
	return *text == '\0';
}

/* The local day that now is in, days later, at midnight. */
static bool local_day(int64_t now_usec, int days, struct tm *tm)
{
	time_t seconds = now_usec / USEC_PER_SEC;
	struct tm now;

	if (!localtime_r(&seconds, &now))
		return false;
	*tm = (struct tm){
		.tm_year = now.tm_year,
		.tm_mon = now.tm_mon,
		.tm_mday = now.tm_mday + days,
	};
	/* Only for the carry into month and year; no zone has a say in it. */
	return timegm(tm) != -1;
}

static bool parse_clock(const char *text, int64_t now_usec, int64_t *usec)
{
	struct tm tm;
	int64_t fraction;

	if (!local_day(now_usec, 0, &tm) || !take_clock(&text, &tm, &fraction))
		return false;
	*usec = local_seconds(&tm) * USEC_PER_SEC + fraction;
	return *text == '\0';
}

static bool parse_word(const char *text, int64_t now_usec, int64_t *usec)
{
	struct tm tm;
	int days = 0;

	*usec = now_usec;
	if (strcasecmp(text, "now") == 0)
		return true;
	if (strcasecmp(text, "yesterday") == 0)
		days = -1;
	else if (strcasecmp(text, "today") != 0)
		return false;
	if (!local_day(now_usec, days, &tm))
		return false;
	*usec = local_seconds(&tm) * USEC_PER_SEC;
	return true;
}

static bool parse_epoch(const char *text, int64_t *usec)
{
	int64_t seconds;
	int64_t fraction;

	if (!take_char(&text, '@') || !take_number(&text, &seconds) ||
	    !take_fraction(&text, &fraction) || *text)
		return false;
	return !__builtin_mul_overflow(seconds, USEC_PER_SEC, usec) &&
	       !__builtin_add_overflow(*usec, fraction, usec);
}

/* The length of the unit's name at text in seconds, 0 where there is none. */
static int64_t take_unit(const char **text)
{
	size_t len = 0;

	while (isalpha((unsigned char)(*text)[len]))
		len++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == len &&
		    strncmp(units[i].name, *text, len) == 0) {
			*text += len;
			return units[i].seconds;
		}
	}
	return 0;
}

/* "1h 30min" */
static bool take_span(const char **text, int64_t *seconds)
{
	int64_t part;

	*seconds = 0;
	do {
		int64_t unit;

		if (!take_number(text, &part))
			return false;
		skip_blanks(text);
		unit = take_unit(text);
		if (unit == 0 || __builtin_mul_overflow(part, unit, &part) ||
		    __builtin_add_overflow(*seconds, part, seconds))
			return false;
		skip_blanks(text);
	} while (is_digit(**text));
	return true;
}

static bool parse_ago(const char *text, int64_t now_usec, int64_t *usec)
{
	bool minus = take_char(&text, '-');
	int64_t seconds;

	if (!take_span(&text, &seconds))
		return false;
	if (!minus && strcmp(text, "ago") == 0)
		minus = true;
	else if (*text)
		return false;
	return minus && !__builtin_mul_overflow(seconds, USEC_PER_SEC, &seconds) &&
	       !__builtin_sub_overflow(now_usec, seconds, usec);
}

int when_parse(int64_t *usec, const char *text, int64_t now_usec, struct reason *reason)
{
	struct buffer shown = { 0 };
	int64_t result;
	bool parsed = parse_word(text, now_usec, &result) || parse_date(text, &result) ||
		      parse_clock(text, now_usec, &result) ||
		      parse_epoch(text, &result) || parse_ago(text, now_usec, &result);

	if (parsed && result >= 0) {
		*usec = result;
		return 0;
	}
	if (parsed)
		reason_set(reason, "%s is before 1970: give a later time",
			   quote_value(&shown, text));
	else
		reason_set(reason, "%s is no time: give " FORMS,
			   quote_value(&shown, text));
	buffer_free(&shown);
	return -EINVAL;
}
