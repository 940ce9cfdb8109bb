/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/pidfiles.h"

#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>

#include "pidtree.h"
#include "suite.h"

START_TEST(pidfiles_finds_what_the_globs_name)
{
	tree_new(&tree);
	tree_put(&tree, "run/a.pid", "731\n");
	tree_put(&tree, "run/a.pidx", "731\n");
	tree_put(&tree, "run/.hidden.pid", "731\n");
	tree_put(&tree, "run/b/b.pid", "731");
	tree_put(&tree, "run/b/c/c.pid", "731");
	tree_put(&tree, "run/other.pid", "732");
	make("run/*.pid", "run/*/*.pid");
	ck_assert_str_eq(holding(731), "run/a.pid run/b/b.pid ");
	ck_assert_str_eq(holding(732), "run/other.pid ");
	ck_assert_str_eq(holding(733), "");
	done();
}
END_TEST

START_TEST(pidfiles_stand_in_the_order_of_globs_and_paths_once_each)
{
	tree_new(&tree);
	tree_put(&tree, "z/b.pid", "5");
	tree_put(&tree, "z/a.pid", "5");
	tree_put(&tree, "a/x.pid", "5");
	make("z/*.pid", "?/*.pid");
	ck_assert_str_eq(holding(5), "z/a.pid z/b.pid a/x.pid ");
	done();
}
END_TEST

START_TEST(pidfiles_without_a_pattern_is_one_file)
{
	tree_new(&tree);
	tree_put(&tree, "run/a.pid", "5");
	tree_put(&tree, "run/b.pid", "5");
	make("run/b.pid", NULL);
	ck_assert_str_eq(holding(5), "run/b.pid ");
	done();
}
END_TEST

START_TEST(pidfiles_tells_when_the_file_was_written)
{
	tree_new(&tree);
	tree_put(&tree, "run/a.pid", "5");
	set_mtime("run/a.pid", 1700000000);
	make("run/*.pid", NULL);
	ck_assert_str_eq(holding(5), "run/a.pid ");
	ck_assert_int_eq(found[0].mtime_usec, INT64_C(1700000000005000));
	set_mtime("run/a.pid", 1600000000);
	ck_assert_str_eq(holding(5), "run/a.pid ");
	ck_assert_int_eq(found[0].mtime_usec, INT64_C(1600000000005000));
	done();
}
END_TEST

/* A file isn't looked at twice within 10 ms, so that questions cost little: what it holds
 * is known soon, not at once. */
static void assert_comes_to_hold(int64_t number, const char *wanted)
{
	for (int i = 0; i < 100 && strcmp(holding(number), wanted) != 0; i++)
		wait_usec(20000);
	ck_assert_str_eq(holding(number), wanted);
}

START_TEST(pidfiles_sees_a_second_change_within_a_tick)
{
	tree_new(&tree);
	tree_put(&tree, "run/x", "");
	make("run/*.pid", NULL);
	holding(1);
	for (int i = 1; i <= 20; i++) {
		char name[32], wanted[64];

		tree_put(&tree, "run/same.pid", i % 2 ? "11" : "12");
		snprintf(name, sizeof(name), "run/%02d.pid", i);
		tree_put(&tree, name, "9");
		update();
		tree_remove(&tree, name);
		snprintf(wanted, sizeof(wanted), "%s", i % 2 ? "run/same.pid " : "");
		tree_put(&tree, "run/last.pid", i % 2 ? "21" : "22");
		assert_comes_to_hold(i % 2 ? 21 : 22, "run/last.pid ");
		assert_comes_to_hold(9, "");
		assert_comes_to_hold(11, wanted);
	}
	done();
}
END_TEST

START_TEST(pidfiles_a_pid_file_begins_with_a_number)
{
	static const struct {
		const char *text;
		int64_t number; /* 0: it is none */
	} rows[] = {
		{ "731", 731 },
		{ "731\n", 731 },
		{ " \t\n731 \n", 731 },
		{ "731\r\n", 731 },
		{ "731\n/var/lib/postgresql\n1700000000\n", 731 },
		{ "2147483647", 2147483647 },
		{ "2147483648", 0 },
		{ "99999999999999999999999999999999999", 0 },
		{ "0", 0 },
		{ "-731", 0 },
		{ "+731", 0 },
		{ "731x", 0 },
		{ "0x2db", 0 },
		{ "pid 731", 0 },
		{ "", 0 },
		{ "\n", 0 },
		/* 64 bytes are read; behind them the number may go on. */
		{ "                                                             731", 0 },
		{ "                                                            731 ",
		  731 },
		{ "                                                                 731",
		  0 },
	};
	int64_t number, mtime;

	tree_new(&tree);
	make("run/*.pid", NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r;

		tree_put(&tree, "run/a.pid", rows[i].text);
		r = pidfiles_read(pidfiles, tree_path(&tree, "run/a.pid"), &number,
				  &mtime);
		ck_assert_msg(r == (rows[i].number ? 0 : -EBADMSG), "row %zu: %d", i, r);
		if (rows[i].number)
			ck_assert_int_eq(number, rows[i].number);
	}
	done();
}
END_TEST

START_TEST(pidfiles_are_regular_files)
{
	int64_t number, mtime;

	tree_new(&tree);
	tree_put(&tree, "run/good.pid", "5");
	tree_put(&tree, "run/directory.pid/x", "5");
	ck_assert_int_eq(mkfifo(tree_path(&tree, "run/pipe.pid"), 0600), 0);
	ck_assert_int_eq(symlink("good.pid", tree_path(&tree, "run/link.pid")), 0);
	ck_assert_int_eq(symlink("run", tree_path(&tree, "linked")), 0);
	make("run/*.pid", "l*/*.pid");
	ck_assert_str_eq(holding(5), "run/good.pid ");
	ck_assert_int_eq(pidfiles_read(pidfiles, tree_path(&tree, "run/pipe.pid"),
				       &number, &mtime),
			 -EBADMSG);
	ck_assert_int_eq(pidfiles_read(pidfiles, tree_path(&tree, "run/link.pid"),
				       &number, &mtime),
			 -EBADMSG);
	ck_assert_int_eq(pidfiles_read(pidfiles, "/dev/zero", &number, &mtime), -EBADMSG);
	ck_assert_int_eq(pidfiles_read(pidfiles, tree_path(&tree, "run/none.pid"),
				       &number, &mtime),
			 -ENOENT);
	done();
}
END_TEST

START_TEST(pidfiles_fixed_part_may_be_a_link)
{
	tree_new(&tree);
	tree_put(&tree, "run/a.pid", "5");
	ck_assert_int_eq(symlink("run", tree_path(&tree, "var-run")), 0);
	make("var-run/*.pid", NULL);
	ck_assert_str_eq(holding(5), "var-run/a.pid ");
	done();
}
END_TEST

START_TEST(pidfiles_kept_are_bounded_and_counted)
{
	char name[64];

	tree_new(&tree);
	for (int i = 0; i < 4100; i++) {
		snprintf(name, sizeof(name), "run/%d.pid", i);
		tree_put(&tree, name, "5");
	}
	/* A directory that has just changed is listed twice. */
	wait_usec(100000);
	make("run/*.pid", NULL);
	holding(1);
	ck_assert_uint_eq(pidfiles_find(pidfiles, 5, found), PIDFILES_FOUND_MAX);
	ck_assert_uint_eq(pidfiles_counts(pidfiles)->files, 4);
	done();
}
END_TEST

START_TEST(pidfiles_directories_kept_are_bounded_and_counted)
{
	tree_new(&tree);
	tree_put(&tree, "a/x", "");
	tree_put(&tree, "b/x", "");
	for (int i = 0; i < 4100; i++) {
		put_directory("a", i);
		put_directory("b", i);
	}
	/* A directory that has just changed is listed twice. */
	wait_usec(100000);
	make("a/*/*.pid", "b/*/*.pid");
	holding(1);
	/* With the two above them. */
	ck_assert_uint_eq(pidfiles_counts(pidfiles)->places, 10);
	done();
}
END_TEST

START_TEST(pidfiles_of_a_huge_directory_cost_a_bounded_time)
{
	int64_t longest = 0;
	char name[64];

	tree_new(&tree);
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "run/%d.%s", i, i % 100 ? "x" : "pid");
		tree_put(&tree, name, "5");
	}
	make("run/*.pid", NULL);
	for (int i = 0; i < 50; i++) {
		struct timespec a, b;

		clock_gettime(CLOCK_MONOTONIC, &a);
		update();
		clock_gettime(CLOCK_MONOTONIC, &b);
		b.tv_nsec -= a.tv_nsec;
		if (b.tv_nsec / 1000 > longest)
			longest = b.tv_nsec / 1000;
		wait_usec(2000);
	}
	ck_assert_uint_gt(pidfiles_counts(pidfiles)->entries, 0);
	printf("# a slice of it took %lld us at most\n", (long long)longest);
	/* 2 ms and a directory more; a busy machine may do something else meanwhile. */
	ck_assert_int_lt(longest, 50000);
	done();
}
END_TEST

START_TEST(pidfiles_rests_ten_times_as_long_as_it_looked)
{
	tree_new(&tree);
	tree_put(&tree, "run/a.pid", "5");
	make("run/*.pid", NULL);
	ck_assert_str_eq(holding(5), "run/a.pid ");
	for (int i = 0; i < 1000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "run/n%d.pid", i);
		tree_put(&tree, name, "6");
	}
	update();
	/* A thousand were read, which took a while: nothing new is seen now. */
	tree_put(&tree, "run/b.pid", "7");
	ck_assert_uint_eq(pidfiles_find(pidfiles, 7, found), 0);
	for (int i = 0; i < 100 && !*holding(7); i++)
		continue;
	ck_assert_str_eq(holding(7), "run/b.pid ");
	done();
}
END_TEST

START_TEST(pidfiles_of_one_number_that_somebody_planted_cost_little)
{
	int64_t begin, took;
	char name[32];

	tree_new(&tree);
	tree_put(&tree, "a/real.pid", "5");
	for (int i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "b/%04d.pid", i);
		tree_put(&tree, name, "5");
	}
	make("a/*.pid", "b/*.pid");
	ck_assert_str_eq(holding(5), "a/real.pid b/0000.pid b/0001.pid b/0002.pid "
				     "b/0003.pid b/0004.pid b/0005.pid b/0006.pid ");
	begin = now_usec();
	for (int i = 0; i < 1000; i++)
		ck_assert_uint_eq(pidfiles_find(pidfiles, 5, found), PIDFILES_FOUND_MAX);
	took = now_usec() - begin;
	printf("# %lld ns a question\n", (long long)took);
	/* Looking at all of them each time takes seconds. */
	ck_assert_int_lt(took, 500000);
	done();
}
END_TEST

/* Mounts an autofs, of which nobody is the daemon. */
static bool mount_autofs(const char *path)
{
	char options[64];
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	snprintf(options, sizeof(options), "fd=%d,minproto=5,maxproto=5,direct,pgrp=%d",
		 ends[1], (int)getpgrp());
	return mount("test", path, "autofs", 0, options) == 0;
}

START_TEST(pidfiles_pass_over_file_systems_that_ask_others)
{
	int64_t number, mtime;
	/* Others needn't see it. */
	bool alone = unshare(CLONE_NEWNS) == 0 &&
		     mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;

	tree_new(&tree);
	tree_put(&tree, "run/auto/a.pid", "5");
	tree_put(&tree, "run/b/b.pid", "5");
	make("run/*/*.pid", NULL);
	ck_assert_str_eq(holding(5), "run/auto/a.pid run/b/b.pid ");
	ck_assert_uint_eq(pidfiles_counts(pidfiles)->slow, 0);
	/* What is mounted later is noticed too. */
	if (alone && mount_autofs(tree_path(&tree, "run/auto"))) {
		ck_assert_str_eq(holding(5), "run/b/b.pid ");
		ck_assert_uint_gt(pidfiles_counts(pidfiles)->slow, 0);
		ck_assert_int_eq(pidfiles_read(pidfiles, tree_path(&tree, "run/auto"),
					       &number, &mtime),
				 -EREMOTE);
		ck_assert_int_eq(umount2(tree_path(&tree, "run/auto"), MNT_DETACH), 0);
	} else {
		printf("# no autofs for this user here\n");
	}
	done();
}
END_TEST

START_TEST(pidfiles_bad_globs_are_an_error)
{
	static const char *const relative[] = { "x.pid" }, *const none[] = { "/run/" };
	const char *many[65];

	ck_assert_int_eq(pidfiles_new(&pidfiles, relative, 1, 2000), -EINVAL);
	ck_assert_int_eq(pidfiles_new(&pidfiles, none, 1, 2000), -EINVAL);
	for (int i = 0; i < 65; i++)
		many[i] = "/none/x.pid";
	ck_assert_int_eq(pidfiles_new(&pidfiles, many, 65, 2000), -E2BIG);
}
END_TEST

SUITE("pidfiles", pidfiles_finds_what_the_globs_name,
      pidfiles_stand_in_the_order_of_globs_and_paths_once_each,
      pidfiles_without_a_pattern_is_one_file, pidfiles_tells_when_the_file_was_written,
      pidfiles_sees_a_second_change_within_a_tick,
      pidfiles_a_pid_file_begins_with_a_number, pidfiles_are_regular_files,
      pidfiles_fixed_part_may_be_a_link, pidfiles_kept_are_bounded_and_counted,
      pidfiles_directories_kept_are_bounded_and_counted,
      pidfiles_of_a_huge_directory_cost_a_bounded_time,
      pidfiles_rests_ten_times_as_long_as_it_looked,
      pidfiles_of_one_number_that_somebody_planted_cost_little,
      pidfiles_pass_over_file_systems_that_ask_others, pidfiles_bad_globs_are_an_error)
