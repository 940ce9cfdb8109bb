/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/source_stdin.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "records.h"
#include "suite.h"

#define LINE(serial) "type=EOE msg=audit(1795301637.487:" serial "): \n"

/* A record as long as one may be, and longer than all that is read at once. */
#define LONG_BYTES  RECORD_MAX_BYTES
#define GIANT_BYTES (10 * RECORD_MAX_BYTES)

static struct source *source;
static int fds[2];
static uint64_t serials[64];
static size_t n_records, last_body_len;

static void on_record(const struct record *record, void *userdata)
{
	ck_assert_uint_lt(n_records, 64);
	serials[n_records++] = record->serial;
	last_body_len = record->body.len;
}

static void begin(void)
{
	n_records = 0;
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_ge(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
	ck_assert_int_eq(source_stdin_new(&source, fds[0]), 0);
	ck_assert_int_eq(source->fd, fds[0]);
}

static void end(void)
{
	ck_assert_ptr_null(source_free(source));
	/* The descriptor stays the caller's. */
	ck_assert_int_ge(fcntl(fds[0], F_GETFD), 0);
	close(fds[0]);
	close(fds[1]);
}

static void put(const char *text, size_t len)
{
	ck_assert_int_eq(write(fds[1], text, len), (ssize_t)len);
}

static void put_string(const char *text)
{
	put(text, strlen(text));
}

/* So many bytes, none of which is a newline. */
static void put_filler(size_t len)
{
	static char filler[GIANT_BYTES];

	memset(filler, 'x', sizeof(filler));
	put(filler, len);
}

static int read_once(void)
{
	return source_read(source, on_record, NULL);
}

/* Reads until there is nothing now; how many records came. */
static size_t read_all(void)
{
	size_t before = n_records;

	for (int i = 0; i < 100; i++) {
		int r = read_once();

		ck_assert(r > 0 || r == -EAGAIN);
		if (r == -EAGAIN && n_records > before)
			break;
	}
	return n_records - before;
}

START_TEST(source_stdin_joins_a_line_from_its_parts)
{
	const char *line = LINE("7");

	begin();
	for (const char *c = line; c[1]; c++) {
		put(c, 1);
		ck_assert_int_eq(read_once(), -EAGAIN);
	}
	put_string("\n" LINE("8") "type=E");
	ck_assert_int_eq(read_once(), 2);
	put_string("OE msg=audit(1.000:9): \n");
	ck_assert_int_eq(read_once(), 1);
	ck_assert_uint_eq(n_records, 3);
	ck_assert_uint_eq(serials[0], 7);
	ck_assert_uint_eq(serials[1], 8);
	ck_assert_uint_eq(serials[2], 9);
	ck_assert_uint_eq(source->counts.malformed, 0);
	end();
}
END_TEST

START_TEST(source_stdin_waits_for_nobody)
{
	begin();
	ck_assert_int_eq(read_once(), -EAGAIN);
	put_string(LINE("7"));
	ck_assert_int_eq(read_once(), 1);
	ck_assert_int_eq(read_once(), -EAGAIN);
	ck_assert_int_eq(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
	end();
}
END_TEST

START_TEST(source_stdin_takes_the_longest_record)
{
	const char *head = "type=EOE msg=audit(1.000:5): ";

	begin();
	put_string(head);
	put_filler(LONG_BYTES - strlen(head));
	put_string("\n");
	ck_assert_uint_eq(read_all(), 1);
	ck_assert_uint_eq(last_body_len, LONG_BYTES - strlen(head));
	ck_assert_uint_eq(source->counts.malformed, 0);
	end();
}
END_TEST

START_TEST(source_stdin_skips_what_is_too_long_and_takes_the_next_line)
{
	const char *head = "type=EOE msg=audit(1.000:5): ";

	begin();
	put_string(head);
	put_filler(LONG_BYTES - strlen(head) + 1);
	put_string("\n" LINE("6"));
	ck_assert_uint_eq(read_all(), 1);
	ck_assert_uint_eq(source->counts.malformed, 1);
	/* Its tail looks like a record and is none. */
	put_string(head);
	put_filler(GIANT_BYTES);
	put_string(LINE("7") LINE("8"));
	ck_assert_uint_eq(read_all(), 1);
	ck_assert_uint_eq(source->counts.malformed, 2);
	ck_assert_uint_eq(serials[0], 6);
	ck_assert_uint_eq(serials[1], 8);
	end();
}
END_TEST

START_TEST(source_stdin_counts_what_is_no_record)
{
	begin();
	put_string("# a comment\n\n----\ntime->Sun Nov 22 02:00:00 2026\n" LINE(
		"1") "garbage\ntype=EOE msg=audit(1.000:x): \n" LINE("2"));
	ck_assert_int_eq(read_once(), 2);
	ck_assert_uint_eq(source->counts.malformed, 2);
	put_string("garbage\n");
	ck_assert_int_eq(read_once(), -EAGAIN);
	ck_assert_uint_eq(source->counts.malformed, 3);
	end();
}
END_TEST

START_TEST(source_stdin_takes_a_last_line_without_newline)
{
	begin();
	put_string(LINE("1") "type=EOE msg=audit(1.000:2): ");
	close(fds[1]);
	ck_assert_int_eq(read_once(), 1);
	ck_assert_int_eq(read_once(), 0);
	ck_assert_uint_eq(n_records, 2);
	ck_assert_uint_eq(serials[1], 2);
	ck_assert_int_eq(read_once(), 0);
	ck_assert_uint_eq(n_records, 2);
	end();
}
END_TEST

START_TEST(source_stdin_counts_a_last_line_that_is_too_long_once)
{
	begin();
	put_filler(GIANT_BYTES);
	close(fds[1]);
	while (read_once() == -EAGAIN)
		;
	ck_assert_int_eq(read_once(), 0);
	ck_assert_uint_eq(n_records, 0);
	ck_assert_uint_eq(source->counts.malformed, 1);
	end();
}
END_TEST

START_TEST(source_stdin_ends_with_its_input)
{
	begin();
	close(fds[1]);
	ck_assert_int_eq(read_once(), 0);
	ck_assert_uint_eq(n_records, 0);
	end();
}
END_TEST

START_TEST(source_stdin_says_when_it_can_not_read)
{
	ck_assert_int_eq(source_stdin_new(&source, 1023), 0);
	ck_assert_int_eq(read_once(), -EBADF);
	source_free(source);
	ck_assert_ptr_null(source_free(NULL));
}
END_TEST

SUITE("source_stdin", source_stdin_joins_a_line_from_its_parts,
      source_stdin_waits_for_nobody, source_stdin_takes_the_longest_record,
      source_stdin_skips_what_is_too_long_and_takes_the_next_line,
      source_stdin_counts_what_is_no_record,
      source_stdin_takes_a_last_line_without_newline,
      source_stdin_counts_a_last_line_that_is_too_long_once,
      source_stdin_ends_with_its_input, source_stdin_says_when_it_can_not_read)
