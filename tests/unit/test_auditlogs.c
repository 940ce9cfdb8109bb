/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/auditlogs.h"

#include <stdbool.h>

#include "suite.h"
#include "tree.h"

static struct tree tree;
static struct reason reason;
static glob_t paths;

/* Is one of the paths this one? */
static bool found(const char *name)
{
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		if (strcmp(paths.gl_pathv[i], tree_path(&tree, name)) == 0)
			return true;
	}
	return false;
}

START_TEST(auditlogs_finds_the_default_and_what_was_rotated)
{
	tree_new(&tree);
	tree_put(&tree, "var/log/audit/audit.log", "");
	tree_put(&tree, "var/log/audit/audit.log.1", "");
	tree_put(&tree, "var/log/audit/audit.log.12.gz", "");
	tree_put(&tree, "var/log/audit/audit.log-20261121.xz", "");
	tree_put(&tree, "var/log/audit/audit.logs", "");
	ck_assert_int_eq(auditlogs_find(tree.root, &paths, &reason), 0);
	ck_assert_uint_eq(paths.gl_pathc, 4);
	ck_assert(found("var/log/audit/audit.log"));
	ck_assert(found("var/log/audit/audit.log.12.gz"));
	globfree(&paths);
	tree_free(&tree);
}
END_TEST

START_TEST(auditlogs_reads_where_auditd_was_told_to_write)
{
	tree_new(&tree);
	tree_put(&tree, "etc/audit/auditd.conf",
		 "#\n# a remark\n#\n\nlocal_events = yes\nlog_file = /srv/a[b]/my.log\n"
		 "log_format = ENRICHED\n##name = mydomain\n");
	tree_put(&tree, "srv/a[b]/my.log.3", "");
	tree_put(&tree, "srv/ab/my.log.4", "");
	ck_assert_int_eq(auditlogs_find(tree.root, &paths, &reason), 0);
	ck_assert_uint_eq(paths.gl_pathc, 1);
	ck_assert(found("srv/a[b]/my.log.3"));
	globfree(&paths);
	tree_free(&tree);
}
END_TEST

START_TEST(auditlogs_says_when_there_are_none)
{
	tree_new(&tree);
	ck_assert_int_eq(auditlogs_find(tree.root, &paths, &reason), -ENOENT);
	ck_assert_ptr_nonnull(strstr(reason.text, "/var/log/audit/audit.log"));
	ck_assert_ptr_nonnull(strstr(reason.text, "standard input"));
	globfree(&paths);
	tree_free(&tree);
}
END_TEST

START_TEST(auditlogs_says_when_they_may_not_be_read)
{
	tree_new(&tree);
	tree_put(&tree, "var/log/audit/audit.log", "");
	ck_assert_int_eq(chmod(tree.root, 0755), 0);
	ck_assert_int_eq(chmod(tree_path(&tree, "var/log/audit"), 0), 0);
	ck_assert(geteuid() != 0 || seteuid(65534) == 0);
	ck_assert_int_eq(auditlogs_find(tree.root, &paths, &reason), -EACCES);
	ck_assert_ptr_nonnull(strstr(reason.text, "become root"));
	globfree(&paths);
	ck_assert(getuid() != 0 || seteuid(0) == 0);
	ck_assert_int_eq(chmod(tree_path(&tree, "var/log/audit"), 0700), 0);
	tree_free(&tree);
}
END_TEST

SUITE("auditlogs", auditlogs_finds_the_default_and_what_was_rotated,
      auditlogs_reads_where_auditd_was_told_to_write, auditlogs_says_when_there_are_none,
      auditlogs_says_when_they_may_not_be_read)
