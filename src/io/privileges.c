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

int privileges_drop(struct reason *reason)
{
	/* CAP_SYS_PTRACE: exe and memory layout of others' processes in /proc.
	 * CAP_DAC_READ_SEARCH: the way to an output file that is opened again, PID files.
	 * CAP_NET_ADMIN: receive buffers above the host's limit; before Linux 6.6 to
	 * begin and to end with the process connector, which is open to everybody since.
	 */
	static const unsigned kept[] = { NEEDED, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH,
					 CAP_NET_ADMIN };
	bool have[sizeof(kept) / sizeof(kept[0])];
	const size_t n = sizeof(kept) / sizeof(kept[0]);
	int r = capng_get_caps_process();

	/* A manager may have left us fewer. */
	for (size_t i = 0; i < n; i++)
		have[i] = r == 0 && capng_have_capability(CAPNG_PERMITTED, kept[i]);
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < n && r == 0; i++)
		if (have[i])
			r = capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
					 kept[i]);
	if (r < 0 || capng_apply(CAPNG_SELECT_CAPS) < 0) {
		reason_set(reason, "can't give up the capabilities that aren't needed");
		return -EPERM;
	}
	return 0;
}
