/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sigcall: the one table of the system calls that send signals. Rules, decoding and
 * documentation all read it. */
#pragma once

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

/* How the kernel delivers. */
enum scope {
	SCOPE_UNKNOWN,
	SCOPE_PROCESS,
	SCOPE_THREAD,
	SCOPE_GROUP,
	SCOPE_ALL,
};

/* Which number a call is given for its target. */
enum sigcall_by {
	SIGCALL_BY_PID, /* kill, rt_sigqueueinfo: a process, or what is negative or 0 for
			   kill */
	SIGCALL_BY_TID, /* tkill, tgkill, rt_tgsigqueueinfo: a thread */
	SIGCALL_BY_PIDFD, /* pidfd_send_signal: a descriptor */
};

struct sigcall {
	const char *name;
	int signal_arg; /* which of a0..a3 is the signal */
	int target_arg; /* which of a0..a3 is the target */
	enum sigcall_by by;
};

#define SIGCALL_COUNT 6

/* A machine whose records and rules sigtrail knows. */
struct sigarch {
	const char *name;    /* x86_64, i386, aarch64, arm ... as in JSON */
	uint32_t audit_arch; /* AUDIT_ARCH_*, the number after arch= in a record, elf-em.h
			      */
	int machine;	     /* libaudit's machine_t, for its tables of system calls */
	const char
		*compat; /* name of the 32-bit arch that its kernels also run, or NULL */
	uint32_t
		number[SIGCALL_COUNT]; /* of each call, in the order of sigcall_table() */
};

/* The calls, kill first; *n gets how many there are. */
const struct sigcall *sigcall_table(size_t *n);

/* All arches that libaudit has tables for; *n gets how many there are. */
const struct sigarch *sigarch_table(size_t *n);

/* The arch of a record's arch= number, NULL if we know no table for it. */
const struct sigarch *sigarch_of_audit(uint32_t audit_arch);

/* The arch with this name, NULL if there is none. */
const struct sigarch *sigarch_of_name(const char *name);

/* The signal-sending call that has this number on this arch, NULL if the number is
 * another call's. In constant time: it is asked for every SYSCALL record of the host. */
const struct sigcall *sigcall_find(const struct sigarch *arch, uint32_t nr);

/* The call's number on this arch (a test holds all of them against libaudit's tables). */
uint32_t sigcall_number(const struct sigcall *call, const struct sigarch *arch);

/* Is it what runtimes send to their own threads all the time (SIGURG of Go, 32 and 33 of
 * glibc, by tgkill or rt_tgsigqueueinfo)? */
bool sigcall_is_noise(const struct sigcall *call, int64_t signo);

/* "process", "thread", "group", "all"; NULL for SCOPE_UNKNOWN. */
const char *scope_name(enum scope scope);

/* How the call delivers, from its raw arguments as the record has them (a0..a3; a pid
 * argument is read as a signed 32-bit number; pidfd_send_signal by its flags in a3, where
 * those that the kernel refuses are unknown). */
enum scope sigcall_scope(const struct sigcall *call, const uint64_t args[4]);
