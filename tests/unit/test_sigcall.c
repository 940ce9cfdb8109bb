/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/sigcall.h"

#include <libaudit.h>
#include <string.h>

#include "suite.h"

static const struct sigcall *call_of(const char *name)
{
	const struct sigcall *calls;
	size_t n;

	calls = sigcall_table(&n);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	ck_abort_msg("no call %s", name);
	return NULL;
}

static enum scope scope_of(const char *name, uint64_t a0, uint64_t a3)
{
	const uint64_t args[4] = { a0, 15, 15, a3 };

	return sigcall_scope(call_of(name), args);
}

START_TEST(sigcall_numbers_are_those_of_libaudit_on_every_arch)
{
	const struct sigcall *calls;
	const struct sigarch *arches;
	size_t n_calls, n_arches;

	calls = sigcall_table(&n_calls);
	arches = sigarch_table(&n_arches);
	ck_assert_uint_eq(n_calls, 6);
	for (size_t i = 0; i < n_arches; i++)
		for (size_t k = 0; k < n_calls; k++)
			ck_assert_int_eq(
				sigcall_number(&calls[k], &arches[i]),
				audit_name_to_syscall(calls[k].name, arches[i].machine));
}
END_TEST

START_TEST(sigarch_table_has_every_machine_of_libaudit)
{
	const struct sigarch *arch;
	size_t found = 0;
	size_t n;

	sigarch_table(&n);
	for (int machine = 0; machine < 64; machine++) {
		if (audit_name_to_syscall("kill", machine) < 0)
			continue;
		arch = sigarch_of_audit(audit_machine_to_elf(machine));
		ck_assert_ptr_nonnull(arch);
		ck_assert_int_eq(arch->machine, machine);
		ck_assert_ptr_eq(sigarch_of_name(arch->name), arch);
		found++;
	}
	ck_assert_uint_eq(found, n);
	ck_assert_ptr_null(sigarch_of_audit(0));
	ck_assert_ptr_null(sigarch_of_audit(AUDIT_ARCH_RISCV64));
	ck_assert_ptr_null(sigarch_of_name("vax"));
}
END_TEST

START_TEST(sigarch_compat_is_a_32_bit_arch_of_the_table)
{
	const struct sigarch *arches;
	size_t n;

	arches = sigarch_table(&n);
	for (size_t i = 0; i < n; i++) {
		if (!arches[i].compat)
			continue;
		ck_assert(arches[i].audit_arch & __AUDIT_ARCH_64BIT);
		ck_assert_ptr_nonnull(sigarch_of_name(arches[i].compat));
		ck_assert(!(sigarch_of_name(arches[i].compat)->audit_arch &
			    __AUDIT_ARCH_64BIT));
	}
	ck_assert_str_eq(sigarch_of_name("x86_64")->compat, "i386");
	ck_assert_str_eq(sigarch_of_name("aarch64")->compat, "arm");
}
END_TEST

START_TEST(sigcall_find_knows_the_six_calls_and_no_other)
{
	const struct sigarch *arches;
	size_t n;

	arches = sigarch_table(&n);
	for (size_t i = 0; i < n; i++) {
		size_t found = 0;

		for (uint32_t nr = 0; nr < 2048; nr++) {
			const struct sigcall *call = sigcall_find(&arches[i], nr);

			if (!call)
				continue;
			found++;
			ck_assert_str_eq(call->name,
					 audit_syscall_to_name(nr, arches[i].machine));
		}
		ck_assert_uint_eq(found, 6);
		ck_assert_ptr_null(sigcall_find(&arches[i], UINT32_MAX));
		/* x32 calls match no rule. */
		ck_assert_ptr_null(sigcall_find(&arches[i], 62 + 0x40000000));
	}
	ck_assert_str_eq(sigcall_find(sigarch_of_name("x86_64"), 62)->name, "kill");
	ck_assert_str_eq(sigcall_find(sigarch_of_name("i386"), 270)->name, "tgkill");
}
END_TEST

START_TEST(sigcall_names_the_arguments_of_each_call)
{
	static const struct {
		const char *name;
		int signal_arg, target_arg;
		enum sigcall_by by;
	} want[] = {
		{ "kill", 1, 0, SIGCALL_BY_PID },
		{ "tkill", 1, 0, SIGCALL_BY_TID },
		{ "tgkill", 2, 1, SIGCALL_BY_TID },
		{ "rt_sigqueueinfo", 1, 0, SIGCALL_BY_PID },
		{ "rt_tgsigqueueinfo", 2, 1, SIGCALL_BY_TID },
		{ "pidfd_send_signal", 1, 0, SIGCALL_BY_PIDFD },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct sigcall *call = call_of(want[i].name);

		ck_assert_int_eq(call->signal_arg, want[i].signal_arg);
		ck_assert_int_eq(call->target_arg, want[i].target_arg);
		ck_assert_int_eq(call->by, want[i].by);
	}
}
END_TEST

START_TEST(sigcall_scope_of_kill_is_told_by_the_signed_number)
{
	ck_assert_int_eq(scope_of("kill", 0x2ac, 0), SCOPE_PROCESS);
	ck_assert_int_eq(scope_of("kill", 0, 0), SCOPE_GROUP);
	ck_assert_int_eq(scope_of("kill", 0xffffc6d5, 0), SCOPE_GROUP);
	ck_assert_int_eq(scope_of("kill", 0xffffffffffffc6d5, 0), SCOPE_GROUP);
	ck_assert_int_eq(scope_of("kill", 0xffffffff, 0), SCOPE_ALL);
	ck_assert_int_eq(scope_of("kill", UINT64_MAX, 0), SCOPE_ALL);
	ck_assert_int_eq(scope_of("kill", 0x80000000, 0), SCOPE_GROUP);
}
END_TEST

START_TEST(sigcall_scope_of_the_other_calls)
{
	ck_assert_int_eq(scope_of("rt_sigqueueinfo", 0x2ac, 0), SCOPE_PROCESS);
	ck_assert_int_eq(scope_of("tkill", 0x2ac, 0), SCOPE_THREAD);
	ck_assert_int_eq(scope_of("tgkill", 0x2ac, 0), SCOPE_THREAD);
	ck_assert_int_eq(scope_of("rt_tgsigqueueinfo", 0x2ac, 0), SCOPE_THREAD);
	ck_assert_int_eq(scope_of("pidfd_send_signal", 3, 0), SCOPE_PROCESS);
	ck_assert_int_eq(scope_of("pidfd_send_signal", 3, 2), SCOPE_PROCESS);
	ck_assert_int_eq(scope_of("pidfd_send_signal", 3, 1), SCOPE_THREAD);
	ck_assert_int_eq(scope_of("pidfd_send_signal", 3, 4), SCOPE_GROUP);
	ck_assert_int_eq(scope_of("pidfd_send_signal", 3, 3), SCOPE_UNKNOWN);
	ck_assert_int_eq(scope_of("pidfd_send_signal", 3, 8), SCOPE_UNKNOWN);
}
END_TEST

START_TEST(scope_names_are_those_of_the_contract)
{
	ck_assert_str_eq(scope_name(SCOPE_PROCESS), "process");
	ck_assert_str_eq(scope_name(SCOPE_THREAD), "thread");
	ck_assert_str_eq(scope_name(SCOPE_GROUP), "group");
	ck_assert_str_eq(scope_name(SCOPE_ALL), "all");
	ck_assert_ptr_null(scope_name(SCOPE_UNKNOWN));
}
END_TEST

SUITE("sigcall", sigcall_numbers_are_those_of_libaudit_on_every_arch,
      sigarch_table_has_every_machine_of_libaudit,
      sigarch_compat_is_a_32_bit_arch_of_the_table,
      sigcall_find_knows_the_six_calls_and_no_other,
      sigcall_names_the_arguments_of_each_call,
      sigcall_scope_of_kill_is_told_by_the_signed_number,
      sigcall_scope_of_the_other_calls, scope_names_are_those_of_the_contract)
