/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/pidfiles.h"

#include <sched.h>
#include <sys/inotify.h>

#include "pidtree.h"
#include "suite.h"

static void see_what_changes(void)
{
	tree_new(&tree);
	make("run/*.pid", "run/*/*.pid");
	ck_assert_str_eq(holding(5), "");
	/* The first part of a glob may come later. */
	tree_put(&tree, "run/a.pid", "5");
	ck_assert_str_eq(holding(5), "run/a.pid ");
	tree_put(&tree, "run/sub/b.pid", "5");
	ck_assert_str_eq(holding(5), "run/a.pid run/sub/b.pid ");
	tree_put(&tree, "run/a.pid", "6");
	ck_assert_str_eq(holding(5), "run/sub/b.pid ");
	ck_assert_str_eq(holding(6), "run/a.pid ");
	ck_assert_int_eq(rename_in_tree("run/a.pid", "moved"), 0);
	tree_put(&tree, "run/sub/c.pid", "5");
	tree_remove(&tree, "run/sub/b.pid");
	ck_assert_str_eq(holding(6), "");
	ck_assert_str_eq(holding(5), "run/sub/c.pid ");
	ck_assert_int_eq(rename_in_tree("moved", "run/z.pid"), 0);
	ck_assert_str_eq(holding(6), "run/z.pid ");
	tree_remove(&tree, "run/sub/c.pid");
	tree_remove(&tree, "run/sub");
	ck_assert_str_eq(holding(5), "");
	tree_put(&tree, "run/sub/d.pid", "5");
	ck_assert_str_eq(holding(5), "run/sub/d.pid ");
	/* Another directory takes the place of one. */
	tree_put(&tree, "other/e.pid", "5");
	tree_put(&tree, "other/f.pid", "6");
	ck_assert_int_eq(rename_in_tree("run/sub", "gone"), 0);
	ck_assert_int_eq(rename_in_tree("other", "run/sub"), 0);
	ck_assert_str_eq(holding(5), "run/sub/e.pid ");
	ck_assert_str_eq(holding(6), "run/z.pid run/sub/f.pid ");
	tree_put(&tree, "gone/d.pid", "6");
	ck_assert_int_eq(rename_in_tree("gone/d.pid", "run/sub/f.pid"), 0);
	tree_put(&tree, "run/sub/f.pid", "7");
	ck_assert_str_eq(holding(6), "run/z.pid ");
	ck_assert_str_eq(holding(7), "run/sub/f.pid ");
	/* The first part of a glob may go, too. */
	ck_assert_int_eq(rename_in_tree("run", "other"), 0);
	ck_assert_str_eq(holding(7), "");
	ck_assert_int_eq(rename_in_tree("other", "run"), 0);
	ck_assert_str_eq(holding(7), "run/sub/f.pid ");
	done();
}

START_TEST(pidfiles_sees_what_changes)
{
	see_what_changes();
}
END_TEST

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	close(fd);
}

/* As if other processes of the user had them all. */
static bool forbid(const char *limit)
{
	char map[32], value[8] = "";
	FILE *f;

	snprintf(map, sizeof(map), "0 %d 1", (int)getuid());
	if (unshare(CLONE_NEWUSER) < 0)
		return false;
	write_to("/proc/self/uid_map", map);
	write_to(limit, "0");
	f = fopen(limit, "re");
	if (f) {
		(void)!fgets(value, sizeof(value), f);
		fclose(f);
	}
	return strcmp(value, "0\n") == 0;
}

START_TEST(pidfiles_sees_what_changes_where_no_more_watches_are_to_be_had)
{
	if (!forbid("/proc/sys/user/max_inotify_watches")) {
		printf("# no user namespace for this user here\n");
		return;
	}
	ck_assert_int_lt(inotify_add_watch(inotify_init1(0), "/tmp", IN_CREATE), 0);
	see_what_changes();
}
END_TEST

START_TEST(pidfiles_sees_what_changes_without_inotify)
{
	if (!forbid("/proc/sys/user/max_inotify_instances")) {
		printf("# no user namespace for this user here\n");
		return;
	}
	ck_assert_int_lt(inotify_init1(0), 0);
	see_what_changes();
}
END_TEST

START_TEST(pidfiles_finds_what_was_just_written_at_the_first_question)
{
	int64_t took;

	tree_new(&tree);
	tree_put(&tree, "run/4321/old.pid", "9");
	for (int i = 0; i < 5000; i++)
		if (i != 4321)
			put_directory("run", i);
	/* A machine on which one look takes all the time there is. */
	budget_usec = 0;
	make("run/*/*.pid", NULL);
	settle();
	tree_put(&tree, "run/17/a.pid", "11");
	ck_assert_uint_eq(ask(11), 1);
	/* Written again in place, and replaced. */
	tree_put(&tree, "run/17/a.pid", "12");
	ck_assert_uint_eq(ask(12), 1);
	tree_put(&tree, "run/17/a.new", "13");
	ck_assert_int_eq(rename_in_tree("run/17/a.new", "run/17/a.pid"), 0);
	ck_assert_uint_eq(ask(13), 1);
	ck_assert_uint_eq(ask(12), 0);
	/* With its directory. */
	tree_put(&tree, "run/new/a.pid", "14");
	ck_assert_uint_eq(ask(14), 1);
	ck_assert_int_eq(rename_in_tree("run/4321", "run/moved"), 0);
	ck_assert_uint_eq(ask(9), 1);
	ck_assert_str_eq(found[0].path, tree_path(&tree, "run/moved/old.pid"));
	tree_put(&tree, "run/4999/a.pid", "15");
	wait_for_rest();
	took = now_usec();
	ck_assert_uint_eq(pidfiles_find(pidfiles, 15, found), 1);
	printf("# %lld us a question\n", (long long)(now_usec() - took));
	done();
}
END_TEST

static long queued_events_max(void)
{
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
	long n = 0;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%ld", &n), 1);
	fclose(f);
	return n;
}

START_TEST(pidfiles_survive_more_changes_than_the_kernel_keeps)
{
	char name[2][16] = { "run/x", "run/y" };

	tree_new(&tree);
	tree_put(&tree, "run/x", "");
	tree_put(&tree, "run/sub/z", "");
	tree_put(&tree, "run/a.pid", "5");
	make("run/*.pid", "run/*/*.pid");
	settle();
	ck_assert_uint_eq(pidfiles_counts(pidfiles)->overflows, 0);
	for (long i = queued_events_max() / 2; i >= 0; i--)
		ck_assert_int_eq(rename_in_tree(name[i & 1], name[~i & 1]), 0);
	tree_put(&tree, "run/sub/b.pid", "5");
	tree_put(&tree, "run/a.pid", "6");
	ck_assert_str_eq(holding(5), "run/sub/b.pid ");
	ck_assert_str_eq(holding(6), "run/a.pid ");
	ck_assert_uint_eq(pidfiles_counts(pidfiles)->overflows, 1);
	done();
}
END_TEST

START_TEST(pidfiles_keeps_what_was_read_while_nobody_asked)
{
	char name[2][16] = { "run/x", "run/y" };

	tree_new(&tree);
	tree_put(&tree, "run/x", "");
	make("run/*.pid", NULL);
	settle();
	tree_put(&tree, "run/a.pid", "5");
	for (long i = queued_events_max(); i >= 0; i--) {
		ck_assert_int_eq(rename_in_tree(name[i & 1], name[~i & 1]), 0);
		if (i % 1000 == 0)
			pidfiles_read_changes(pidfiles);
	}
	ck_assert_str_eq(holding(5), "run/a.pid ");
	ck_assert_uint_eq(pidfiles_counts(pidfiles)->overflows, 0);
	done();
}
END_TEST

SUITE("pidfiles_watch", pidfiles_sees_what_changes,
      pidfiles_sees_what_changes_where_no_more_watches_are_to_be_had,
      pidfiles_sees_what_changes_without_inotify,
      pidfiles_finds_what_was_just_written_at_the_first_question,
      pidfiles_survive_more_changes_than_the_kernel_keeps,
      pidfiles_keeps_what_was_read_while_nobody_asked)
