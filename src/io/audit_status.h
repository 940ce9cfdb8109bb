/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit_status: whether and how the kernel audits (AUDIT_GET, AUDIT_SET; auditctl(8) -s).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/reason.h"

enum { AUDIT_OFF = 0, AUDIT_ON = 1, AUDIT_IMMUTABLE = 2 };

struct audit_state {
	uint32_t enabled; /* one of the above */
	uint32_t failure;
	uint32_t pid; /* of the registered audit daemon, 0: none */
	uint32_t rate_limit;
	uint32_t backlog_limit;
	uint32_t lost;
	uint32_t backlog;
	uint32_t backlog_wait_time;
};

/* A control socket to the kernel's audit, which has answered once. Its descriptor (the
 * caller closes it), or -errno with the reason: no audit in this kernel, no privilege,
 * not in the initial namespaces. Makes libaudit silent for the whole process. */
int audit_status_open(struct reason *reason);

/* What the kernel says now. 0, or -errno with the reason. */
int audit_status_read(int fd, struct audit_state *state, struct reason *reason);

/* 0, or -errno with the reason (audit=0 on the kernel command line, immutable ...). */
int audit_status_enable(int fd, uint32_t enabled, struct reason *reason);
int audit_status_set_backlog(int fd, uint32_t backlog_limit, struct reason *reason);

/* Was auditing on from the first process on (audit=1 on the kernel command line)? If not,
 * processes older than its switching on, PID 1 among them, leave no records. */
bool audit_status_since_boot(void);
