/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/sigcall.h"

#include <libaudit.h>
#include <signal.h>
#include <string.h>

/* linux/pidfd.h of newer kernels. */
enum {
	FLAG_THREAD = 1,
	FLAG_THREAD_GROUP = 2,
	FLAG_PROCESS_GROUP = 4,
};

static const struct sigcall calls[SIGCALL_COUNT] = {
	{ "kill", 1, 0, SIGCALL_BY_PID },
	{ "tkill", 1, 0, SIGCALL_BY_TID },
	{ "tgkill", 2, 1, SIGCALL_BY_TID },
	{ "rt_sigqueueinfo", 1, 0, SIGCALL_BY_PID },
	{ "rt_tgsigqueueinfo", 2, 1, SIGCALL_BY_TID },
	{ "pidfd_send_signal", 1, 0, SIGCALL_BY_PIDFD },
};

/* The kernel names every ARM "arm", libaudit's table calls it armeb. */
static const struct sigarch arches[] = {
	{ "x86_64",
	  AUDIT_ARCH_X86_64,
	  MACH_86_64,
	  "i386",
	  { 62, 200, 234, 129, 297, 424 } },
	{ "i386", AUDIT_ARCH_I386, MACH_X86, NULL, { 37, 238, 270, 178, 335, 424 } },
	{ "aarch64",
	  AUDIT_ARCH_AARCH64,
	  MACH_AARCH64,
	  "arm",
	  { 129, 130, 131, 138, 240, 424 } },
	{ "arm", AUDIT_ARCH_ARM, MACH_ARM, NULL, { 37, 238, 268, 178, 363, 424 } },
	{ "ppc64le",
	  AUDIT_ARCH_PPC64LE,
	  MACH_PPC64LE,
	  NULL,
	  { 37, 208, 250, 177, 322, 424 } },
	{ "ppc64", AUDIT_ARCH_PPC64, MACH_PPC64, "ppc", { 37, 208, 250, 177, 322, 424 } },
	{ "ppc", AUDIT_ARCH_PPC, MACH_PPC, NULL, { 37, 208, 250, 177, 322, 424 } },
	{ "s390x",
	  AUDIT_ARCH_S390X,
	  MACH_S390X,
	  "s390",
	  { 37, 237, 241, 178, 330, 424 } },
	{ "s390", AUDIT_ARCH_S390, MACH_S390, NULL, { 37, 237, 241, 178, 330, 424 } },
};

#define N_ARCHES (sizeof(arches) / sizeof(arches[0]))

const struct sigcall *sigcall_table(size_t *n)
{
	*n = SIGCALL_COUNT;
	return calls;
}

const struct sigarch *sigarch_table(size_t *n)
{
	*n = N_ARCHES;
	return arches;
}

const struct sigarch *sigarch_of_audit(uint32_t audit_arch)
{
	for (size_t i = 0; i < N_ARCHES; i++)
		if (arches[i].audit_arch == audit_arch)
			return &arches[i];
	return NULL;
}

const struct sigarch *sigarch_of_name(const char *name)
{
	for (size_t i = 0; i < N_ARCHES; i++)
		if (!strcmp(arches[i].name, name))
			return &arches[i];
	return NULL;
}

const struct sigcall *sigcall_find(const struct sigarch *arch, uint32_t nr)
{
	for (size_t i = 0; arch && i < SIGCALL_COUNT; i++)
		if (arch->number[i] == nr)
			return &calls[i];
	return NULL;
}

uint32_t sigcall_number(const struct sigcall *call, const struct sigarch *arch)
{
	return arch->number[call - calls];
}

bool sigcall_is_noise(const struct sigcall *call, int64_t signo)
{
	/* Those that name a thread and its process have the signal third. */
	return call && call->signal_arg == 2 &&
	       (signo == SIGURG || signo == 32 || signo == 33);
}

const char *scope_name(enum scope scope)
{
	switch (scope) {
	case SCOPE_PROCESS:
		return "process";
	case SCOPE_THREAD:
		return "thread";
	case SCOPE_GROUP:
		return "group";
	case SCOPE_ALL:
		return "all";
	case SCOPE_UNKNOWN:
		break;
	}
	return NULL;
}

static enum scope kill_scope(int32_t pid)
{
	if (pid > 0)
		return SCOPE_PROCESS;
	return pid == -1 ? SCOPE_ALL : SCOPE_GROUP;
}

static enum scope pidfd_scope(uint32_t flags)
{
	switch (flags) {
	case 0:
	case FLAG_THREAD_GROUP:
		return SCOPE_PROCESS;
	case FLAG_THREAD:
		return SCOPE_THREAD;
	case FLAG_PROCESS_GROUP:
		return SCOPE_GROUP;
	default:
		return SCOPE_UNKNOWN;
	}
}

enum scope sigcall_scope(const struct sigcall *call, const uint64_t args[4])
{
	switch (call->by) {
	case SIGCALL_BY_TID:
		return SCOPE_THREAD;
	case SIGCALL_BY_PIDFD:
		return pidfd_scope((uint32_t)args[3]);
	case SIGCALL_BY_PID:
		break;
	}
	if (call == &calls[0])
		return kill_scope((int32_t)args[call->target_arg]);
	return SCOPE_PROCESS;
}
