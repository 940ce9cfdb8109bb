/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/change.h"

#include "core/number.h"
#include "records.h"
#include "suite.h"

static struct change change_of(const char *body)
{
	struct record record = record_of(AUDIT_CONFIG_CHANGE, 7, body);
	struct change change;

	change_parse(&change, &record);
	return change;
}

START_TEST(change_knows_what_was_set)
{
	struct change c = change_of("op=set audit_enabled=0 old=1 auid=1000 ses=3 res=1");

	ck_assert_int_eq(c.op, CHANGE_ENABLED);
	ck_assert_int_eq(c.value, 0);
	ck_assert_int_eq(c.auid, 1000);
	c = change_of("op=set audit_backlog_limit=1 old=8192 auid=4294967295 ses=4 "
		      "res=1");
	ck_assert_int_eq(c.op, CHANGE_BACKLOG);
	ck_assert_int_eq(c.value, 1);
	ck_assert_int_eq(c.auid, NUMBER_ABSENT);
}
END_TEST

START_TEST(change_knows_whose_rule_it_is)
{
	struct change c = change_of("auid=0 ses=1 op=remove_rule key=\"sigtrail\" "
				    "list=4 res=1");

	ck_assert_int_eq(c.op, CHANGE_REMOVE_RULE);
	ck_assert_str_eq(c.key, "sigtrail");
	ck_assert_int_eq(c.list, AUDIT_FILTER_EXIT);
	c = change_of("auid=0 ses=1 op=add_rule key=612062 list=4 res=1");
	ck_assert_int_eq(c.op, CHANGE_ADD_RULE);
	ck_assert_str_eq(c.key, "a b");
	c = change_of("auid=0 ses=1 op=add_rule key=(null) list=4 res=1");
	ck_assert_str_eq(c.key, "");
}
END_TEST

START_TEST(change_that_failed_is_none)
{
	ck_assert_int_eq(change_of("op=remove_rule key=\"sigtrail\" list=4 res=0").op,
			 CHANGE_OTHER);
	ck_assert_int_eq(change_of("op=set audit_enabled=0 old=1 res=0").op,
			 CHANGE_OTHER);
	ck_assert_int_eq(change_of("op=set audit_pid=5 old=0 res=1").op, CHANGE_OTHER);
	ck_assert_int_eq(change_of("").op, CHANGE_OTHER);
}
END_TEST

START_TEST(change_names_who_made_the_call)
{
	struct record record =
		record_of(AUDIT_SYSCALL, 7,
			  "arch=c000003e syscall=44 success=yes exit=1064 ppid=3 "
			  "pid=1776 auid=1000 uid=0 gid=0 comm=1B5B33316D "
			  "exe=\"/usr/sbin/auditctl\" key=(null)");
	struct change_call call;

	change_parse_call(&call, &record);
	ck_assert_int_eq(call.pid, 1776);
	ck_assert_int_eq(call.uid, 0);
	ck_assert_int_eq(call.auid, 1000);
	ck_assert_str_eq(call.comm, "\x1b[31m");
	ck_assert_str_eq(call.exe, "/usr/sbin/auditctl");
}
END_TEST

SUITE("change", change_knows_what_was_set, change_knows_whose_rule_it_is,
      change_that_failed_is_none, change_names_who_made_the_call)
