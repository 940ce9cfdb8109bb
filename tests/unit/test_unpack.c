/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/unpack.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include "packed.h"
#include "suite.h"

#define TEXT_BYTES 300000

static char text[TEXT_BYTES], packed[2 * TEXT_BYTES], got[4 * TEXT_BYTES];
static size_t n_got;

static void make_text(void)
{
	srandom(4);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(' ' + random() % 40);
}

/* Reads it all, so many bytes at a time: what unpack_read() gave last. */
static ssize_t read_all(const char *data, size_t len, size_t step)
{
	int fd = file_of(data, len);
	struct unpack *unpack;
	ssize_t n;

	n_got = 0;
	ck_assert_int_eq(unpack_new(&unpack, fd), 0);
	while ((n = unpack_read(unpack, got + n_got, step)) > 0) {
		ck_assert_uint_le((size_t)n, step);
		n_got += (size_t)n;
		ck_assert_uint_le(n_got + step, sizeof(got));
	}
	ck_assert_ptr_null(unpack_free(unpack));
	close(fd);
	return n;
}

static void check_text(const char *data, size_t len, size_t copies)
{
	static const size_t steps[] = { 1000, 65536, 7777 };

	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(read_all(data, len, steps[i]), 0);
		ck_assert_uint_eq(n_got, copies * sizeof(text));
		for (size_t c = 0; c < copies; c++)
			ck_assert_mem_eq(got + c * sizeof(text), text, sizeof(text));
	}
}

START_TEST(unpack_gives_plain_files_as_they_are)
{
	make_text();
	check_text(text, sizeof(text), 1);
	ck_assert_int_eq(read_all("", 0, 10), 0);
	ck_assert_uint_eq(n_got, 0);
	ck_assert_int_eq(read_all("ab", 2, 10), 0);
	ck_assert_uint_eq(n_got, 2);
}
END_TEST

START_TEST(unpack_knows_gzip_and_files_of_several_members)
{
	size_t len, second;

	make_text();
	len = pack_gzip(text, sizeof(text), packed, sizeof(packed));
	check_text(packed, len, 1);
	second = pack_gzip(text, sizeof(text), packed + len, sizeof(packed) - len);
	check_text(packed, len + second, 2);
	/* Padding behind the end is no member. */
	memset(packed + len, 0, 100);
	check_text(packed, len + 100, 1);
}
END_TEST

START_TEST(unpack_knows_xz_and_files_of_several_streams)
{
	size_t len, second;

	make_text();
	len = pack_xz(text, sizeof(text), packed, sizeof(packed));
	check_text(packed, len, 1);
	second = pack_xz(text, sizeof(text), packed + len, sizeof(packed) - len);
	check_text(packed, len + second, 2);
}
END_TEST

START_TEST(unpack_gives_what_is_before_a_cut_and_says_so)
{
	size_t len;

	make_text();
	len = pack_gzip(text, sizeof(text), packed, sizeof(packed));
	ck_assert_int_eq(read_all(packed, len / 2, 4096), -ENODATA);
	ck_assert_uint_gt(n_got, sizeof(text) / 3);
	ck_assert_mem_eq(got, text, n_got);
	len = pack_xz(text, sizeof(text), packed, sizeof(packed));
	ck_assert_int_eq(read_all(packed, len / 2, 4096), -ENODATA);
	ck_assert_uint_gt(n_got, sizeof(text) / 3);
	ck_assert_mem_eq(got, text, n_got);
}
END_TEST

START_TEST(unpack_notices_damage)
{
	size_t len;

	make_text();
	len = pack_gzip(text, sizeof(text), packed, sizeof(packed));
	packed[len - 6] ^= 1; /* the checksum */
	ck_assert_int_eq(read_all(packed, len, 4096), -EBADMSG);
	len = pack_xz(text, sizeof(text), packed, sizeof(packed));
	packed[len / 2] ^= 1;
	ck_assert_int_eq(read_all(packed, len, 4096), -EBADMSG);
}
END_TEST

START_TEST(unpack_names_the_program_for_what_it_does_not_know)
{
	int fd = file_of("\x28\xb5\x2f\xfd????", 8);
	struct unpack *unpack;

	ck_assert_int_eq(unpack_new(&unpack, fd), 0);
	ck_assert_int_eq(unpack_read(unpack, got, 100), -ENOTSUP);
	ck_assert_str_eq(unpack_tool(unpack), "zstdcat");
	unpack_free(unpack);
	close(fd);
}
END_TEST

START_TEST(unpack_reads_a_pipe_that_gives_a_byte_at_a_time)
{
	static const char word[] = "signals";
	size_t len = pack_gzip(word, 7, packed, sizeof(packed));
	struct unpack *unpack;
	int fds[2], status = 0;

	ck_assert_int_eq(pipe(fds), 0);
	if (fork() == 0) {
		for (size_t i = 0; i < len; i++) {
			if (write(fds[1], packed + i, 1) != 1)
				_exit(1);
			usleep(200);
		}
		_exit(0);
	}
	close(fds[1]);
	ck_assert_int_eq(unpack_new(&unpack, fds[0]), 0);
	n_got = 0;
	for (ssize_t n; (n = unpack_read(unpack, got + n_got, 100)) > 0;)
		n_got += (size_t)n;
	ck_assert_uint_eq(n_got, 7);
	ck_assert_mem_eq(got, word, 7);
	unpack_free(unpack);
	close(fds[0]);
	wait(&status);
	ck_assert_int_eq(status, 0);
}
END_TEST

SUITE("unpack", unpack_gives_plain_files_as_they_are,
      unpack_knows_gzip_and_files_of_several_members,
      unpack_knows_xz_and_files_of_several_streams,
      unpack_gives_what_is_before_a_cut_and_says_so, unpack_notices_damage,
      unpack_names_the_program_for_what_it_does_not_know,
      unpack_reads_a_pipe_that_gives_a_byte_at_a_time)
