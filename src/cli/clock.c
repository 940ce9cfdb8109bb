/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/clock.h"

#include <stdlib.h>
#include <time.h>

#include "core/digits.h"

#define USEC_PER_SEC 1000000LL

/* Splits into the local time and its milliseconds, also before 1970. */
static bool split(int64_t usec, struct tm *tm, int *msec)
{
	int64_t rest = usec % USEC_PER_SEC;
	time_t seconds = usec / USEC_PER_SEC;

	if (rest < 0) {
		rest += USEC_PER_SEC;
		seconds--;
	}
	*msec = (int)(rest / 1000);
	return localtime_r(&seconds, tm) && tm->tm_year >= -1900 && tm->tm_year <= 8099;
}

static char *put_date(char *p, const struct tm *tm)
{
	p = digits_put(p, tm->tm_year + 1900U, 4);
	*p++ = '-';
	p = digits_put(p, tm->tm_mon + 1U, 2);
	*p++ = '-';
	return digits_put(p, tm->tm_mday, 2);
}

static char *put_clock(char *p, const struct tm *tm, int msec)
{
	p = digits_put(p, tm->tm_hour, 2);
	*p++ = ':';
	p = digits_put(p, tm->tm_min, 2);
	*p++ = ':';
	p = digits_put(p, tm->tm_sec, 2);
	*p++ = '.';
	return digits_put(p, msec, 3);
}

static char *put_offset(char *p, long offset_sec)
{
	const unsigned minutes = labs(offset_sec) / 60;

	*p++ = offset_sec < 0 ? '-' : '+';
	p = digits_put(p, minutes / 60, 2);
	*p++ = ':';
	return digits_put(p, minutes % 60, 2);
}

static const char *local_time(int64_t usec, char text[TIMESTAMP_SIZE])
{
	struct tm tm;
	int msec;
	char *p;

	if (!split(usec, &tm, &msec))
		return timestamp_format(usec, text);
	p = put_date(text, &tm);
	*p++ = 'T';
	p = put_clock(p, &tm, msec);
	*put_offset(p, tm.tm_gmtoff) = '\0';
	return text;
}

static const char *local_clock(int64_t usec, char text[TIMESTAMP_SIZE])
{
	struct tm tm;
	int msec;

	if (!split(usec, &tm, &msec))
		return timestamp_format_clock(usec, text);
	*put_clock(text, &tm, msec) = '\0';
	return text;
}

const struct text_clock clock_local = { local_time, local_clock };
