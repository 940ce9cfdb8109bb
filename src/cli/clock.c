/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static const char *local_time(int64_t usec, char text[TIMESTAMP_SIZE])
{
	struct tm tm;
	long minutes;
	int msec;

	if (!split(usec, &tm, &msec))
		return timestamp_format(usec, text);
	minutes = labs(tm.tm_gmtoff) / 60;
	snprintf(text, TIMESTAMP_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03u%c%02u:%02u",
		 (tm.tm_year + 1900U) % 10000, (tm.tm_mon + 1U) % 100, tm.tm_mday % 100U,
		 tm.tm_hour % 100U, tm.tm_min % 100U, tm.tm_sec % 100U, msec % 1000U,
		 tm.tm_gmtoff < 0 ? '-' : '+', (unsigned)(minutes / 60) % 100,
		 (unsigned)(minutes % 60));
	return text;
}

static const char *local_clock(int64_t usec, char text[TIMESTAMP_SIZE])
{
	struct tm tm;
	int msec;

	if (!split(usec, &tm, &msec))
		return timestamp_format_clock(usec, text);
	snprintf(text, TIMESTAMP_SIZE, "%02u:%02u:%02u.%03u", tm.tm_hour % 100U,
		 tm.tm_min % 100U, tm.tm_sec % 100U, msec % 1000U);
	return text;
}

const struct text_clock clock_local = { local_time, local_clock };
