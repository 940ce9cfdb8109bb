/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ending.h"

#include <errno.h>
#include <string.h>

#include "suite.h"

static struct entry *entry;

/* An entry of these fields, "KEY=value", a NULL behind them; what it tells. */
static int read_fields(struct ending *e, const char *const *fields)
{
	if (!entry)
		ck_assert_int_eq(entry_new(&entry), 0);
	entry_clear(entry, 5000000);
	for (; *fields; fields++)
		ck_assert_int_eq(entry_add(entry, *fields, strlen(*fields)), 0);
	return ending_read(e, entry);
}

#define READ(e, ...) read_fields(e, (const char *const[]){ __VA_ARGS__, NULL })
#define MANAGER	     "_PID=1", "_UID=0", "UNIT=a.service"
#define KERNEL	     "_TRANSPORT=kernel", "SYSLOG_FACILITY=0"

START_TEST(ending_tells_how_the_main_process_ended)
{
	struct ending e;

	ck_assert_int_eq(READ(&e, MANAGER, "MESSAGE_ID=" ENDING_ID_PROCESS_ENDED,
			      "MESSAGE=a.service: Main process exited, code=exited",
			      "EXIT_CODE=exited", "EXIT_STATUS=143",
			      "_SOURCE_REALTIME_TIMESTAMP=4000000"),
			 0);
	ck_assert_int_eq(e.kind, ENDING_MAIN_ENDED);
	ck_assert_int_eq(e.how, HOW_EXITED);
	ck_assert_int_eq(e.status, 143);
	ck_assert(!number_known(e.signo));
	ck_assert_int_eq(e.time_usec, 4000000);
	ck_assert_int_eq(READ(&e, MANAGER, "MESSAGE_ID=" ENDING_ID_PROCESS_ENDED,
			      "MESSAGE=a.service: Main process exited, code=dumped",
			      "EXIT_CODE=dumped", "EXIT_STATUS=11"),
			 0);
	ck_assert_int_eq(e.how, HOW_DUMPED);
	ck_assert_int_eq(e.signo, 11);
	ck_assert_int_eq(e.time_usec, 5000000);
}
END_TEST

START_TEST(ending_tells_a_oneshot_s_finish_from_a_start)
{
	struct ending e;

	ck_assert_int_eq(READ(&e, MANAGER, "MESSAGE_ID=" ENDING_ID_STARTED,
			      "MESSAGE=Finished a.service - Started Well."),
			 0);
	ck_assert_int_eq(e.kind, ENDING_FINISHED);
	ck_assert_int_eq(READ(&e, MANAGER, "MESSAGE_ID=" ENDING_ID_STARTED,
			      "MESSAGE=Started a.service - Finished Goods."),
			 0);
	ck_assert_int_eq(e.kind, ENDING_STARTED);
}
END_TEST

START_TEST(ending_of_a_control_process_is_none_of_the_unit)
{
	struct ending e;

	ck_assert_int_eq(READ(&e, MANAGER, "MESSAGE_ID=" ENDING_ID_PROCESS_ENDED,
			      "MESSAGE=a.service: Control process exited, code=exited",
			      "EXIT_CODE=exited", "EXIT_STATUS=1"),
			 0);
	ck_assert_int_eq(e.kind, ENDING_OTHER_ENDED);
}
END_TEST

START_TEST(ending_takes_the_manager_s_word_from_nobody_else)
{
	struct ending e;

	ck_assert_int_eq(READ(&e, "_PID=1", "_UID=1000", "UNIT=a.service",
			      "MESSAGE_ID=" ENDING_ID_STOPPING, "MESSAGE=Stopping"),
			 -ENOENT);
	ck_assert_int_eq(READ(&e, "_PID=2", "_UID=0", "UNIT=a.service",
			      "MESSAGE_ID=" ENDING_ID_STOPPING, "MESSAGE=Stopping"),
			 -ENOENT);
	ck_assert_int_eq(
		READ(&e, MANAGER, "MESSAGE_ID=" ENDING_ID_STOPPING, "MESSAGE=Stopping"),
		0);
	ck_assert_int_eq(e.kind, ENDING_STOPPING);
}
END_TEST

START_TEST(ending_of_a_user_s_unit_comes_from_that_user_s_manager)
{
	struct ending e;

	ck_assert_int_eq(READ(&e, "_PID=800", "_UID=1000", "_COMM=systemd",
			      "_SYSTEMD_USER_UNIT=init.scope", "USER_UNIT=a.service",
			      "MESSAGE_ID=" ENDING_ID_STARTED, "MESSAGE=Started"),
			 0);
	ck_assert_int_eq(e.owner, 1000);
	ck_assert_str_eq(e.unit, "a.service");
	/* For a unit of the system's manager it has no say. */
	ck_assert_int_eq(READ(&e, "_PID=800", "_UID=1000", "_COMM=systemd",
			      "_SYSTEMD_USER_UNIT=init.scope", "UNIT=a.service",
			      "MESSAGE_ID=" ENDING_ID_STARTED, "MESSAGE=Started"),
			 -ENOENT);
	ck_assert_int_eq(READ(&e, "_PID=800", "_UID=1000", "_COMM=systemd",
			      "_SYSTEMD_USER_UNIT=x.service", "USER_UNIT=a.service",
			      "MESSAGE_ID=" ENDING_ID_STARTED, "MESSAGE=Started"),
			 -ENOENT);
}
END_TEST

START_TEST(ending_reads_what_the_manager_sends)
{
	struct ending e;

	ck_assert_int_eq(READ(&e, MANAGER,
			      "MESSAGE=a.service: Sent signal SIGUSR1 to main process "
			      "820 (x on client request) on client request."),
			 0);
	ck_assert_int_eq(e.kind, ENDING_CLIENT_KILLS);
	ck_assert_int_eq(e.signo, 10);
	ck_assert_int_eq(e.pid, 820);
	ck_assert_int_eq(READ(&e, MANAGER,
			      "MESSAGE=a.service: Killing process 668 (a with signal "
			      "SIGHUP.) with signal SIGKILL."),
			 0);
	ck_assert_int_eq(e.kind, ENDING_MANAGER_KILLS);
	ck_assert_int_eq(e.pid, 668);
	ck_assert_int_eq(e.signo, 9);
}
END_TEST

START_TEST(ending_reads_why_the_manager_ends_a_unit)
{
	struct ending e;

	ck_assert_int_eq(READ(&e, MANAGER,
			      "MESSAGE=a.service: State 'stop-sigterm' timed out. "
			      "Killing."),
			 0);
	ck_assert_int_eq(e.kind, ENDING_STOP_TIMEOUT);
	ck_assert_int_eq(
		READ(&e, MANAGER, "MESSAGE=a.service: Watchdog timeout (limit 3s)!"), 0);
	ck_assert_int_eq(e.kind, ENDING_WATCHDOG);
	ck_assert_int_eq(e.limit.len, 2);
	ck_assert_int_eq(memcmp(e.limit.data, "3s", 2), 0);
	ck_assert_int_eq(READ(&e, MANAGER,
			      "MESSAGE=a.service: Service reached runtime time limit. "
			      "Stopping."),
			 0);
	ck_assert_int_eq(e.kind, ENDING_RUNTIME_MAX);
	ck_assert_int_eq(READ(&e, MANAGER,
			      "MESSAGE=a.service: start operation timed out. "
			      "Terminating."),
			 0);
	ck_assert_int_eq(e.kind, ENDING_START_TIMEOUT);
	ck_assert_int_eq(READ(&e, MANAGER, "MESSAGE=a.service: Consumed 2s CPU time."),
			 -ENOENT);
}
END_TEST

START_TEST(ending_reads_the_oom_killer_s_choice_behind_any_name)
{
	struct ending e;

	ck_assert_int_eq(READ(&e, KERNEL,
			      "MESSAGE=oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=("
			      "null),oom_memcg=/a,task_memcg=/system.slice/a.service,"
			      "task=x,pid=1,uid=0,pid=42,uid=0"),
			 0);
	ck_assert_int_eq(e.kind, ENDING_OOM_CHOICE);
	ck_assert_int_eq(e.pid, 42);
	ck_assert(ending_memcg_in_unit(e.memcg, "a.service"));
	ck_assert(ending_memcg_in_unit(e.memcg, "system.slice"));
	ck_assert(!ending_memcg_in_unit(e.memcg, "a.servic"));
	ck_assert(!ending_memcg_in_unit(e.memcg, "service"));
	ck_assert(!ending_memcg_in_unit((struct bytes){ NULL, 0 }, "service"));
	ck_assert_int_eq(READ(&e, KERNEL,
			      "MESSAGE=Out of memory: Killed process 7 (x) total-vm:1kB"),
			 0);
	ck_assert_int_eq(e.kind, ENDING_KERNEL_OOM);
	ck_assert_int_eq(e.pid, 7);
}
END_TEST

START_TEST(ending_takes_the_kernel_s_word_from_nobody_else)
{
	static const char message[] = "MESSAGE=Out of memory: Killed process 7 (x)";
	struct ending e;

	ck_assert_int_eq(READ(&e, "_TRANSPORT=kernel", "SYSLOG_FACILITY=1", message),
			 -ENOENT);
	ck_assert_int_eq(READ(&e, "_TRANSPORT=syslog", "SYSLOG_FACILITY=0", message),
			 -ENOENT);
	ck_assert_int_eq(READ(&e, MANAGER, message), -ENOENT);
}
END_TEST

START_TEST(ending_reads_how_the_kernel_was_booted)
{
	static const struct {
		const char *line;
		int audited;
	} lines[] = {
		{ "MESSAGE=Command line: root=/dev/sda quiet audit=1", 1 },
		{ "MESSAGE=Command line: audit=on quiet", 1 },
		{ "MESSAGE=Kernel command line: audit=1 audit=0", 0 },
		{ "MESSAGE=Command line: noaudit=1 audit_backlog_limit=8192", 0 },
		{ "MESSAGE=Command line: audit=off", 0 },
		{ "MESSAGE=Linux version 6.1.0", -ENOENT },
	};
	struct ending e;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		(void)READ(&e, KERNEL, lines[i].line);
		ck_assert_int_eq(ending_read_boot(entry), lines[i].audited);
	}
	(void)READ(&e, "_TRANSPORT=kernel", "SYSLOG_FACILITY=1", lines[0].line);
	ck_assert_int_eq(ending_read_boot(entry), -ENOENT);
}
END_TEST

START_TEST(ending_of_a_core_dump_comes_from_its_collector)
{
	struct ending e;

	ck_assert_int_eq(
		READ(&e, "_UID=998", "_SYSTEMD_UNIT=systemd-coredump@1-2-3.service",
		     "MESSAGE_ID=" ENDING_ID_COREDUMP, "MESSAGE=dumped core",
		     "COREDUMP_PID=42", "COREDUMP_SIGNAL=11", "COREDUMP_UNIT=a.service"),
		0);
	ck_assert_int_eq(e.pid, 42);
	ck_assert_int_eq(READ(&e, "_UID=1000", "_SYSTEMD_UNIT=session-1.scope",
			      "MESSAGE_ID=" ENDING_ID_COREDUMP, "MESSAGE=dumped core",
			      "COREDUMP_PID=42", "COREDUMP_SIGNAL=11"),
			 -ENOENT);
}
END_TEST

SUITE("ending", ending_tells_how_the_main_process_ended,
      ending_tells_a_oneshot_s_finish_from_a_start,
      ending_of_a_control_process_is_none_of_the_unit,
      ending_takes_the_manager_s_word_from_nobody_else,
      ending_of_a_user_s_unit_comes_from_that_user_s_manager,
      ending_reads_what_the_manager_sends, ending_reads_why_the_manager_ends_a_unit,
      ending_reads_the_oom_killer_s_choice_behind_any_name,
      ending_takes_the_kernel_s_word_from_nobody_else,
      ending_reads_how_the_kernel_was_booted,
      ending_of_a_core_dump_comes_from_its_collector)
