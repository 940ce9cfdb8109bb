/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NICE (-10)
/* The shortest slice there is: who asks for less than the running one has goes first
 * (Linux 6.12; kernels before it don't look at it). */
#define SLICE_NSEC 100000

/* The first version of struct sched_attr, which glibc 2.36 hasn't (sched_setattr(2)). */
struct sched_attributes {
	uint32_t size;
	uint32_t policy; /* 0: SCHED_OTHER */
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_nsec;
	uint64_t deadline_nsec;
	uint64_t period_nsec;
};

/* Rules and status; the multicast group; the marker at a stop. */
#define NEEDED CAP_AUDIT_CONTROL, CAP_AUDIT_READ, CAP_AUDIT_WRITE

/* The same as in the unit's CapabilityBoundingSet= (a test compares).
 * CAP_SYS_PTRACE: exe and memory layout of others' processes in /proc. CAP_NET_ADMIN:
 * receive buffers above the host's limit; before Linux 6.6 to begin and to end with the
 * process connector, which is open to everybody since. */
static const unsigned kept[] = { NEEDED, CAP_SYS_PTRACE, CAP_NET_ADMIN };
#define N_KEPT (sizeof(kept) / sizeof(kept[0]))

int privileges_check(struct reason *reason)
{
	static const unsigned needed[] = { NEEDED };

	capng_clear(CAPNG_SELECT_ALL);
	if (capng_get_caps_process() < 0) {
		reason_set(reason, "can't read the capabilities of this process");
		return -EPERM;
	}
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!capng_have_capability(CAPNG_EFFECTIVE, needed[i])) {
			reason_set(reason,
				   "needs the capability %s, which this process doesn't "
				   "have: run it as root, in the host's namespaces",
				   capng_capability_to_name(needed[i]));
			return -EPERM;
		}
	}
	return 0;
}

/* Where sessions are scheduled as groups (sched_autogroup_enabled), the nice value only
 * counts among the processes of one. The leader of a session, as a service is, may speak
 * for all of it; that of somebody's terminal isn't ours. */
static void hasten_session(void)
{
	int fd = getsid(0) == getpid()
			 ? open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC)
			 : -1;

	if (fd < 0)
		return;
	(void)!dprintf(fd, "%d", NICE);
	close(fd);
}

void privileges_hasten(void)
{
	struct sched_attributes attributes = { .size = sizeof(attributes),
					       .runtime_nsec = SLICE_NSEC };

	if (getpriority(PRIO_PROCESS, 0) > NICE)
		(void)setpriority(PRIO_PROCESS, 0, NICE);
	attributes.nice = getpriority(PRIO_PROCESS, 0);
	(void)syscall(SYS_sched_setattr, 0, &attributes, 0);
	hasten_session();
}

static bool is_kept(unsigned capability)
{
	for (size_t i = 0; i < N_KEPT; i++)
		if (kept[i] == capability)
			return true;
	return false;
}

/* What this process has and doesn't need is left out of what capng_apply() sets. How
 * many those are. */
static size_t leave_out(void)
{
	size_t n = 0;

	for (unsigned c = 0; c <= (unsigned)CAP_LAST_CAP; c++) {
		const bool has = capng_have_capability(CAPNG_PERMITTED, c) ||
				 capng_have_capability(CAPNG_INHERITABLE, c);

		if (!has || is_kept(c))
			continue;
		n++;
		capng_update(CAPNG_DROP,
			     CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE, c);
	}
	return n;
}

int privileges_drop(struct reason *reason)
{
	capng_clear(CAPNG_SELECT_ALL);
	/* A service manager has left us no more than these, and its filter of system
	 * calls may not know capset(2). */
	if (capng_get_caps_process() == 0 &&
	    (leave_out() == 0 || capng_apply(CAPNG_SELECT_CAPS) == 0))
		return 0;
	reason_set(reason, "can't give up the capabilities that aren't needed");
	return -EPERM;
}
