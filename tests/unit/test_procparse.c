/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/procparse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

/* As Linux 6.18 prints it. */
static const char cat_stat[] =
	"5372 (cat) R 5365 5365 3648 0 -1 4194304 104 0 0 0 0 0 0 0 20 0 1 0 120789 "
	"3133440 410 18446744073709551615 93873895546880 93873895566761 140727868970064 "
	"0 "
	"0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 93873895582768 93873895584384 93874688954368 "
	"140727868975744 140727868975764 140727868975764 140727868977131 0\n";

static int parse(const char *text, struct proc_stat *stat)
{
	return procparse_stat(text, strlen(text), stat);
}

/* A line of stat with this much of it to choose. */
static int parse_made(const char *comm, char state, unsigned flags, const char *code,
		      struct proc_stat *stat)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "42 (%s) %c 7 7 7 0 -1 %u 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0 0 %s 0 0 0 0 "
		 "0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 comm, state, flags, code);
	return parse(text, stat);
}

START_TEST(procparse_stat_reads_the_kernel_s_line)
{
	struct proc_stat stat;

	ck_assert_int_eq(parse(cat_stat, &stat), 0);
	ck_assert_int_eq(stat.pid, 5372);
	ck_assert_str_eq(stat.comm, "cat");
	ck_assert_int_eq(stat.ppid, 5365);
	ck_assert_uint_eq(stat.start_ticks, 120789);
	ck_assert_uint_gt(stat.image, PROC_IMAGE_HIDDEN);
	ck_assert(!stat.exiting);
}
END_TEST

START_TEST(procparse_stat_name_ends_at_the_last_parenthesis)
{
	static const char *const names[] = {
		"a b", ") R 1 2 3 (x", "((", "))", "", "\n", "1) S 1 (", "\x1b[2J"
	};
	struct proc_stat stat;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(parse_made(names[i], 'S', 0, "5 6 7", &stat), 0);
		ck_assert_str_eq(stat.comm, names[i]);
		ck_assert_int_eq(stat.ppid, 7);
		ck_assert_uint_eq(stat.start_ticks, 500);
	}
}
END_TEST

START_TEST(procparse_stat_image_changes_with_where_the_image_lies)
{
	struct proc_stat a, b;

	ck_assert_int_eq(parse_made("x", 'S', 0, "1000 2000 3000", &a), 0);
	ck_assert_int_eq(parse_made("x", 'S', 0, "1000 2000 3000", &b), 0);
	ck_assert_uint_eq(a.image, b.image);
	ck_assert_int_eq(parse_made("x", 'S', 0, "1000 2000 3001", &b), 0);
	ck_assert_uint_ne(a.image, b.image);
	ck_assert_int_eq(parse_made("x", 'S', 0, "1000 2001 3000", &b), 0);
	ck_assert_uint_ne(a.image, b.image);
	ck_assert_int_eq(parse_made("x", 'S', 0, "1001 2000 3000", &b), 0);
	ck_assert_uint_ne(a.image, b.image);
}
END_TEST

START_TEST(procparse_stat_tells_no_image_from_a_hidden_one)
{
	struct proc_stat stat;

	ck_assert_int_eq(parse_made("kthreadd", 'S', 0x208040, "0 0 0", &stat), 0);
	ck_assert_uint_eq(stat.image, PROC_IMAGE_NONE);
	ck_assert(!stat.exiting);
	ck_assert_int_eq(parse_made("sudo", 'S', 0x400100, "1 1 0", &stat), 0);
	ck_assert_uint_eq(stat.image, PROC_IMAGE_HIDDEN);
}
END_TEST

START_TEST(procparse_stat_tells_who_is_exiting)
{
	struct proc_stat stat;

	ck_assert_int_eq(parse_made("x", 'Z', 0, "0 0 0", &stat), 0);
	ck_assert(stat.exiting);
	ck_assert_int_eq(parse_made("x", 'X', 0, "0 0 0", &stat), 0);
	ck_assert(stat.exiting);
	ck_assert_int_eq(parse_made("x", 'D', 0x40010c, "0 0 0", &stat), 0);
	ck_assert(stat.exiting);
	ck_assert_int_eq(parse_made("x", 'D', 0x400108, "0 0 0", &stat), 0);
	ck_assert(!stat.exiting);
}
END_TEST

START_TEST(procparse_stat_needs_all_up_to_the_stack)
{
	struct proc_stat stat;
	size_t stack = strstr(cat_stat, "140727868970064") - cat_stat;

	for (size_t len = 0; len <= stack; len++) {
		/* Of this length, so that the sanitizer sees a read behind the end. */
		char *exact = malloc(len ? len : 1);

		memcpy(exact, cat_stat, len);
		ck_assert_int_eq(procparse_stat(exact, len, &stat), -EBADMSG);
		free(exact);
	}
}
END_TEST

START_TEST(procparse_stat_refuses_what_is_no_stat)
{
	static const char *const texts[] = {
		"x (cat) R 1",
		"5 cat R 1",
		"-5 (cat) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0 0 0 0 0\n",
		"5 (cat) R -1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0 0 0 0 0\n",
		"5 (cat) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 -1 0 0 0 0 0 0\n",
		"5 (cat) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 2 0 1 0 9999999999999999 0 0 0 0 "
		"0 0\n",
		"5 (cat) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 99999999999999999999 1 1 "
		"1 1 1 1",
		"5 (cat) R 1 1 1 0 -1 0x0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0 0 0 0 0\n",
		"5 (cat)",
		"5 (cat) ",
		"5 (cat) R",
	};
	struct proc_stat stat;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(parse(texts[i], &stat) == -EBADMSG, "%s", texts[i]);
}
END_TEST

START_TEST(procparse_stat_keeps_the_beginning_of_an_overlong_name)
{
	struct proc_stat stat;
	char name[200];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(parse_made(name, 'S', 0, "5 6 7", &stat), 0);
	ck_assert_uint_eq(strlen(stat.comm), sizeof(stat.comm) - 1);
}
END_TEST

START_TEST(procparse_nspid_gives_depth_and_innermost)
{
	static const struct {
		const char *text;
		int r;
		int depth;
		int64_t innermost;
	} rows[] = {
		{ "Name:\tx\nNStgid:\t9\nNSpid:\t1802\nNSpgid:\t5\n", 0, 1, 1802 },
		{ "Name:\tx\nNSpid:\t1802\t2\nNSpgid:\t5\t6\n", 0, 2, 2 },
		{ "NSpid:\t1802\t50\t1\n", 0, 3, 1 },
		{ "Name:\tNSpid:\t5\nPid:\t7\n", -ENODATA, 0, 0 },
		{ "Name:\tx\nNSpid:\t1802\t2", -ENODATA, 0, 0 },
		{ "NSpid:\t\n", -ENODATA, 0, 0 },
		{ "NSpid:\n", -ENODATA, 0, 0 },
		{ "NSpid:\tx\n", -ENODATA, 0, 0 },
		{ "NSpid:\t-1\n", -ENODATA, 0, 0 },
		{ "", -ENODATA, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t innermost = 0;
		int depth = 0;
		int r = procparse_nspid(rows[i].text, strlen(rows[i].text), &depth,
					&innermost);

		ck_assert_msg(r == rows[i].r, "row %zu", i);
		if (r < 0)
			continue;
		ck_assert_int_eq(depth, rows[i].depth);
		ck_assert_int_eq(innermost, rows[i].innermost);
	}
}
END_TEST

START_TEST(procparse_cmdline_loses_a_title_s_padding_and_no_argument)
{
	char padded[64] = "nginx: worker process";

	ck_assert_uint_eq(procparse_cmdline_len(padded, sizeof(padded)),
			  strlen(padded) + 1);
	ck_assert_uint_eq(procparse_cmdline_len("a\0b\0", 4), 4);
	ck_assert_uint_eq(procparse_cmdline_len("a\0\0\0", 4), 4);
	ck_assert_uint_eq(procparse_cmdline_len("a b", 3), 3);
	ck_assert_uint_eq(procparse_cmdline_len("", 0), 0);
	memset(padded, 0, sizeof(padded));
	ck_assert_uint_eq(procparse_cmdline_len(padded, sizeof(padded)), 0);
}
END_TEST

SUITE("procparse", procparse_stat_reads_the_kernel_s_line,
      procparse_stat_name_ends_at_the_last_parenthesis,
      procparse_stat_image_changes_with_where_the_image_lies,
      procparse_stat_tells_no_image_from_a_hidden_one,
      procparse_stat_tells_who_is_exiting, procparse_stat_needs_all_up_to_the_stack,
      procparse_stat_refuses_what_is_no_stat,
      procparse_stat_keeps_the_beginning_of_an_overlong_name,
      procparse_nspid_gives_depth_and_innermost,
      procparse_cmdline_loses_a_title_s_padding_and_no_argument)
