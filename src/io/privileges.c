/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/privileges.h"

#include <cap-ng.h>
#include <errno.h>

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

int privileges_drop(struct reason *reason)
{
	/* CAP_SYS_PTRACE: exe and memory layout of others' processes in /proc.
	 * CAP_DAC_READ_SEARCH: the way to an output file that is opened again. */
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, NEEDED,
			  CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_NET_ADMIN, -1) < 0 ||
	    capng_apply(CAPNG_SELECT_CAPS) < 0) {
		reason_set(reason, "can't give up the capabilities that aren't needed");
		return -EPERM;
	}
	return 0;
}
