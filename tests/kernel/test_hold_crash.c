/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of a hold whose process or files come to harm. */
#include "io/hold.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit_host.h"

/* A child that takes hold. It says so when ready isn't NULL, and then waits. */
static pid_t holder(const struct rules_want *want, int ready[2])
{
	pid_t pid = fork();
	char c = 'r';

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		struct hold *hold;
		int own = audit_status_open(NULL);

		if (hold_take(&hold, own, rundir, want, true, NULL, NULL) < 0)
			_exit(1);
		if (ready && write(ready[1], &c, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (ready)
		ck_assert_int_eq(read(ready[0], &c, 1), 1);
	return pid;
}

static void end(pid_t pid)
{
	int status;

	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
}

START_TEST(hold_takes_over_what_a_killed_one_left)
{
	struct hold_report report;
	struct hold *hold;
	int ready[2];

	open_audit();
	ck_assert_int_eq(pipe(ready), 0);
	end(holder(&probes, ready));
	ck_state(AUDIT_ON, 8192);
	ck_assert_uint_eq(n_present(&probes), n_made(&probes));
	hold = take(&all, &report);
	ck_assert_uint_eq(report.added, n_made(&all));
	release(hold);
	ck_as_before();
}
END_TEST

START_TEST(hold_counts_no_wants_of_one_that_was_killed)
{
	struct hold *one, *two;
	int ready[2];
	pid_t pid;

	open_audit();
	ck_assert_int_eq(pipe(ready), 0);
	one = take(&all, NULL);
	pid = holder(&probes, ready);
	/* Two has a number of its own, and nobody gets that of the killed one. */
	two = take(&term, NULL);
	end(pid);
	ck_assert_uint_eq(n_present(&probes), n_made(&probes));
	release(two);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	ck_assert_uint_eq(n_present(&all), n_made(&all));
	release(one);
	ck_as_before();
}
END_TEST

START_TEST(hold_with_the_number_of_a_killed_one_has_none_of_its_wants)
{
	struct hold *one;
	int ready[2];

	open_audit();
	ck_assert_int_eq(pipe(ready), 0);
	end(holder(&probes, ready));
	one = take(&all, NULL);
	release(take(&term, NULL));
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	release(one);
	ck_as_before();
}
END_TEST

START_TEST(hold_of_another_survives_a_kill_at_any_moment)
{
	struct hold *one;

	open_audit();
	one = take(&probes, NULL);
	for (int i = 0; i < 60; i++) {
		pid_t pid = holder(&all, NULL);

		usleep(i * 50);
		end(pid);
		release(take(&term, NULL));
		ck_assert_uint_eq(n_present(&probes), n_made(&probes));
		ck_assert_uint_eq(n_loaded(), n_made(&probes));
		ck_state(AUDIT_ON, 8192);
	}
	release(one);
	ck_as_before();
}
END_TEST

START_TEST(hold_survives_a_kill_at_any_moment)
{
	open_audit();
	for (int i = 0; i < 60; i++) {
		pid_t pid = holder(&all, NULL);

		usleep(i * 50);
		end(pid);
		release(take(&term, NULL));
		ck_as_before();
	}
}
END_TEST

START_TEST(hold_of_many_at_once_ends_as_it_began)
{
	int status;

	open_audit();
	for (int i = 0; i < 4; i++) {
		pid_t pid = fork();

		ck_assert_int_ge(pid, 0);
		if (pid)
			continue;
		fd = audit_status_open(NULL);
		for (int k = 0; k < 25; k++) {
			const struct rules_want *want = k % 2 ? &all : &term;
			struct hold *hold;

			if (hold_take(&hold, fd, rundir, want, true, NULL, NULL) < 0 ||
			    n_present(want) != n_made(want) ||
			    hold_release(hold, false, NULL) < 0)
				_exit(1);
		}
		_exit(0);
	}
	for (int i = 0; i < 4; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	ck_as_before();
}
END_TEST

static void write_list(const char *boot_id, const char *rest)
{
	char path[128];
	FILE *f;

	mkdir(rundir, 0755);
	snprintf(path, sizeof(path), "%s/rules", rundir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "boot %s\n%s", boot_id, rest);
	fclose(f);
}

static void read_boot_id(char boot_id[64])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%63s", boot_id), 1);
	fclose(f);
}

#define LIST_OF_ONE                                                                      \
	"enabled 0\nbacklog_limit 64 8192\n"                                             \
	"rule -a always,exit -F arch=b64 -S "                                            \
	"kill,tkill,rt_sigqueueinfo,pidfd_send_signal "                                  \
	"-F a1!=0 -k sigtrail\n"

START_TEST(hold_ignores_the_list_of_another_boot)
{
	open_audit();
	load_file("40-sigtrail.rules");
	auditctl("-e 1");
	auditctl("-b 8192");
	write_list("00000000-0000-0000-0000-000000000000", LIST_OF_ONE);
	release(take(&all, NULL));
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	ck_state(AUDIT_ON, 8192);
	ck_assert(!exists(rundir));
}
END_TEST

START_TEST(hold_goes_by_the_list_of_this_boot)
{
	char boot_id[64];

	open_audit();
	load_file("40-sigtrail.rules");
	auditctl("-e 1");
	auditctl("-b 8192");
	read_boot_id(boot_id);
	write_list(boot_id, LIST_OF_ONE);
	release(take(&all, NULL));
	ck_assert_uint_eq(n_loaded(), n_made(&all) - 1);
	ck_state(AUDIT_ON, 64);
}
END_TEST

START_TEST(hold_strikes_out_what_was_planned_and_never_done)
{
	char boot_id[64];
	struct hold *hold;

	open_audit();
	read_boot_id(boot_id);
	write_list(boot_id, LIST_OF_ONE);
	/* Nothing of it is in the kernel. Who loads that rule now owns it. */
	hold = take(&term, NULL);
	load_file("40-sigtrail.rules");
	release(hold);
	ck_assert_uint_eq(n_present(&all), n_made(&all));
	ck_assert_uint_eq(n_loaded(), n_made(&all));
}
END_TEST

START_TEST(hold_refuses_a_damaged_list_and_leaves_it)
{
	struct reason reason = { "" };
	struct hold *hold = NULL;
	char boot_id[64], path[128];

	open_audit();
	read_boot_id(boot_id);
	write_list(boot_id, "nonsense\n");
	ck_assert_int_eq(hold_take(&hold, fd, rundir, &all, true, NULL, &reason),
			 -EBADMSG);
	ck_assert_ptr_null(hold);
	ck_assert_ptr_nonnull(strstr(reason.text, rundir));
	snprintf(path, sizeof(path), "%s/rules", rundir);
	ck_assert(exists(path));
	ck_state(AUDIT_OFF, 64);
	ck_assert_uint_eq(n_loaded(), 0);
}
END_TEST

START_TEST(hold_that_cannot_write_its_plan_changes_nothing)
{
	struct reason reason = { "" };
	struct hold *hold = NULL;
	char path[128];

	open_audit();
	auditctl(BYSTANDER);
	mkdir(rundir, 0755);
	snprintf(path, sizeof(path), "%s/rules.new", rundir);
	mkdir(path, 0755);
	ck_assert_int_lt(hold_take(&hold, fd, rundir, &all, true, NULL, &reason), 0);
	ck_assert_ptr_null(hold);
	ck_assert_str_ne(reason.text, "");
	ck_state(AUDIT_OFF, 64);
	ck_assert_uint_eq(n_loaded(), 1);
}
END_TEST

START_TEST(hold_puts_back_also_when_its_directory_was_removed)
{
	char command[128];
	struct hold *hold;

	open_audit();
	hold = take(&all, NULL);
	snprintf(command, sizeof(command), "rm -r %s", rundir);
	ck_assert_int_eq(system(command), 0);
	release(hold);
	ck_as_before();
}
END_TEST

START_TEST(hold_of_two_is_put_back_also_when_its_directory_was_removed)
{
	char command[128];
	struct hold *one, *two;

	open_audit();
	one = take(&all, NULL);
	two = take(&probes, NULL);
	snprintf(command, sizeof(command), "rm -r %s", rundir);
	ck_assert_int_eq(system(command), 0);
	/* The first to look finds nobody; the other one has its number there by now. */
	ck_assert_int_eq(hold_change(two, &term, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&term));
	ck_assert_int_eq(hold_change(one, &all, NULL), 0);
	ck_assert_uint_eq(n_loaded(), n_made(&term) + n_made(&all));
	release(two);
	ck_assert_uint_eq(n_loaded(), n_made(&all));
	release(one);
	ck_as_before();
}
END_TEST

KERNEL_SUITE("hold_crash", hold_takes_over_what_a_killed_one_left,
	     hold_counts_no_wants_of_one_that_was_killed,
	     hold_with_the_number_of_a_killed_one_has_none_of_its_wants,
	     hold_of_another_survives_a_kill_at_any_moment,
	     hold_of_two_is_put_back_also_when_its_directory_was_removed,
	     hold_survives_a_kill_at_any_moment, hold_of_many_at_once_ends_as_it_began,
	     hold_ignores_the_list_of_another_boot, hold_goes_by_the_list_of_this_boot,
	     hold_strikes_out_what_was_planned_and_never_done,
	     hold_refuses_a_damaged_list_and_leaves_it,
	     hold_that_cannot_write_its_plan_changes_nothing,
	     hold_puts_back_also_when_its_directory_was_removed)
