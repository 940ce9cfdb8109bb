/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/keep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "suite.h"

/* One that begins, and commits this many batches. */
static struct keep *begin(uint64_t batches)
{
	struct buffer bytes = { 0 };
	struct keep *keep;
	struct reason reason;

	ck_assert_int_eq(keep_new(&keep, &reason), 0);
	ck_assert_str_eq(reason.text, "");
	ck_assert_ptr_null(keep_carried(keep));
	for (uint64_t i = 1; i <= batches; i++) {
		struct carry carry = { .batch = i };

		buffer_reset(&bytes);
		carry_encode(&carry, &bytes);
		ck_assert_int_eq(keep_commit(keep, &bytes, true), 0);
	}
	buffer_free(&bytes);
	return keep;
}

/* Who goes on after it, as after an exec; the first one is gone. */
static struct keep *next(struct keep *keep, struct reason *reason)
{
	int fds[KEEP_COUNT] = { dup(keep_state_fd(keep)), -1, -1, -1 };
	struct keep *new;

	fds[KEEP_RECORDS] = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_eq(keep_hand_on(keep, fds), 0);
	keep_free(keep);
	ck_assert_int_eq(keep_new(&new, reason), 0);
	return new;
}

START_TEST(keep_goes_on_from_the_last_commit)
{
	for (uint64_t n = 1; n < 5; n++) {
		struct reason reason;
		struct keep *keep = next(begin(n), &reason);
		int fd = keep_take(keep, KEEP_RECORDS);

		ck_assert_str_eq(reason.text, "");
		ck_assert_ptr_nonnull(keep_carried(keep));
		ck_assert_uint_eq(keep_carried(keep)->batch, n);
		ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
		ck_assert_int_eq(keep_take(keep, KEEP_RECORDS), -1);
		ck_assert_ptr_null(getenv("SIGTRAIL_KEEP"));
		close(fd);
		keep_free(keep);
	}
}
END_TEST

/* Where the bytes lie that were committed last. */
static void damage(const struct keep *keep, const char *what, size_t len)
{
	size_t size = 2 << 20;
	char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			  keep_state_fd(keep), 0);
	char *at;

	ck_assert_ptr_ne(area, MAP_FAILED);
	at = memmem(area, size, what, len);
	ck_assert_ptr_nonnull(at);
	*at ^= 1;
	munmap(area, size);
}

START_TEST(keep_goes_on_from_the_commit_before_one_that_was_cut_short)
{
	struct carry carry = { .batch = 3, .queue_tail = 0x1122334455667788 };
	const uint64_t mark = carry.queue_tail;
	struct keep *keep = begin(2);
	struct buffer bytes = { 0 };
	struct reason reason;

	carry_encode(&carry, &bytes);
	ck_assert_int_eq(keep_commit(keep, &bytes, true), 0);
	damage(keep, (const char *)&mark, sizeof(mark));
	keep = next(keep, &reason);
	ck_assert_ptr_nonnull(keep_carried(keep));
	ck_assert_uint_eq(keep_carried(keep)->batch, 2);
	keep_free(keep);
	buffer_free(&bytes);
}
END_TEST

START_TEST(keep_begins_where_nothing_was_committed)
{
	struct reason reason;
	struct keep *keep = next(begin(0), &reason);

	ck_assert_ptr_null(keep_carried(keep));
	ck_assert_str_eq(reason.text, "it is damaged");
	keep_free(keep);
}
END_TEST

START_TEST(keep_begins_with_a_file_that_is_not_ours)
{
	struct keep *keep = begin(1);
	int fds[KEEP_COUNT] = { memfd_create("other", 0), -1, -1, -1 };
	struct reason reason;

	fds[KEEP_RECORDS] = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_eq(ftruncate(fds[KEEP_STATE], 100), 0);
	ck_assert_int_eq(keep_hand_on(keep, fds), 0);
	keep_free(keep);
	ck_assert_int_eq(keep_new(&keep, &reason), 0);
	ck_assert_ptr_null(keep_carried(keep));
	ck_assert_str_eq(reason.text, "it is another version's");
	ck_assert_int_eq(keep_take(keep, KEEP_RECORDS), -1);
	keep_free(keep);
}
END_TEST

START_TEST(keep_begins_with_a_file_of_another_layout)
{
	/* Behind the magic and the attempts. */
	for (size_t at = 24; at < 24 + 14 * sizeof(uint64_t); at += sizeof(uint64_t)) {
		struct keep *keep = begin(1);
		struct reason reason;
		char *area = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
				  keep_state_fd(keep), 0);

		ck_assert_ptr_ne(area, MAP_FAILED);
		area[at] ^= 1;
		munmap(area, 4096);
		keep = next(keep, &reason);
		ck_assert_ptr_null(keep_carried(keep));
		ck_assert_str_eq(reason.text, "it is another version's");
		keep_free(keep);
	}
}
END_TEST

START_TEST(keep_tells_what_was_handed_over_and_left)
{
	struct keep *keep = begin(1);
	int fds[KEEP_COUNT] = { dup(keep_state_fd(keep)), socket(AF_UNIX, SOCK_DGRAM, 0),
				socket(AF_UNIX, SOCK_DGRAM, 0), -1 };
	int other = socket(AF_UNIX, SOCK_DGRAM, 0), fd;
	struct reason reason;

	ck_assert(!keep_was_left(keep, KEEP_STATE, keep_state_fd(keep)));
	ck_assert_int_eq(keep_hand_on(keep, fds), 0);
	keep_free(keep);
	ck_assert_int_eq(keep_new(&keep, &reason), 0);
	fd = keep_take(keep, KEEP_RECORDS);
	ck_assert(!keep_was_left(keep, KEEP_STATE, keep_state_fd(keep)));
	ck_assert(!keep_was_left(keep, KEEP_RECORDS, fd));
	ck_assert(keep_was_left(keep, KEEP_RECORDS, other));
	ck_assert(keep_was_left(keep, KEEP_PROCESSES, -1));
	ck_assert(!keep_was_left(keep, KEEP_ALARM, -1));
	ck_assert(!keep_was_left(keep, KEEP_ALARM, other));
	/* Another file. */
	keep_begin(keep);
	ck_assert(keep_was_left(keep, KEEP_STATE, keep_state_fd(keep)));
	close(fd);
	close(other);
	keep_free(keep);
}
END_TEST

START_TEST(keep_gives_a_state_up_that_nobody_gets_on_from)
{
	struct keep *keep = begin(1);
	struct reason reason;

	for (int i = 0; i < 5; i++) {
		keep = next(keep, &reason);
		ck_assert_ptr_nonnull(keep_carried(keep));
	}
	keep = next(keep, &reason);
	ck_assert_ptr_null(keep_carried(keep));
	ck_assert_str_eq(reason.text, "nobody got on from there");
	keep_free(keep);
}
END_TEST

SUITE("keep", keep_goes_on_from_the_last_commit,
      keep_goes_on_from_the_commit_before_one_that_was_cut_short,
      keep_begins_where_nothing_was_committed, keep_begins_with_a_file_that_is_not_ours,
      keep_begins_with_a_file_of_another_layout, keep_tells_what_was_handed_over_and_left,
      keep_gives_a_state_up_that_nobody_gets_on_from)
