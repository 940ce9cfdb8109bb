/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/units.h"

#include <signal.h>

#include "suite.h"
#include "tree.h"

#define SECOND INT64_C(1000000)

static struct tree tree;
static struct units *units;

static void setup(void)
{
	tree_new(&tree);
	ck_assert_int_eq(units_new(&units, tree.root), 0);
}

static void teardown(void)
{
	ck_assert_ptr_null(units_free(units));
	ck_assert_ptr_null(units_free(NULL));
	tree_free(&tree);
}

START_TEST(units_first_directory_wins)
{
	setup();
	tree_put(&tree, "usr/lib/systemd/system/x.service",
		 "[Service]\nPIDFile=/run/vendor.pid\nKillSignal=SIGQUIT\n");
	ck_assert_str_eq(units_find(units, "x.service", 0).pid_file, "/run/vendor.pid");
	ck_assert_int_eq(units_find(units, "x.service", 0).stop_signal, SIGQUIT);
	tree_put(&tree, "etc/systemd/system/y.service", "[Service]\nPIDFile=y.pid\n");
	tree_put(&tree, "usr/lib/systemd/system/y.service", "[Service]\nPIDFile=/no\n");
	ck_assert_str_eq(units_find(units, "y.service", 0).pid_file, "/run/y.pid");
	ck_assert_int_eq(units_find(units, "y.service", 0).stop_signal, SIGTERM);
	teardown();
}
END_TEST

START_TEST(units_drop_ins_are_read_in_the_order_of_their_names)
{
	setup();
	tree_put(&tree, "lib/systemd/system/x.service", "[Service]\nPIDFile=/a\n");
	tree_put(&tree, "run/systemd/system/x.service.d/20.conf",
		 "[Service]\nPIDFile=/b\n");
	tree_put(&tree, "usr/lib/systemd/system/service.d/10.conf",
		 "[Service]\nPIDFile=/no\nKillSignal=INT\n");
	tree_put(&tree, "etc/systemd/system/x.service.d/10.conf.off",
		 "[Service]\nPIDFile=/no\n");
	/* The one in /etc hides the one of its name. */
	tree_put(&tree, "etc/systemd/system/x.service.d/30.conf", "[Service]\n");
	tree_put(&tree, "run/systemd/system/x.service.d/30.conf",
		 "[Service]\nPIDFile=/no\n");
	ck_assert_str_eq(units_find(units, "x.service", 0).pid_file, "/b");
	ck_assert_int_eq(units_find(units, "x.service", 0).stop_signal, SIGINT);
	teardown();
}
END_TEST

START_TEST(units_instances_have_their_template_s_file)
{
	setup();
	tree_put(&tree, "lib/systemd/system/pg@.service",
		 "[Service]\nPIDFile=/run/pg/%i.pid\n");
	ck_assert_str_eq(units_find(units, "pg@main.service", 0).pid_file,
			 "/run/pg/main.pid");
	tree_put(&tree, "etc/systemd/system/pg@.service.d/x.conf",
		 "[Service]\nPIDFile=/run/%p-%i.pid\n");
	ck_assert_str_eq(units_find(units, "pg@two.service", 0).pid_file,
			 "/run/pg-two.pid");
	teardown();
}
END_TEST

START_TEST(units_of_which_there_is_no_file_are_unknown)
{
	static const char *const names[] = {
		"none.service", "x.scope", ".service", "../x.service", ".x.service", NULL,
	};

	setup();
	tree_put(&tree, "etc/systemd/system/x.scope", "[Service]\nPIDFile=/no\n");
	tree_put(&tree, "etc/systemd/x.service", "[Service]\nPIDFile=/no\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_ptr_null(units_find(units, names[i], 0).pid_file);
		ck_assert_int_eq(units_find(units, names[i], 0).stop_signal, 0);
	}
	teardown();
}
END_TEST

START_TEST(units_never_wait_for_a_pipe)
{
	setup();
	tree_put(&tree, "etc/systemd/system/y.service", "");
	ck_assert_int_eq(mkfifo(tree_path(&tree, "etc/systemd/system/x.service"), 0600),
			 0);
	ck_assert_ptr_null(units_find(units, "x.service", 0).pid_file);
	teardown();
}
END_TEST

START_TEST(units_are_read_again_after_ten_seconds)
{
	setup();
	ck_assert_ptr_null(units_find(units, "x.service", 0).pid_file);
	tree_put(&tree, "etc/systemd/system/x.service", "[Service]\nPIDFile=/a\n");
	ck_assert_ptr_null(units_find(units, "x.service", 10 * SECOND).pid_file);
	ck_assert_str_eq(units_find(units, "x.service", 10 * SECOND + 1).pid_file, "/a");
	tree_remove(&tree, "etc/systemd/system/x.service");
	ck_assert_str_eq(units_find(units, "x.service", 20 * SECOND).pid_file, "/a");
	ck_assert_ptr_null(units_find(units, "x.service", 21 * SECOND).pid_file);
	teardown();
}
END_TEST

START_TEST(units_remembered_are_bounded)
{
	char name[32];

	setup();
	tree_put(&tree, "etc/systemd/system/x.service", "[Service]\nPIDFile=/a\n");
	ck_assert_str_eq(units_find(units, "x.service", 0).pid_file, "/a");
	tree_put(&tree, "etc/systemd/system/x.service", "[Service]\nPIDFile=/b\n");
	for (int i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "n%d.service", i);
		units_find(units, name, 0);
	}
	/* It had to go, so it is read again. */
	ck_assert_str_eq(units_find(units, "x.service", 0).pid_file, "/b");
	teardown();
}
END_TEST

SUITE("units", units_first_directory_wins,
      units_drop_ins_are_read_in_the_order_of_their_names,
      units_instances_have_their_template_s_file,
      units_of_which_there_is_no_file_are_unknown, units_never_wait_for_a_pipe,
      units_are_read_again_after_ten_seconds, units_remembered_are_bounded)
