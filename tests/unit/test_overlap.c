/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/overlap.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

static struct overlap overlap;

/* A record of an event. */
static struct record record(uint64_t serial, const char *body)
{
	return (struct record){ .type = 1318,
				.serial = serial,
				.body = { body, strlen(body) } };
}

static void note(uint64_t serial, const char *body)
{
	const struct record r = record(serial, body);

	ck_assert_int_eq(overlap_note(&overlap, &r), 0);
}

static bool has(uint64_t serial, const char *body)
{
	const struct record r = record(serial, body);

	return overlap_has(&overlap, &r);
}

START_TEST(overlap_has_what_both_streams_gave_and_no_more)
{
	overlap = (struct overlap){ 0 };
	note(1, "opid=1");
	note(1, "opid=2");
	note(3, "opid=1");
	note(2, "opid=1");
	/* The other stream begins later, and both are in the same order. */
	ck_assert(has(1, "opid=2"));
	ck_assert(has(3, "opid=1"));
	ck_assert(has(2, "opid=1"));
	ck_assert(!has(4, "opid=1"));
	overlap_clear(&overlap);
}
END_TEST

START_TEST(overlap_is_over_with_the_first_record_of_its_own)
{
	overlap = (struct overlap){ 0 };
	note(1, "opid=1");
	note(2, "opid=1");
	ck_assert(!has(3, "opid=1"));
	ck_assert(!has(2, "opid=1"));
	ck_assert_ptr_null(overlap.marks);
}
END_TEST

START_TEST(overlap_takes_each_record_once)
{
	overlap = (struct overlap){ 0 };
	note(1, "opid=1");
	note(1, "opid=1");
	ck_assert(has(1, "opid=1"));
	ck_assert(has(1, "opid=1"));
	ck_assert(!has(1, "opid=1"));
	overlap_clear(&overlap);
}
END_TEST

START_TEST(overlap_of_nothing_has_nothing)
{
	overlap = (struct overlap){ 0 };
	ck_assert(!has(1, "opid=1"));
	overlap_clear(&overlap);
}
END_TEST

START_TEST(overlap_tells_records_apart_by_type_serial_and_text)
{
	struct record r = record(1, "opid=1");

	overlap = (struct overlap){ 0 };
	for (int i = 0; i < 3; i++)
		note(1, "opid=1");
	ck_assert(has(1, "opid=1"));
	r.type++;
	ck_assert(!overlap_has(&overlap, &r));
	note(1, "opid=1");
	ck_assert(!has(2, "opid=1"));
	note(1, "opid=1");
	ck_assert(!has(1, "opid=11"));
	overlap_clear(&overlap);
}
END_TEST

START_TEST(overlap_is_bounded)
{
	char body[32];

	overlap = (struct overlap){ 0 };
	for (uint64_t i = 0; i < OVERLAP_MAX + 1000; i++) {
		snprintf(body, sizeof(body), "opid=%d", (int)i);
		note(i, body);
	}
	ck_assert_uint_eq(overlap.n, OVERLAP_MAX);
	snprintf(body, sizeof(body), "opid=%d", OVERLAP_MAX - 1);
	ck_assert(has(OVERLAP_MAX - 1, body));
	overlap_clear(&overlap);
}
END_TEST

SUITE("overlap", overlap_has_what_both_streams_gave_and_no_more,
      overlap_is_over_with_the_first_record_of_its_own, overlap_takes_each_record_once,
      overlap_of_nothing_has_nothing, overlap_tells_records_apart_by_type_serial_and_text,
      overlap_is_bounded)
