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

/* Of a journal that has the entries first to last but for those of the list, what is
 * missing from after to barrier. */
static const char *holes(int first, int last, const int *missing, uint64_t after,
			 uint64_t barrier, uint64_t *newest)
{
	struct journal_check *check;
	struct journal_file file;
	struct journal_where where = { .n_files = 1 };
	struct reason reason;
	const char *path = file.path;
	FILE *out = journal_file_begin(&file);

	write_entry(out, RUN, 1, last + 1000);
	for (int number = first; number <= last; number++) {
		if (*missing == number)
			missing++;
		else
			write_entry(out, RUN, getpid(), number);
		write_entry(out, OTHER, getpid(), number + 500);
	}
	journal_file_end(out);
	where.files = &path;
	ck_assert_int_eq(journal_check_new(&check, "/x", RUN), 0);
	text[0] = '\0';
	ck_assert_int_eq(journal_check_read(check, &where, after, barrier, newest,
					    on_hole, NULL, &reason),
			 first <= last);
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
	uint64_t newest;

	ck_assert_int_eq(journal_check_new(&check, "/x", RUN), 0);
	ck_assert_int_eq(
		journal_check_read(check, &where, 0, 1, &newest, on_hole, NULL, &reason),
		-ENOENT);
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
      journal_check_doesnt_miss_what_was_known_and_is_vacuumed,
      journal_check_says_that_nothing_of_ours_is_there,
      journal_check_says_why_it_cant_read,
      journal_check_is_answered_when_all_in_front_is_taken)
