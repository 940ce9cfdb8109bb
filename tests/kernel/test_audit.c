/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel takes and gives back state and rules as io/audit_status and io/rules say. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit_host.h"

/* Runs in a child that is no longer what it was; its exit status is -errno of the open.
 */
static int open_status(const char *word)
{
	struct reason reason = { "" };
	int r = audit_status_open(&reason);

	if (r >= 0 || !strstr(reason.text, word))
		return 0;
	return -r;
}

static int status_of(pid_t pid)
{
	int status;

	ck_assert_int_ge(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(audit_status_is_what_auditctl_sets)
{
	struct audit_state state;

	open_audit();
	auditctl("-b 333");
	auditctl("-r 77");
	auditctl("-f 0");
	auditctl("-e 1");
	state = state_now();
	ck_assert_uint_eq(state.backlog_limit, 333);
	ck_assert_uint_eq(state.rate_limit, 77);
	ck_assert_uint_eq(state.failure, 0);
	ck_assert_uint_eq(state.enabled, AUDIT_ON);
	ck_assert_uint_eq(state.pid, 0);
	ck_assert_int_eq(audit_status_enable(fd, AUDIT_OFF, NULL), 0);
	ck_assert_int_eq(audit_status_set_backlog(fd, 100, NULL), 0);
	ck_state(AUDIT_OFF, 100);
}
END_TEST

START_TEST(audit_status_open_says_who_may)
{
	pid_t pid = fork();

	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(0);
		_exit(open_status("CAP_AUDIT_CONTROL"));
	}
	ck_assert_int_eq(status_of(pid), EPERM);
}
END_TEST

START_TEST(audit_status_open_says_that_a_user_namespace_cannot)
{
	pid_t pid = fork();

	if (!pid) {
		if (unshare(CLONE_NEWUSER))
			_exit(0);
		_exit(open_status("on the host"));
	}
	ck_assert_int_eq(status_of(pid), ECONNREFUSED);
}
END_TEST

START_TEST(audit_status_open_says_that_a_pid_namespace_cannot)
{
	pid_t pid = fork();

	if (!pid) {
		pid_t inner;

		if (unshare(CLONE_NEWPID))
			_exit(0);
		inner = fork();
		if (!inner)
			_exit(open_status("not in a container"));
		_exit(status_of(inner));
	}
	ck_assert_int_eq(status_of(pid), EPERM);
}
END_TEST

static void ck_file(const char *name, const struct rules_want *want)
{
	struct rules by_auditctl, by_us, rules = made(want);

	load_file(name);
	by_auditctl = loaded_rules();
	remove_all_rules();
	for (size_t i = 0; i < rules.n; i++)
		add(rules.rule[i]);
	by_us = loaded_rules();
	remove_all_rules();
	ck_assert_uint_eq(by_us.n, rules.n);
	ck_assert_uint_eq(by_auditctl.n, rules.n);
	for (size_t i = 0; i < rules.n; i++)
		ck_assert_int_eq(memcmp(by_auditctl.rule[i], by_us.rule[i],
					sizeof(*by_us.rule[i]) + by_us.rule[i]->buflen),
				 0);
	rules_clear(&by_auditctl);
	rules_clear(&by_us);
	rules_clear(&rules);
}

START_TEST(rules_files_load_as_what_rules_make_makes)
{
	open_audit();
	ck_file("40-sigtrail.rules", &all);
	ck_file("40-sigtrail-probes.rules", &probes);
}
END_TEST

START_TEST(rules_of_every_kind_come_back_equal_from_the_kernel)
{
	struct rules_want want = { .probes = true };
	struct rules rules, loaded;

	open_audit();
	ck_assert_int_eq(signal_set_parse("1-8,15,20-40,64", &want.signals, NULL), 0);
	rules = made(&want);
	for (size_t i = 0; i < rules.n; i++)
		add(rules.rule[i]);
	ck_assert_int_eq(rules_add(fd, rules.rule[0], NULL), -EEXIST);
	loaded = loaded_rules();
	ck_assert_uint_eq(loaded.n, rules.n);
	for (size_t i = 0; i < rules.n; i++)
		ck_assert(rules_equal(loaded.rule[i], rules.rule[i]));
	for (size_t i = 0; i < rules.n; i++)
		ck_assert_int_eq(rules_delete(fd, rules.rule[i], NULL), 0);
	ck_assert_int_eq(rules_delete(fd, rules.rule[0], NULL), -ENOENT);
	ck_assert_uint_eq(n_loaded(), 0);
	rules_clear(&rules);
	rules_clear(&loaded);
}
END_TEST

START_TEST(rules_add_does_not_take_a_stale_answer_for_its_own)
{
	struct rules rules;

	open_audit();
	rules = made(&term);
	add(rules.rule[0]);
	/* The answer to this one stays in the socket. */
	ck_assert_int_gt(audit_request_status(fd), 0);
	usleep(50000);
	ck_assert_int_eq(rules_add(fd, rules.rule[0], NULL), -EEXIST);
	ck_assert_int_gt(audit_request_rules_list_data(fd), 0);
	usleep(50000);
	ck_assert_uint_eq(n_loaded(), 1);
	ck_state(AUDIT_OFF, 64);
	rules_clear(&rules);
}
END_TEST

KERNEL_SUITE("audit", audit_status_is_what_auditctl_sets, audit_status_open_says_who_may,
	     audit_status_open_says_that_a_user_namespace_cannot,
	     audit_status_open_says_that_a_pid_namespace_cannot,
	     rules_files_load_as_what_rules_make_makes,
	     rules_of_every_kind_come_back_equal_from_the_kernel,
	     rules_add_does_not_take_a_stale_answer_for_its_own)
