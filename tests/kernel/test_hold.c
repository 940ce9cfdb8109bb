/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/hold.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "audit_host.h"
#include "io/audit_link.h"
#include "io/hold_file.h"

START_TEST(hold_brings_all_in_and_takes_all_out)
{
	struct hold_report report;
	struct hold *hold;

	open_audit();
	ck_as_before();
	hold = take(&all, &report);
	ck_assert(report.enabled_audit && !report.immutable);
	ck_assert_uint_eq(report.added, n_made(&all));
	ck_assert_uint_eq(report.present, 0);
	ck_assert_uint_eq(report.missing, 0);
	ck_assert_str_eq(report.uncovered, "");
	ck_state(AUDIT_ON, 8192);
	ck_assert_uint_eq(n_present(&all), n_made(&all));
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	release(hold);
	ck_as_before();
}
END_TEST

START_TEST(hold_leaves_a_bystander_in_front_and_auditing_on_for_it)
{
	struct rules before, during, after;
	struct hold *hold;

	open_audit();
	auditctl(BYSTANDER);
	auditctl("-w /tmp/sigtrail-nothing -p wa -k bystander");
	before = loaded_rules();
	ck_assert_uint_eq(before.n, 2);
	hold = take(&all, NULL);
	during = loaded_rules();
	ck_assert_uint_eq(during.n, 2 + n_made(&all));
	release(hold);
	after = loaded_rules();
	ck_assert_uint_eq(after.n, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert(rules_equal(before.rule[i], during.rule[i]));
		ck_assert(rules_equal(before.rule[i], after.rule[i]));
	}
	ck_state(AUDIT_ON, 64);
	rules_clear(&before);
	rules_clear(&during);
	rules_clear(&after);
}
END_TEST

START_TEST(hold_neither_adds_nor_removes_rules_that_are_there)
{
	struct hold_report report;
	struct hold *hold;

	open_audit();
	/* The same rules as ours, one of them with its fields in another order. */
	auditctl("-a always,exit -F arch=b64 "
		 "-S kill,tkill,rt_sigqueueinfo,pidfd_send_signal -F a1!=0 -k sigtrail");
	auditctl("-a always,exit -F arch=b64 -S tgkill,rt_tgsigqueueinfo "
		 "-F a2!=33 -F a2!=32 -F a2!=0 -F a2!=23 -k sigtrail");
	hold = take(&all, &report);
	ck_assert_uint_eq(report.present, 2);
	ck_assert_uint_eq(report.added, n_made(&all) - 2);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	release(hold);
	ck_assert_uint_eq(n_loaded(), 2);
	ck_assert_uint_eq(n_present(&all), 2);
}
END_TEST

START_TEST(hold_of_two_is_put_back_by_the_last_one)
{
	struct hold_report report;
	struct hold *one, *two;

	open_audit();
	one = take(&all, &report);
	ck_assert(report.enabled_audit);
	two = take(&all, &report);
	ck_assert(!report.enabled_audit);
	ck_assert_uint_eq(report.added, 0);
	ck_assert_uint_eq(report.present, n_made(&all));
	release(one);
	ck_state(AUDIT_ON, 8192);
	ck_assert_uint_eq(n_present(&all), n_made(&all));
	release(two);
	ck_as_before();
}
END_TEST

START_TEST(hold_released_beside_others_takes_what_only_it_wanted)
{
	struct hold *one, *two;

	open_audit();
	for (int first = 0; first < 2; first++) {
		/* Whoever came first. */
		one = take(first ? &all : &probes, NULL);
		two = take(first ? &probes : &all, NULL);
		ck_assert_uint_eq(n_loaded(), n_made(&all) + n_made(&probes));
		release(first ? two : one);
		ck_assert_uint_eq(n_loaded(), n_made(&all));
		ck_assert_uint_eq(n_present(&all), n_made(&all));
		ck_state(AUDIT_ON, 8192);
		release(first ? one : two);
		ck_as_before();
	}
}
END_TEST

START_TEST(hold_leaves_a_backlog_limit_that_somebody_changed)
{
	struct hold *hold;

	open_audit();
	hold = take(&all, NULL);
	auditctl("-b 10000");
	release(hold);
	ck_state(AUDIT_OFF, 10000);
}
END_TEST

START_TEST(hold_never_lowers_the_backlog_limit)
{
	struct hold *hold;

	open_audit();
	auditctl("-b 20000");
	hold = take(&all, NULL);
	ck_state(AUDIT_ON, 20000);
	auditctl("-b 8192");
	release(hold);
	ck_state(AUDIT_OFF, 8192);
}
END_TEST

START_TEST(hold_leaves_auditing_on_where_it_was_on)
{
	struct hold_report report;
	struct hold *hold;

	open_audit();
	auditctl("-e 1");
	hold = take(&all, &report);
	ck_assert(!report.enabled_audit);
	release(hold);
	ck_state(AUDIT_ON, 64);
	ck_assert_uint_eq(n_loaded(), 0);
}
END_TEST

START_TEST(hold_leaves_auditing_on_where_somebody_else_enabled_it)
{
	struct hold *one, *two;

	open_audit();
	one = take(&all, NULL);
	hold_enabled_by_other(one);
	two = take(&all, NULL);
	release(one);
	release(two);
	ck_state(AUDIT_ON, 64);
	ck_assert_uint_eq(n_loaded(), 0);
	ck_assert(!exists(rundir));
}
END_TEST

START_TEST(hold_takes_nobody_for_somebody_else_while_others_of_us_hold)
{
	struct hold *one, *two;

	open_audit();
	one = take(&all, NULL);
	two = take(&all, NULL);
	hold_enabled_by_other(one);
	hold_enabled_by_other(two);
	hold_rules_by_other(one, &all);
	hold_rules_by_other(two, &all);
	release(one);
	release(two);
	ck_state(AUDIT_OFF, 64);
	ck_assert_uint_eq(n_loaded(), 0);
	ck_assert(!exists(rundir));
}
END_TEST

START_TEST(hold_leaves_rules_that_somebody_else_loaded)
{
	struct hold *hold;

	open_audit();
	hold = take(&all, NULL);
	hold_rules_by_other(hold, &all);
	release(hold);
	ck_assert_uint_eq(n_loaded(), 4);
	auditctl("-D");
}
END_TEST

START_TEST(hold_leaves_auditing_on_while_an_audit_daemon_is_registered)
{
	struct hold *hold;
	int daemon_fd;

	open_audit();
	hold = take(&all, NULL);
	daemon_fd = audit_link_open(NULL);
	ck_assert_int_gt(audit_set_pid(daemon_fd, getpid(), WAIT_NO), 0);
	release(hold);
	ck_state(AUDIT_ON, 64);
	ck_assert_uint_eq(n_loaded(), 0);
	audit_set_pid(daemon_fd, 0, WAIT_NO);
	close(daemon_fd);
}
END_TEST

START_TEST(hold_leaves_auditing_on_for_a_rule_that_came_meanwhile)
{
	struct hold *hold;

	open_audit();
	hold = take(&all, NULL);
	auditctl(BYSTANDER);
	release(hold);
	ck_state(AUDIT_ON, 64);
	ck_assert_uint_eq(n_loaded(), 1);
}
END_TEST

START_TEST(hold_change_exchanges_the_rules)
{
	struct hold *hold;

	open_audit();
	hold = take(&all, NULL);
	ck_assert_int_eq(hold_change(hold, &term, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&term));
	ck_assert_uint_eq(n_present(&term), n_made(&term));
	ck_assert_int_eq(hold_change(hold, &term, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&term));
	/* Somebody has wiped all rules. */
	remove_all_rules();
	ck_assert_int_eq(hold_change(hold, &all, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	release(hold);
	ck_as_before();
}
END_TEST

START_TEST(hold_change_takes_at_once_what_others_do_not_want)
{
	struct hold *one, *two;

	open_audit();
	one = take(&all, NULL);
	two = take(&probes, NULL);
	ck_assert_int_eq(hold_change(one, &term, NULL), 0);
	ck_assert_uint_eq(n_present(&term), n_made(&term));
	ck_assert_uint_eq(n_present(&probes), n_made(&probes));
	ck_assert_uint_eq(n_loaded(), n_made(&term) + n_made(&probes));
	release(two);
	ck_assert_uint_eq(n_loaded(), n_made(&term));
	release(one);
	ck_as_before();
}
END_TEST

START_TEST(hold_change_leaves_rules_that_others_want)
{
	struct hold *one, *two;

	open_audit();
	one = take(&all, NULL);
	two = take(&all, NULL);
	ck_assert_int_eq(hold_change(one, &term, NULL), 0);
	ck_assert_uint_eq(n_present(&all), n_made(&all));
	ck_assert_uint_eq(n_present(&term), n_made(&term));
	release(two);
	ck_assert_uint_eq(n_present(&term), n_made(&term));
	ck_assert_uint_eq(n_loaded(), n_made(&term));
	release(one);
	ck_as_before();
}
END_TEST

START_TEST(hold_change_that_is_refused_changes_nothing)
{
	const struct rules_want none = { .failed = true };
	struct reason reason = { "" };
	struct hold *hold;

	open_audit();
	hold = take(&all, NULL);
	ck_assert_int_eq(hold_change(hold, &none, &reason), -EINVAL);
	ck_assert_str_ne(reason.text, "");
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	release(hold);
	ck_as_before();
}
END_TEST

START_TEST(hold_change_leaves_the_rules_of_others)
{
	struct hold *hold;

	open_audit();
	load_file("40-sigtrail.rules");
	hold = take(&term, NULL);
	ck_assert_int_eq(hold_change(hold, &all, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	ck_assert_int_eq(hold_change(hold, &term, NULL), 0);
	release(hold);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	ck_assert_uint_eq(n_present(&all), n_made(&all));
}
END_TEST

START_TEST(hold_released_with_keep_stays_until_the_next_one_releases)
{
	struct hold *hold;

	open_audit();
	hold = take(&all, NULL);
	ck_assert_int_eq(hold_release(hold, true, NULL), 0);
	ck_state(AUDIT_ON, 8192);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	release(take(&all, NULL));
	ck_as_before();
}
END_TEST

START_TEST(hold_says_what_one_before_has_left_and_others_removed)
{
	struct hold_report report;
	struct hold *hold;

	open_audit();
	hold = take(&term, &report);
	ck_assert_uint_eq(report.left + report.removed, 0);
	ck_assert_int_eq(hold_release(hold, true, NULL), 0);
	/* Other rules are wanted: nobody has removed any. */
	hold = take(&all, &report);
	ck_assert_uint_eq(report.added, n_made(&all));
	ck_assert_uint_eq(report.left, n_made(&term));
	ck_assert_uint_eq(report.removed, 0);
	ck_assert_int_eq(hold_release(hold, true, NULL), 0);
	remove_all_rules();
	hold = take(&all, &report);
	ck_assert_uint_eq(report.left, 0);
	ck_assert_uint_eq(report.removed, n_made(&term) + n_made(&all));
	release(hold);
	ck_as_before();
}
END_TEST

START_TEST(hold_kept_beside_others_stays_until_the_last_one_releases)
{
	struct hold *one, *two;

	open_audit();
	one = take(&all, NULL);
	two = take(&term, NULL);
	ck_assert_int_eq(hold_release(two, true, NULL), 0);
	release(take(&term, NULL));
	ck_assert_uint_eq(n_present(&term), n_made(&term));
	two = take(&probes, NULL);
	ck_assert_int_eq(hold_change(one, &probes, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&term) + n_made(&probes));
	release(two);
	ck_assert_uint_eq(n_loaded(), n_made(&term) + n_made(&probes));
	release(one);
	ck_as_before();
}
END_TEST

START_TEST(hold_change_alone_takes_what_was_kept)
{
	struct hold *hold;

	open_audit();
	ck_assert_int_eq(hold_release(take(&all, NULL), true, NULL), 0);
	hold = take(&all, NULL);
	ck_assert_int_eq(hold_change(hold, &term, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&term));
	release(hold);
	ck_as_before();
}
END_TEST

START_TEST(hold_that_does_not_manage_adds_no_rule_and_says_what_is_missing)
{
	struct hold_report report;
	struct hold *hold = NULL;

	open_audit();
	auditctl("-a always,exit -F arch=b64 -S kill,tkill -k other");
	ck_assert_int_eq(hold_take(&hold, fd, rundir, &all, false, &report, NULL), 0);
	ck_assert_uint_eq(n_loaded(), 1);
	ck_assert_uint_eq(report.missing, n_made(&all));
	ck_assert_str_eq(report.uncovered,
			 "tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal");
	ck_state(AUDIT_ON, 8192);
	ck_assert_int_eq(hold_change(hold, &term, NULL), 0);
	ck_assert_uint_eq(n_loaded(), 1);
	release(hold);
	ck_assert_uint_eq(n_loaded(), 1);
}
END_TEST

START_TEST(hold_withdraw_takes_what_only_it_wanted)
{
	struct hold *one, *two;

	open_audit();
	one = take(&all, NULL);
	two = take(&probes, NULL);
	ck_assert_int_eq(hold_withdraw(two, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	/* Who reads on after that wants nothing. */
	ck_assert_int_eq(hold_withdraw(one, NULL), 0);
	ck_assert_uint_eq(n_loaded(), 0);
	ck_state(AUDIT_ON, 8192);
	release(one);
	ck_state(AUDIT_ON, 8192);
	release(two);
	ck_as_before();
}
END_TEST

START_TEST(hold_withdraw_takes_the_rules_only_and_only_of_the_last_one)
{
	struct hold *one, *two;

	open_audit();
	one = take(&all, NULL);
	two = take(&all, NULL);
	ck_assert_int_eq(hold_withdraw(one, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	release(one);
	ck_assert_int_eq(hold_withdraw(two, NULL), 0);
	ck_assert_uint_eq(n_loaded(), 0);
	ck_state(AUDIT_ON, 8192);
	release(two);
	ck_as_before();
}
END_TEST

START_TEST(hold_release_of_nothing_is_nothing)
{
	ck_assert_int_eq(hold_release(NULL, false, NULL), 0);
}
END_TEST

START_TEST(hold_that_is_restored_leaves_what_was_kept)
{
	struct reason reason = { "" };
	struct hold *hold;

	open_audit();
	hold = take(&term, NULL);
	ck_assert_int_eq(hold_release(hold, true, &reason), 0);
	ck_assert_uint_eq(n_present(&term), n_made(&term));
	/* Ours goes, what was kept stays, also where auditing was switched off since. */
	auditctl("-e 0");
	hold = take(&all, NULL);
	ck_state(AUDIT_ON, 8192);
	ck_assert_uint_eq(n_present(&all), n_made(&all));
	ck_assert_int_eq(hold_restore(hold, &reason), 0);
	ck_state(AUDIT_OFF, 8192);
	ck_assert_uint_eq(n_present(&term), n_made(&term));
	ck_assert_uint_eq(n_loaded(), n_made(&term));
	auditctl("-e 1");
	hold = take(&term, NULL);
	release(hold);
	ck_assert_uint_eq(n_loaded(), 0);
	auditctl("-e 0");
	ck_as_before();
}
END_TEST

START_TEST(hold_that_is_restored_leaves_what_others_want_and_not_what_they_wanted)
{
	struct hold *one, *two;

	open_audit();
	/* One who comes meanwhile. */
	one = take(&probes, NULL);
	two = take(&all, NULL);
	ck_assert_int_eq(hold_restore(one, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	ck_assert_uint_eq(n_present(&all), n_made(&all));
	ck_state(AUDIT_ON, 8192);
	/* One who goes meanwhile. */
	one = take(&all, NULL);
	release(two);
	ck_assert_uint_eq(n_present(&all), n_made(&all));
	ck_assert_int_eq(hold_restore(one, NULL), 0);
	ck_as_before();
}
END_TEST

START_TEST(hold_unload_puts_back_what_was_kept_but_not_under_others)
{
	struct hold_unloaded unloaded;
	struct reason reason = { "" };
	struct hold *hold;

	open_audit();
	ck_assert_int_eq(hold_unload(fd, rundir, false, &unloaded, &reason), 0);
	ck_assert_uint_eq(unloaded.rules, 0);
	ck_as_before();

	hold = take(&all, NULL);
	ck_assert_int_eq(hold_file_in_use(rundir), 1);
	ck_assert_int_eq(hold_unload(fd, rundir, false, &unloaded, &reason), -EBUSY);
	ck_assert_uint_eq(n_present(&all), n_made(&all));
	ck_assert_int_eq(hold_unload(fd, rundir, true, &unloaded, &reason), 0);
	ck_assert_uint_eq(unloaded.rules, n_made(&all));
	ck_assert_uint_eq(n_loaded(), 0);
	release(hold);
	ck_assert_int_eq(hold_file_in_use(rundir), 0);
	ck_as_before();

	hold = take(&all, NULL);
	ck_assert_int_eq(hold_release(hold, true, &reason), 0);
	ck_assert_int_eq(hold_file_in_use(rundir), 0);
	ck_assert_int_eq(hold_unload(fd, rundir, false, &unloaded, &reason), 0);
	ck_assert_uint_eq(unloaded.rules, n_made(&all));
	ck_assert(unloaded.enabled && unloaded.backlog);
	ck_as_before();
}
END_TEST

KERNEL_SUITE("hold", hold_brings_all_in_and_takes_all_out,
	     hold_leaves_a_bystander_in_front_and_auditing_on_for_it,
	     hold_neither_adds_nor_removes_rules_that_are_there,
	     hold_of_two_is_put_back_by_the_last_one,
	     hold_leaves_a_backlog_limit_that_somebody_changed,
	     hold_never_lowers_the_backlog_limit, hold_leaves_auditing_on_where_it_was_on,
	     hold_takes_nobody_for_somebody_else_while_others_of_us_hold,
	     hold_leaves_rules_that_somebody_else_loaded,
	     hold_leaves_auditing_on_where_somebody_else_enabled_it,
	     hold_leaves_auditing_on_while_an_audit_daemon_is_registered,
	     hold_leaves_auditing_on_for_a_rule_that_came_meanwhile,
	     hold_released_beside_others_takes_what_only_it_wanted,
	     hold_change_exchanges_the_rules,
	     hold_says_what_one_before_has_left_and_others_removed,
	     hold_change_takes_at_once_what_others_do_not_want,
	     hold_change_leaves_rules_that_others_want,
	     hold_kept_beside_others_stays_until_the_last_one_releases,
	     hold_change_alone_takes_what_was_kept,
	     hold_withdraw_takes_what_only_it_wanted,
	     hold_that_is_restored_leaves_what_others_want_and_not_what_they_wanted,
	     hold_change_that_is_refused_changes_nothing,
	     hold_change_leaves_the_rules_of_others,
	     hold_released_with_keep_stays_until_the_next_one_releases,
	     hold_that_does_not_manage_adds_no_rule_and_says_what_is_missing,
	     hold_release_of_nothing_is_nothing,
	     hold_withdraw_takes_the_rules_only_and_only_of_the_last_one,
	     hold_that_is_restored_leaves_what_was_kept,
	     hold_unload_puts_back_what_was_kept_but_not_under_others)
