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
	queue_drop(&queue, SIZE_MAX);
}
END_TEST

SUITE("queue", queue_gives_entries_in_order,
      queue_is_bounded_and_has_room_again_after_a_drop)
