/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/timestamp.h"

#include <stdio.h>

#include "core/digits.h"

#define USEC_PER_SEC 1000000
#define USEC_PER_DAY (86400LL * USEC_PER_SEC)

static char *put_clock(char *p, int64_t usec_of_day)
{
	unsigned msec = usec_of_day / 1000;

	p = digits_put(p, msec / 3600000, 2);
	*p++ = ':';
	p = digits_put(p, msec / 60000 % 60, 2);
	*p++ = ':';
	p = digits_put(p, msec / 1000 % 60, 2);
	*p++ = '.';
	p = digits_put(p, msec % 1000, 3);
	*p++ = 'Z';
	*p = '\0';
	return p;
}

/* Splits into days since 1970 and what is left of the last, also before 1970. */
static int64_t split_day(int64_t usec, int64_t *usec_of_day)
{
	int64_t day = usec / USEC_PER_DAY;

	*usec_of_day = usec % USEC_PER_DAY;
	if (*usec_of_day < 0) {
		*usec_of_day += USEC_PER_DAY;
		day--;
	}
	return day;
}

/* The proleptic Gregorian date. Counted in years that begin in March, so that the leap
 * day is the last of its year. */
static void date_of_day(int64_t day, int64_t *year, unsigned *month, unsigned *mday)
{
	int64_t since = day + 719468; /* days from 0000-03-01 to 1970-01-01 */
	int64_t era = (since >= 0 ? since : since - 146096) / 146097;
	unsigned of_era = since - era * 146097;
	unsigned year_of_era =
		(of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year =
		of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned from_march = (5 * of_year + 2) / 153;

	*mday = of_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = era * 400 + year_of_era + (*month <= 2);
}

const char *timestamp_format(int64_t usec, char text[TIMESTAMP_SIZE])
{
	int64_t usec_of_day;
	int64_t day = split_day(usec, &usec_of_day);
	int64_t year;
	unsigned month;
	unsigned mday;
	char *p = text;

	date_of_day(day, &year, &month, &mday);
	if (year < 0 || year > 9999) {
		snprintf(text, TIMESTAMP_SIZE, "@%lld",
			 (long long)(day * 86400 + usec_of_day / USEC_PER_SEC));
		return text;
	}
	p = digits_put(p, year, 4);
	*p++ = '-';
	p = digits_put(p, month, 2);
	*p++ = '-';
	p = digits_put(p, mday, 2);
	*p++ = 'T';
	put_clock(p, usec_of_day);
	return text;
}

const char *timestamp_format_clock(int64_t usec, char text[TIMESTAMP_SIZE])
{
	int64_t usec_of_day;

	split_day(usec, &usec_of_day);
	put_clock(text, usec_of_day);
	return text;
}
