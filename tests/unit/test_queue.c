/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/queue.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

START_TEST(queue_gives_entries_in_order)
{
	struct queue queue = { .limit = 4096 };
	struct iovec iov[4];

	ck_assert_uint_eq(queue_peek(&queue, iov, 4), 0);
	ck_assert_int_eq(queue_add(&queue, "one", 3, 1), 0);
	ck_assert_int_eq(queue_add(&queue, "", 0, 1), 0);
	ck_assert_int_eq(queue_add(&queue, "three", 5, 1), 0);
	ck_assert_uint_eq(queue_peek(&queue, iov, 2), 2);
	ck_assert_uint_eq(queue_peek(&queue, iov, 4), 3);
	ck_assert_mem_eq(iov[0].iov_base, "one", 3);
	ck_assert_uint_eq(iov[1].iov_len, 0);
	ck_assert_uint_eq(iov[2].iov_len, 5);
	queue_drop(&queue, 2);
	ck_assert_uint_eq(queue_peek(&queue, iov, 4), 1);
	ck_assert_mem_eq(iov[0].iov_base, "three", 5);
	queue_drop(&queue, 1);
	ck_assert_int_eq(queue_add(&queue, "again", 5, 1), 0);
	ck_assert_uint_eq(queue_peek(&queue, iov, 4), 1);
	ck_assert_mem_eq(iov[0].iov_base, "again", 5);
	queue_drop(&queue, SIZE_MAX);
	ck_assert_uint_eq(queue.used, 0);
	ck_assert_uint_eq(queue_peek(&queue, iov, 4), 0);
	queue_free(&queue);
}
END_TEST

START_TEST(queue_is_bounded_and_has_room_again_after_a_drop)
{
	struct queue queue = { .limit = 1000 };
	char data[100] = { 0 };
	int n = 0;

	ck_assert_int_eq(queue_add(&queue, data, SIZE_MAX, 1), -ENOBUFS);
	while (queue_add(&queue, data, sizeof(data), 1) == 0)
		n++;
	ck_assert_int_ge(n, 7);
	ck_assert_int_le(n, 9);
	ck_assert_uint_le(queue.used, 1000);
	ck_assert_int_eq(queue_add(&queue, data, sizeof(data), 1), -ENOBUFS);
	queue_drop(&queue, 1);
	ck_assert_int_eq(queue_add(&queue, data, sizeof(data), 1), 0);
	ck_assert_int_eq(queue_add(&queue, data, sizeof(data), 1), -ENOBUFS);
	queue_free(&queue);
}
END_TEST

/* What another one finds: the shared memory, and what was committed. */
struct shared {
	struct queue_sent sent;
	_Alignas(8) char ring[4096];
};

static void check_first(const struct queue *queue, size_t n, const char *text)
{
	struct iovec iov[8];

	ck_assert_uint_eq(queue_peek(queue, iov, 8), n);
	if (n)
		ck_assert_mem_eq(iov[0].iov_base, text, iov[0].iov_len);
}

START_TEST(queue_gives_out_only_what_is_committed_where_it_is_kept)
{
	struct queue queue = { .limit = 4096 };
	struct shared shared = { 0 };

	queue_keep(&queue, &shared.sent, shared.ring);
	ck_assert_int_eq(queue_add(&queue, "one", 3, 1), 0);
	check_first(&queue, 0, "");
	queue_commit(&queue);
	ck_assert_int_eq(queue_add(&queue, "two", 3, 1), 0);
	check_first(&queue, 1, "one");
}
END_TEST

START_TEST(queue_goes_on_behind_what_the_kernel_has_taken)
{
	struct queue queue = { .limit = 4096 }, next = { .limit = 4096 };
	struct shared shared = { 0 };
	struct mmsghdr *messages;
	uint64_t events;

	queue_keep(&queue, &shared.sent, shared.ring);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(queue_add(&queue, &"abcd"[i], 1, 1), 0);
	queue_commit(&queue);
	queue_drop(&queue, 1);
	ck_assert_int_eq(queue_add(&queue, "not committed", 13, 1), 0);
	messages = queue_sending(&queue, 3, false);
	/* The kernel took two, and the call never came back. */
	messages[0].msg_len = messages[1].msg_len = 1;
	queue_keep(&next, &shared.sent, shared.ring);
	ck_assert_int_eq(queue_recover(&next, queue.origin, queue.ready, &events), 1);
	ck_assert_uint_eq(events, 0);
	check_first(&next, 1, "d");
	/* The same where it came back, and what it said was noted. */
	queue_drop(&next, 1);
	check_first(&next, 0, "");
}
END_TEST

START_TEST(queue_says_how_much_is_uncertain)
{
	struct queue queue = { .limit = 4096 }, next = { .limit = 4096 };
	struct shared shared = { 0 };
	uint64_t events;

	queue_keep(&queue, &shared.sent, shared.ring);
	ck_assert_int_eq(queue_add(&queue, "one", 3, 5), 0);
	ck_assert_int_eq(queue_add(&queue, "two", 3, 7), 0);
	ck_assert_int_eq(queue_add(&queue, "three", 5, 1), 0);
	queue_commit(&queue);
	(void)queue_sending(&queue, 2, true);
	queue_keep(&next, &shared.sent, shared.ring);
	ck_assert_int_eq(queue_recover(&next, queue.origin, queue.ready, &events), 1);
	ck_assert_uint_eq(events, 12);
	check_first(&next, 1, "three");
}
END_TEST

START_TEST(queue_leaves_damaged_memory_alone)
{
	struct queue queue = { .limit = 4096 };
	struct shared shared;
	char data[90] = { 0 };
	uint64_t events, position;

	for (int i = 0; i + 4 <= 4096; i++) {
		struct queue next = { .limit = 4096 };

		memset(&shared, 0, sizeof(shared));
		queue_keep(&queue, &shared.sent, shared.ring);
		for (int k = 0; k < 20; k++)
			ck_assert_int_eq(queue_add(&queue, data, sizeof(data), 1), 0);
		queue_commit(&queue);
		position = queue.tail;
		memset(shared.ring + i, 0xee, 4);
		shared.sent.head = i % 3 ? 0 : (uint64_t)i * 8;
		queue_keep(&next, &shared.sent, shared.ring);
		if (queue_recover(&next, 0, position, &events) < 0)
			ck_assert_uint_eq(next.used, 0);
		ck_assert_uint_le(next.used, 4096);
		queue_free(&queue);
	}
}
END_TEST

SUITE("queue", queue_gives_out_only_what_is_committed_where_it_is_kept,
      queue_goes_on_behind_what_the_kernel_has_taken, queue_says_how_much_is_uncertain,
      queue_leaves_damaged_memory_alone, queue_gives_entries_in_order,
      queue_is_bounded_and_has_room_again_after_a_drop)
