/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* netlink: the gate for datagrams of the audit socket. Takes everything as arguments. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/record.h"

/* From whom a datagram came, as the socket told. */
struct netlink_sender {
	uint32_t port; /* nl_pid: 0 is the kernel */
	pid_t pid;     /* SCM_CREDENTIALS: 0 is the kernel; -1 none came with it */
};

/* Takes a datagram of the kernel's audit apart: 0 and the record, which points
 * into data. -EPERM: forged, not from the kernel. -ENOMSG: no record by intent (netlink
 * control, replies). -EBADMSG, -E2BIG: malformed. In multicast copies nlmsg_len counts
 * the header, in unicast ones it doesn't (kernel/audit.c): both are understood, the
 * datagram's length wins. */
int netlink_record(const void *data, size_t len, const struct netlink_sender *sender,
		   struct record *record);

/* Is it the kernel's word to the registered audit daemon that another process asks for
 * its place (AUDIT_REPLACE)? Then that process. Not to be asked about what isn't from the
 * kernel. */
bool netlink_replace(const void *data, size_t len, pid_t *successor);
