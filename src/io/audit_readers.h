/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit_readers: who listens to the kernel's audit multicast group. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define AUDIT_READERS_MAX 64

struct audit_reader {
	uint64_t inode; /* of its socket */
	pid_t pid;	/* who has it open; 0: not to be told to this user */
	uint32_t drops; /* how many records it has missed */
};

/* All sockets of this network namespace that have joined; of more than AUDIT_READERS_MAX
 * the first. Process 1, which may keep a service's socket for it, is named only where
 * nobody else has it. How many, or -errno. */
ssize_t audit_readers_find(struct audit_reader readers[AUDIT_READERS_MAX]);
