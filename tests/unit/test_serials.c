/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/serials.h"

#include <string.h>

#include "suite.h"

#define MODEL_SERIALS 4096

/* What was given up, as the plain set of it. */
struct lost {
	uint32_t base;
	unsigned char times[MODEL_SERIALS]; /* by how far behind base */
	uint64_t total;
	int64_t since_usec; /* of the last hole */
	int64_t until_usec;
};

static void collect(const struct serial_hole *hole, void *userdata)
{
	struct lost *lost = userdata;

	lost->total += serial_hole_size(hole);
	lost->since_usec = hole->since_usec;
	lost->until_usec = hole->until_usec;
	for (uint32_t s = hole->first; s != hole->last + 1; s++) {
		if (s - lost->base < MODEL_SERIALS)
			lost->times[s - lost->base]++;
	}
}

static bool see(struct serials *serials, struct lost *lost, uint32_t serial,
		int64_t stamp_usec, int64_t now_usec)
{
	return serials_see(serials, serial, stamp_usec, now_usec, collect, lost);
}

START_TEST(serials_account_for_nothing_without_a_base)
{
	struct serials serials = { 0 };
	struct lost lost = { 0 };

	ck_assert(!see(&serials, &lost, 10, 1, 0));
	ck_assert(!see(&serials, &lost, 20, 2, 0));
	ck_assert_int_eq(serials_deadline(&serials), INT64_MAX);
	serials_expire(&serials, INT64_MAX, collect, &lost);
	ck_assert_uint_eq(lost.total, 0);
}
END_TEST

START_TEST(serials_of_a_hole_are_lost_after_the_window_with_the_neighbours_times)
{
	struct serials serials = { 0 };
	struct lost lost = { 0 };

	serials_begin(&serials, 100, 1000);
	ck_assert(see(&serials, &lost, 101, 2000, 50));
	ck_assert(see(&serials, &lost, 105, 9000, 70));
	ck_assert_int_eq(serials_deadline(&serials), 70 + SERIALS_WINDOW_USEC);
	serials_expire(&serials, 69 + SERIALS_WINDOW_USEC, collect, &lost);
	ck_assert_uint_eq(lost.total, 0);
	serials_expire(&serials, 70 + SERIALS_WINDOW_USEC, collect, &lost);
	ck_assert_uint_eq(lost.total, 3);
	ck_assert_int_eq(lost.since_usec, 2000);
	ck_assert_int_eq(lost.until_usec, 9000);
	ck_assert_int_eq(serials_deadline(&serials), INT64_MAX);
}
END_TEST

START_TEST(serials_that_come_later_are_no_loss)
{
	struct serials serials = { 0 };
	struct lost lost = { 0 };

	serials_begin(&serials, 100, 0);
	see(&serials, &lost, 105, 0, 0);
	ck_assert(see(&serials, &lost, 103, 0, 0));
	ck_assert(see(&serials, &lost, 101, 0, 0));
	ck_assert(see(&serials, &lost, 104, 0, 0));
	ck_assert(see(&serials, &lost, 102, 0, 0));
	ck_assert_int_eq(serials_deadline(&serials), INT64_MAX);
	serials_expire(&serials, INT64_MAX, collect, &lost);
	ck_assert_uint_eq(lost.total, 0);
}
END_TEST

START_TEST(serials_tell_the_first_record_of_an_event)
{
	struct serials serials = { 0 };
	struct lost lost = { 0 };

	serials_begin(&serials, 100, 0);
	ck_assert(!see(&serials, &lost, 100, 0, 0));
	ck_assert(!see(&serials, &lost, 99, 0, 0));
	ck_assert(see(&serials, &lost, 103, 0, 0));
	ck_assert(!see(&serials, &lost, 103, 0, 0));
	ck_assert(see(&serials, &lost, 101, 0, 0));
	ck_assert(!see(&serials, &lost, 101, 0, 0));
	serials_expire(&serials, INT64_MAX, collect, &lost);
	ck_assert_uint_eq(lost.total, 1);
	/* It was given up: a line and a loss would be both. */
	ck_assert(!see(&serials, &lost, 102, 0, 0));
}
END_TEST

START_TEST(serials_split_a_hole_with_the_time_of_the_one_that_came)
{
	struct serials serials = { 0 };
	struct lost lost = { 0 };

	serials_begin(&serials, 100, 1000);
	see(&serials, &lost, 110, 9000, 0);
	see(&serials, &lost, 105, 5000, 0);
	ck_assert_uint_eq(serials.n_holes, 2);
	ck_assert_int_eq(serials.holes[0].since_usec, 1000);
	ck_assert_int_eq(serials.holes[0].until_usec, 5000);
	ck_assert_int_eq(serials.holes[1].since_usec, 5000);
	ck_assert_int_eq(serials.holes[1].until_usec, 9000);
	ck_assert_uint_eq(serial_hole_size(&serials.holes[0]), 4);
	ck_assert_uint_eq(serial_hole_size(&serials.holes[1]), 4);
}
END_TEST

START_TEST(serials_have_a_span_that_runs_forward_whatever_the_stamps)
{
	struct serials serials = { 0 };
	struct lost lost = { 0 };

	serials_begin(&serials, 100, 5000);
	see(&serials, &lost, 102, 4000, 0);
	serials_expire(&serials, INT64_MAX, collect, &lost);
	ck_assert_int_eq(lost.since_usec, 4000);
	ck_assert_int_eq(lost.until_usec, 5000);
}
END_TEST

START_TEST(serials_wrap)
{
	struct serials serials = { 0 };
	struct lost lost = { .base = UINT32_MAX - 3 };

	serials_begin(&serials, UINT32_MAX - 3, 0);
	ck_assert(see(&serials, &lost, UINT32_MAX - 2, 0, 0));
	ck_assert(see(&serials, &lost, 4, 0, 0));
	ck_assert(see(&serials, &lost, UINT32_MAX, 0, 0));
	ck_assert(see(&serials, &lost, 2, 0, 0));
	ck_assert(!see(&serials, &lost, UINT32_MAX - 2, 0, 0));
	serials_expire(&serials, INT64_MAX, collect, &lost);
	/* UINT32_MAX - 1, 0, 1 and 3. */
	ck_assert_uint_eq(lost.total, 4);
	ck_assert_uint_eq(lost.times[2], 1);
	ck_assert_uint_eq(lost.times[3], 0);
	ck_assert_uint_eq(lost.times[4], 1);
	ck_assert_uint_eq(lost.times[7], 1);
}
END_TEST

START_TEST(serials_give_up_the_oldest_hole_when_there_is_no_room)
{
	struct serials serials = { 0 };
	struct lost lost = { 0 };

	serials_begin(&serials, 0, 0);
	for (uint32_t s = 2; s <= 2 * SERIALS_HOLES_MAX; s += 2)
		see(&serials, &lost, s, 0, 0);
	ck_assert_uint_eq(lost.total, 0);
	see(&serials, &lost, 2 * SERIALS_HOLES_MAX + 2, 0, 0);
	ck_assert_uint_eq(lost.total, 1);
	ck_assert_uint_eq(lost.times[1], 1);
	serials_expire(&serials, INT64_MAX, collect, &lost);
	ck_assert_uint_eq(lost.total, SERIALS_HOLES_MAX + 1);
}
END_TEST

START_TEST(serials_count_none_twice_when_there_is_no_room_to_split)
{
	struct serials serials = { 0 };
	struct lost lost = { 0 };
	uint32_t s = 0;

	serials_begin(&serials, 0, 0);
	for (size_t i = 1; i < SERIALS_HOLES_MAX; i++)
		see(&serials, &lost, s += 2, 0, 0);
	see(&serials, &lost, s + 10, 0, 0);
	ck_assert_uint_eq(serials.n_holes, SERIALS_HOLES_MAX);
	ck_assert(see(&serials, &lost, s + 5, 0, 0));
	ck_assert_uint_eq(lost.total, 4);
	serials_expire(&serials, INT64_MAX, collect, &lost);
	ck_assert_uint_eq(lost.total, SERIALS_HOLES_MAX - 1 + 8);
	ck_assert_uint_eq(lost.times[s + 5], 0);
	ck_assert_uint_eq(lost.times[s + 4], 1);
}
END_TEST

/* xorshift: the same runs everywhere. */
static uint32_t draw(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* A stream of MODEL_SERIALS serials with some lost, some repeated and some overtaken by
 * up to `reach` others. */
static size_t make_stream(uint32_t *stream, uint32_t base, uint32_t reach,
			  uint32_t *state)
{
	size_t n = 0;
	bool hole = false;

	for (uint32_t i = 1; i < MODEL_SERIALS; i++) {
		if (draw(state) % 16 == 0)
			hole = !hole;
		if (hole && draw(state) % 4)
			continue;
		for (uint32_t times = 1 + draw(state) % 3; times; times--)
			stream[n++] = base + i;
	}
	for (size_t i = 0; reach && i + reach < n; i++) {
		size_t with = i + draw(state) % reach;
		uint32_t swapped = stream[i];

		stream[i] = stream[with];
		stream[with] = swapped;
	}
	return n;
}

START_TEST(serials_lose_exactly_what_a_plain_set_lacks)
{
	static uint32_t stream[3 * MODEL_SERIALS];
	static unsigned char seen[MODEL_SERIALS];
	static struct lost lost;
	static struct serials serials;
	uint32_t state = 0x51671a11;

	for (int run = 0; run < 400; run++) {
		uint32_t base = run % 2 ? draw(&state) : UINT32_MAX - MODEL_SERIALS / 2;
		size_t n = make_stream(stream, base, draw(&state) % 64, &state);
		uint32_t head = 0;

		memset(&lost, 0, sizeof(lost));
		memset(seen, 0, sizeof(seen));
		lost.base = base;
		serials_begin(&serials, base, 0);
		for (size_t i = 0; i < n; i++) {
			uint32_t at = stream[i] - base;
			bool first = !seen[at] && !lost.times[at];

			ck_assert_int_eq(see(&serials, &lost, stream[i], 0, (int64_t)i),
					 first);
			seen[at] |= first;
			head = at > head ? at : head;
		}
		serials_expire(&serials, INT64_MAX, collect, &lost);
		for (uint32_t at = 1; at <= head; at++)
			ck_assert_int_eq(seen[at] + lost.times[at], 1);
		for (uint32_t at = head + 1; at < MODEL_SERIALS; at++)
			ck_assert_int_eq(lost.times[at], 0);
	}
}
END_TEST

SUITE("serials", serials_account_for_nothing_without_a_base,
      serials_of_a_hole_are_lost_after_the_window_with_the_neighbours_times,
      serials_that_come_later_are_no_loss, serials_tell_the_first_record_of_an_event,
      serials_split_a_hole_with_the_time_of_the_one_that_came,
      serials_have_a_span_that_runs_forward_whatever_the_stamps, serials_wrap,
      serials_give_up_the_oldest_hole_when_there_is_no_room,
      serials_count_none_twice_when_there_is_no_room_to_split,
      serials_lose_exactly_what_a_plain_set_lacks)
