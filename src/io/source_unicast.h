/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source_unicast: the place of the audit daemon (auditctl(8) -s, pid), which one process
 * of a host can have: the kernel waits for it instead of dropping records. */
#pragma once

#include <stdint.h>

#include "core/reason.h"
#include "io/source.h"

/* Takes the place, with a receive buffer of so many bytes. It is left when the source is
 * freed, or at once when another process asks for it (source->successor): then the source
 * goes on by multicast, with each record once. *source is the caller's. -EEXIST with the
 * reason when another has the place; -EPERM and others with the reason. */
int source_unicast_new(struct source **source, uint64_t receive_buffer_bytes,
		       struct reason *reason);
