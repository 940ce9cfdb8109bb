/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/journal_check.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "io/journal_read.h"
#include "journal.h"
#include "suite.h"

#define RUN   "0123456789abcdef0123456789abcdef"
#define OTHER "00000000000000000000000000000000"
#define TIME  1795300047191000

static char text[1024]; /* the holes that were found, "7-9 3-3 " */
static int parts;	/* that it was looked in */

static void on_hole(uint64_t first, uint64_t last, void *userdata)
{
	sprintf(text + strlen(text), "%d-%d ", (int)first, (int)last);
}

static void write_entry(FILE *out, const char *run, int pid, int number)
{
	static int64_t n;

	n++;
	fprintf(out,
		"__REALTIME_TIMESTAMP=%lld\n__MONOTONIC_TIMESTAMP=%lld\n"
		"_BOOT_ID=" RUN "\nMESSAGE=%lld\n_PID=%d\nSIGTRAIL_RUN=%s\n"
		"SIGTRAIL_ENTRY=%d\n\n",
		(long long)(TIME + n), (long long)n, (long long)n, pid, run, number);
}

static void write_entries(FILE *out, int first, int last, const int *missing)
{
	write_entry(out, RUN, 1, last + 1000);
	for (int number = first; number <= last; number++) {
		if (*missing == number)
			missing++;
		else
			write_entry(out, RUN, getpid(), number);
		write_entry(out, OTHER, getpid(), number + 500);
	}
}

static int look(struct journal_check *check, uint64_t *newest)
{
	struct reason reason;
	int r;

	text[0] = '\0';
	parts = 0;
	do {
		r = journal_check_read(check, newest, on_hole, NULL, &reason);
		parts++;
	} while (r == -EINPROGRESS);
	return r;
}

/* Of a journal that has the entries first to last but for those of the list, what is
 * missing behind after up to barrier. */
static const char *holes(int first, int last, const int *missing, uint64_t after,
			 uint64_t barrier, uint64_t *newest)
{
	struct journal_check *check;
	struct journal_file file;
	struct journal_where where = { .n_files = 1 };
	struct reason reason;
	const char *path = file.path;
	FILE *out = journal_file_begin(&file);

	write_entries(out, first, last, missing);
	journal_file_end(out);
	where.files = &path;
	ck_assert_int_eq(journal_check_new(&check, "/x", RUN), 0);
	ck_assert_int_eq(journal_check_begin(check, &where, after, barrier, &reason), 0);
	ck_assert_int_eq(look(check, newest), first <= last);
	journal_check_free(check);
	journal_file_remove(&file);
	return text;
}

START_TEST(journal_check_finds_nothing_missing_where_all_is_there)
{
	uint64_t newest;

	ck_assert_str_eq(holes(1, 20, (int[]){ 0 }, 0, 20, &newest), "");
	ck_assert_uint_eq(newest, 20);
	ck_assert_str_eq(holes(1, 20, (int[]){ 0 }, 12, 15, &newest), "");
	ck_assert_uint_eq(newest, 20);
	ck_assert_str_eq(holes(1, 1, (int[]){ 0 }, 0, 1, &newest), "");
}
END_TEST

START_TEST(journal_check_finds_each_hole_up_to_the_barrier)
{
	uint64_t newest;

	ck_assert_str_eq(holes(1, 20, (int[]){ 3, 7, 8, 9, 0 }, 0, 20, &newest),
			 "7-9 3-3 ");
	ck_assert_uint_eq(newest, 20);
	ck_assert_str_eq(holes(1, 20, (int[]){ 3, 7, 8, 9, 0 }, 7, 20, &newest), "8-9 ");
	ck_assert_str_eq(holes(1, 20, (int[]){ 3, 7, 8, 9, 0 }, 0, 8, &newest),
			 "7-8 3-3 ");
	ck_assert_uint_eq(newest, 8);
	ck_assert_str_eq(holes(1, 20, (int[]){ 0 }, 5, 30, &newest), "21-30 ");
	ck_assert_str_eq(holes(1, 20, (int[]){ 0 }, 25, 30, &newest), "26-30 ");
	ck_assert_str_eq(holes(1, 20, (int[]){ 6, 0 }, 5, 30, &newest), "21-30 6-6 ");
	ck_assert_str_eq(holes(1, 20, (int[]){ 1, 0 }, 0, 20, &newest), "1-1 ");
}
END_TEST

START_TEST(journal_check_finds_no_hole_where_the_last_one_known_is_missing)
{
	uint64_t newest;

	ck_assert_str_eq(holes(1, 20, (int[]){ 5, 0 }, 5, 20, &newest), "");
	ck_assert_str_eq(holes(1, 20, (int[]){ 4, 5, 0 }, 5, 18, &newest), "");
	ck_assert_uint_eq(newest, 20);
	ck_assert_str_eq(holes(1, 20, (int[]){ 5, 6, 0 }, 5, 20, &newest), "6-6 ");
	ck_assert_str_eq(holes(1, 20, (int[]){ 5, 9, 0 }, 5, 20, &newest), "9-9 ");
	ck_assert_str_eq(holes(1, 6, (int[]){ 5, 0 }, 5, 6, &newest), "");
	ck_assert_uint_eq(newest, 6);
}
END_TEST

START_TEST(journal_check_looks_in_parts_of_a_bounded_size)
{
	const int n = JOURNAL_CHECK_PART, last = 4 * n + 1;
	uint64_t newest;

	ck_assert_str_eq(holes(1, last, (int[]){ 0 }, 0, last - 3, &newest), "");
	ck_assert_uint_eq(newest, last);
	ck_assert_int_eq(parts, 4);
	ck_assert_str_eq(
		holes(1, last, (int[]){ 2, n + 1, n + 2, 3 * n, 0 }, 1, last, &newest),
		"6144-6144 2049-2050 2-2 ");
	ck_assert_int_eq(parts, 4);
	ck_assert_str_eq(holes(1, last, (int[]){ 0 }, last - n, last, &newest), "");
	ck_assert_int_eq(parts, 1);
}
END_TEST

START_TEST(journal_check_given_up_begins_anew)
{
	struct journal_check *check;
	struct journal_file file;
	struct journal_where where = { .n_files = 1 };
	struct reason reason;
	const char *path = file.path;
	const int last = 2 * JOURNAL_CHECK_PART;
	uint64_t newest;
	FILE *out = journal_file_begin(&file);

	write_entries(out, 1, last, (int[]){ 7, last - 1, 0 });
	journal_file_end(out);
	where.files = &path;
	ck_assert_int_eq(journal_check_new(&check, "/x", RUN), 0);
	ck_assert_int_eq(journal_check_begin(check, &where, 0, last, &reason), 0);
	ck_assert_int_eq(journal_check_read(check, &newest, on_hole, NULL, &reason),
			 -EINPROGRESS);
	ck_assert_int_eq(journal_check_begin(check, &where, 5, last, &reason), 0);
	ck_assert_int_eq(look(check, &newest), 1);
	ck_assert_str_eq(text, "4095-4095 7-7 ");
	ck_assert_int_eq(journal_check_read(check, &newest, on_hole, NULL, &reason),
			 -ENOTCONN);
	journal_check_free(check);
	journal_file_remove(&file);
}
END_TEST

START_TEST(journal_check_doesnt_miss_what_was_known_and_is_vacuumed)
{
	uint64_t newest;

	ck_assert_str_eq(holes(11, 20, (int[]){ 0 }, 10, 20, &newest), "");
	ck_assert_str_eq(holes(13, 20, (int[]){ 0 }, 15, 20, &newest), "");
	ck_assert_str_eq(holes(13, 20, (int[]){ 0 }, 10, 20, &newest), "11-12 ");
}
END_TEST

START_TEST(journal_check_says_that_nothing_of_ours_is_there)
{
	uint64_t newest;

	ck_assert_str_eq(holes(1, 0, (int[]){ 0 }, 3, 20, &newest), "");
}
END_TEST

START_TEST(journal_check_says_why_it_cant_read)
{
	struct journal_where where = { .directory = "/nowhere" };
	struct journal_check *check;
	struct reason reason = { "" };

	ck_assert_int_eq(journal_check_new(&check, "/x", RUN), 0);
	ck_assert_int_eq(journal_check_begin(check, &where, 0, 1, &reason), -ENOENT);
	ck_assert_ptr_nonnull(strstr(reason.text, "/nowhere"));
	journal_check_free(check);
}
END_TEST

START_TEST(journal_check_is_answered_when_all_in_front_is_taken)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/sigtrail-test-XXXXXX", byte;
	struct journal_check *check;
	int in = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int other = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", dir);
	ck_assert_int_eq(journal_check_new(&check, address.sun_path, RUN), 0);
	ck_assert_int_eq(journal_check_ping(check), -ENOENT);
	ck_assert_int_eq(journal_check_answered(check), -ENOTCONN);
	ck_assert_int_eq(bind(in, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(connect(other, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(send(other, "x", 1, 0), 1);
	ck_assert_int_eq(journal_check_ping(check), 0);
	ck_assert_int_eq(journal_check_answered(check), 0);
	ck_assert_int_eq(recv(in, &byte, 1, 0), 1);
	ck_assert_int_eq(journal_check_answered(check), 0);
	ck_assert_int_eq(recv(in, &byte, 1, 0), 0);
	ck_assert_int_eq(journal_check_answered(check), 1);
	while (send(other, "x", 1, 0) == 1)
		;
	ck_assert_int_eq(journal_check_ping(check), -EAGAIN);
	journal_check_free(check);
	close(in);
	close(other);
	unlink(address.sun_path);
	rmdir(dir);
}
END_TEST

SUITE("journal_check", journal_check_finds_nothing_missing_where_all_is_there,
      journal_check_finds_each_hole_up_to_the_barrier,
      journal_check_finds_no_hole_where_the_last_one_known_is_missing,
      journal_check_looks_in_parts_of_a_bounded_size, journal_check_given_up_begins_anew,
      journal_check_doesnt_miss_what_was_known_and_is_vacuumed,
      journal_check_says_that_nothing_of_ours_is_there,
      journal_check_says_why_it_cant_read,
      journal_check_is_answered_when_all_in_front_is_taken)
