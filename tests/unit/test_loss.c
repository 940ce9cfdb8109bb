/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/loss.h"

#include <errno.h>

#include "suite.h"

struct written {
	struct signal_event events[16];
	size_t n;
	struct loss *add_to; /* something more is lost while this is written */
	bool full;	     /* nothing can be written */
};

static int collect(const struct signal_event *ev, void *userdata)
{
	struct written *w = userdata;

	ck_assert_uint_lt(w->n, 16);
	w->events[w->n++] = *ev;
	if (w->add_to)
		loss_add(w->add_to, CAUSE_QUEUE_FULL, OF_EVENTS, 1, 70, 70, 5000000);
	return w->full ? -ENOBUFS : 0;
}

START_TEST(loss_of_one_cause_is_one_entry_with_the_whole_span)
{
	struct loss loss = { 0 };
	struct written w = { 0 };

	loss_add(&loss, CAUSE_SOCKET_OVERRUN, OF_RECORDS, 5, 200, 300, 1000);
	loss_add(&loss, CAUSE_SOCKET_OVERRUN, OF_RECORDS, 7, 100, 250, 2000);
	loss_add(&loss, CAUSE_SOCKET_OVERRUN, OF_RECORDS, 1, 260, 400, 3000);
	loss_write(&loss, 999, 1001000, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].kind, EVENT_TRAIL);
	ck_assert_int_eq(w.events[0].time_usec, 999);
	ck_assert_int_eq(w.events[0].trail.event, TRAIL_INCOMPLETE);
	ck_assert_int_eq(w.events[0].trail.cause, CAUSE_SOCKET_OVERRUN);
	ck_assert_int_eq(w.events[0].trail.of, OF_RECORDS);
	ck_assert_int_eq(w.events[0].trail.lost, 13);
	ck_assert_int_eq(w.events[0].trail.since_usec, 100);
	ck_assert_int_eq(w.events[0].trail.until_usec, 400);
	ck_assert_int_eq(loss.total[CAUSE_SOCKET_OVERRUN], 13);
	ck_assert_int_eq(loss.total_events, 0);
	loss_add(&loss, CAUSE_SERIAL_GAP, OF_EVENTS, 4, 100, 250, 2000);
	loss_add(&loss, CAUSE_QUEUE_FULL, OF_EVENTS, 2, 100, 250, 2000);
	ck_assert_int_eq(loss.total_events, 6);
}
END_TEST

START_TEST(loss_is_written_a_second_after_the_oldest_and_once)
{
	struct loss loss = { 0 };
	struct written w = { 0 };

	ck_assert_int_eq(loss_deadline(&loss), INT64_MAX);
	loss_write(&loss, 1, INT64_MAX, collect, &w);
	ck_assert_uint_eq(w.n, 0);
	loss_add(&loss, CAUSE_FORGED, OF_RECORDS, 1, 10, 10, 500);
	loss_add(&loss, CAUSE_QUEUE_FULL, OF_EVENTS, 1, 20, 20, 900000);
	ck_assert_int_eq(loss_deadline(&loss), 1000500);
	loss_write(&loss, 1, 1000499, collect, &w);
	ck_assert_uint_eq(w.n, 0);
	loss_write(&loss, 1, 1000500, collect, &w);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_int_eq(w.events[0].trail.cause, CAUSE_QUEUE_FULL);
	ck_assert_int_eq(w.events[1].trail.cause, CAUSE_FORGED);
	ck_assert_int_eq(loss_deadline(&loss), INT64_MAX);
	loss_write(&loss, 1, INT64_MAX, collect, &w);
	ck_assert_uint_eq(w.n, 2);
}
END_TEST

START_TEST(loss_is_written_at_once_at_the_end_of_time)
{
	struct loss loss = { 0 };
	struct written w = { 0 };

	loss_add(&loss, CAUSE_FORGED, OF_RECORDS, 1, 10, 10, 500);
	loss_write(&loss, 1, INT64_MAX, collect, &w);
	ck_assert_uint_eq(w.n, 1);
}
END_TEST

START_TEST(loss_during_the_writing_is_kept_for_the_next_entry)
{
	struct loss loss = { 0 };
	struct written w = { .add_to = &loss };

	loss_add(&loss, CAUSE_QUEUE_FULL, OF_EVENTS, 3, 10, 20, 500);
	loss_write(&loss, 1, INT64_MAX, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].trail.lost, 3);
	ck_assert_int_eq(loss_deadline(&loss), 6000000);
	w.add_to = NULL;
	loss_write(&loss, 1, 6000000, collect, &w);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_int_eq(w.events[1].trail.lost, 1);
	ck_assert_int_eq(w.events[1].trail.since_usec, 70);
}
END_TEST

START_TEST(loss_keeps_events_and_records_of_one_cause_apart)
{
	struct loss loss = { 0 };
	struct written w = { 0 };

	loss_add(&loss, CAUSE_INCOMPLETE_EVENT, OF_RECORDS, 5, 10, 20, 500);
	loss_add(&loss, CAUSE_INCOMPLETE_EVENT, OF_EVENTS, 3, 30, 40, 600);
	loss_write(&loss, 1, INT64_MAX, collect, &w);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_int_eq(w.events[0].trail.of, OF_EVENTS);
	ck_assert_int_eq(w.events[0].trail.lost, 3);
	ck_assert_int_eq(w.events[0].trail.since_usec, 30);
	ck_assert_int_eq(w.events[1].trail.of, OF_RECORDS);
	ck_assert_int_eq(w.events[1].trail.lost, 5);
	ck_assert_int_eq(w.events[1].trail.until_usec, 20);
}
END_TEST

START_TEST(loss_without_a_number_is_still_an_entry)
{
	struct loss loss = { 0 };
	struct written w = { 0 };

	loss_add(&loss, CAUSE_SOCKET_OVERRUN, OF_RECORDS, 0, 10, 20, 500);
	loss_write(&loss, 1, INT64_MAX, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].trail.lost, NUMBER_ABSENT);
}
END_TEST

START_TEST(loss_that_could_not_be_written_is_written_later_with_what_came_meanwhile)
{
	struct loss loss = { 0 };
	struct written w = { .full = true };

	loss_add(&loss, CAUSE_QUEUE_FULL, OF_EVENTS, 5, 10, 20, 0);
	loss_add(&loss, CAUSE_FORGED, OF_RECORDS, 1, 10, 20, 0);
	loss_write(&loss, 1, 1000000, collect, &w);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_int_eq(loss_deadline(&loss), 2000000);
	loss_add(&loss, CAUSE_QUEUE_FULL, OF_EVENTS, 2, 30, 40, 1500000);
	w = (struct written){ 0 };
	loss_write(&loss, 1, 2000000, collect, &w);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_int_eq(w.events[0].trail.lost, 7);
	ck_assert_int_eq(w.events[0].trail.since_usec, 10);
	ck_assert_int_eq(w.events[0].trail.until_usec, 40);
	ck_assert_int_eq(loss.total_events, 7);
	ck_assert_int_eq(loss_deadline(&loss), INT64_MAX);
}
END_TEST

START_TEST(loss_counts_do_not_overflow)
{
	struct loss loss = { 0 };
	struct written w = { 0 };

	loss_add(&loss, CAUSE_FORGED, OF_RECORDS, INT64_MAX, 10, 20, 500);
	loss_add(&loss, CAUSE_FORGED, OF_RECORDS, 2, 10, 20, 500);
	loss_write(&loss, 1, INT64_MAX, collect, &w);
	ck_assert_int_eq(w.events[0].trail.lost, INT64_MAX);
	ck_assert_int_eq(loss.total[CAUSE_FORGED], INT64_MAX);
}
END_TEST

SUITE("loss", loss_of_one_cause_is_one_entry_with_the_whole_span,
      loss_is_written_a_second_after_the_oldest_and_once,
      loss_is_written_at_once_at_the_end_of_time,
      loss_during_the_writing_is_kept_for_the_next_entry,
      loss_keeps_events_and_records_of_one_cause_apart,
      loss_without_a_number_is_still_an_entry,
      loss_that_could_not_be_written_is_written_later_with_what_came_meanwhile,
      loss_counts_do_not_overflow)
