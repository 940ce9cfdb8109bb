/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/carry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/join.h"
#include "suite.h"

static struct carry example(void)
{
	struct carry c = {
		.batch = 12,
		.drops = 3,
		.queue_origin = 4096,
		.queue_tail = 8192,
		.counted = true,
		.kernel_lost = 5,
		.auditd = 77,
		.since_usec = -1,
		.unseen = UNSEEN_OLDER,
		.last_record_usec = 1000000,
		.held = 9,
		.totals = { 1, 2, 3, 4, 5, 6 },
	};

	loss_add(&c.loss, CAUSE_SERIAL_GAP, OF_EVENTS, 7, 100, 200, 300);
	serials_begin(&c.serials, 10, 1000);
	serials_see(&c.serials, 20, 2000, 3000, NULL, NULL);
	return c;
}

START_TEST(carry_reads_what_it_wrote)
{
	struct carry c = example(), d;
	struct buffer bytes = { 0 };

	carry_encode(&c, &bytes);
	ck_assert_int_eq(carry_decode(&d, bytes.data, bytes.len), 0);
	ck_assert_uint_eq(d.records.len, 0);
	d.records = c.records;
	ck_assert_mem_eq(&c.totals, &d.totals, sizeof(c.totals));
	ck_assert_uint_eq(d.batch, 12);
	ck_assert_uint_eq(d.drops, 3);
	ck_assert_uint_eq(d.queue_origin, 4096);
	ck_assert_uint_eq(d.queue_tail, 8192);
	ck_assert(d.counted);
	ck_assert_uint_eq(d.kernel_lost, 5);
	ck_assert_uint_eq(d.auditd, 77);
	ck_assert_int_eq(d.since_usec, -1);
	ck_assert_uint_eq(d.unseen, UNSEEN_OLDER);
	ck_assert_uint_eq(d.held, 9);
	ck_assert_int_eq(d.loss.entries[CAUSE_SERIAL_GAP][OF_EVENTS].lost, 7);
	ck_assert_int_eq(d.loss.total_events, 7);
	ck_assert_int_eq(d.loss.deadline_usec, c.loss.deadline_usec);
	ck_assert_uint_eq(d.serials.head, 20);
	ck_assert_uint_eq(d.serials.n_holes, 1);
	ck_assert_uint_eq(d.serials.holes[0].first, 11);
	ck_assert_uint_eq(d.serials.holes[0].last, 19);
	buffer_free(&bytes);
}
END_TEST

START_TEST(carry_refuses_every_part_of_what_it_wrote)
{
	struct carry c = example(), d;
	struct buffer bytes = { 0 };

	carry_encode(&c, &bytes);
	for (size_t len = 0; len < bytes.len; len++) {
		/* On the heap: a byte too far is seen. */
		char *part = malloc(len + 1);

		memcpy(part, bytes.data, len);
		ck_assert_int_eq(carry_decode(&d, part, len), -EBADMSG);
		free(part);
	}
	buffer_free(&bytes);
}
END_TEST

START_TEST(carry_refuses_another_version)
{
	struct carry c = example(), d;
	struct buffer bytes = { 0 };

	carry_encode(&c, &bytes);
	bytes.data[0]++;
	ck_assert_int_eq(carry_decode(&d, bytes.data, bytes.len), -EBADMSG);
	buffer_free(&bytes);
}
END_TEST

START_TEST(carry_stays_within_its_bounds_whatever_byte_is_damaged)
{
	struct carry c = example(), d;
	struct buffer bytes = { 0 };

	carry_encode(&c, &bytes);
	for (size_t i = 0; i < bytes.len; i++) {
		bytes.data[i] ^= (char)0xff;
		if (carry_decode(&d, bytes.data, bytes.len) == 0) {
			ck_assert_uint_le(d.serials.n_holes, SERIALS_HOLES_MAX);
			ck_assert_uint_le(d.unseen, UNSEEN_OLDER);
		}
		bytes.data[i] ^= (char)0xff;
	}
	buffer_free(&bytes);
}
END_TEST

#define KILL "arch=c000003e syscall=62 success=yes exit=0 a0=5 a1=f pid=4 comm=\"x\""

static void feed(struct join *join, uint16_t type, uint64_t serial, const char *body)
{
	const struct record record = {
		.type = type, .sec = 1, .serial = serial, .body = bytes_of(body)
	};

	ck_assert_int_eq(join_feed(join, &record, 0), 0);
}

static bool save(const struct record *record, void *userdata)
{
	return carry_add_record(userdata, record);
}

static void count_targets(const struct joined *joined, void *userdata)
{
	*(size_t *)userdata += joined->n_obj_pids;
	ck_assert_uint_eq(joined->syscall.len, strlen(KILL));
}

static void unexpected(int64_t time_usec, uint64_t serial, void *userdata)
{
	ck_abort_msg("an event was given up");
}

START_TEST(events_that_are_open_are_open_in_who_goes_on)
{
	struct join *one, *other;
	struct buffer records = { 0 };
	struct carry c = { 0 };
	struct record record;
	size_t targets = 0;

	ck_assert_int_eq(join_new(&one, JOIN_LIVE, count_targets, unexpected, &targets),
			 0);
	ck_assert_int_eq(join_new(&other, JOIN_LIVE, count_targets, unexpected, &targets),
			 0);
	feed(one, 1300, 7, KILL);
	feed(one, 1300, 8, KILL);
	feed(one, 1318, 7, "opid=5 ocomm=\"a\"");
	feed(one, 1318, 7, "opid=6 ocomm=\"b\"");
	feed(one, 1318, 8, "opid=5 ocomm=\"a\"");
	feed(one, 1327, 8, "proctitle=\"x\"");
	ck_assert_uint_eq(targets, 1);
	ck_assert_uint_eq(join_save(one, save, &records), 0);
	c.records = (struct bytes){ records.data, records.len };
	while (carry_record(&c, &record))
		ck_assert_int_eq(join_feed(other, &record, 0), 0);
	feed(other, 1327, 7, "proctitle=\"x\"");
	ck_assert_uint_eq(targets, 3);
	join_free(one);
	join_free(other);
	buffer_free(&records);
}
END_TEST

START_TEST(records_beyond_the_bound_are_refused)
{
	static char body[RECORD_MAX_BYTES];
	const struct record record = { .type = 1300, .body = { body, sizeof(body) } };
	struct buffer records = { 0 };
	int n = 0;

	while (carry_add_record(&records, &record))
		n++;
	ck_assert_int_ge(n, 40);
	ck_assert_uint_le(records.len, CARRY_RECORDS_BYTES);
	buffer_free(&records);
}
END_TEST

SUITE("carry", carry_reads_what_it_wrote, carry_refuses_every_part_of_what_it_wrote,
      carry_refuses_another_version,
      carry_stays_within_its_bounds_whatever_byte_is_damaged,
      events_that_are_open_are_open_in_who_goes_on, records_beyond_the_bound_are_refused)
