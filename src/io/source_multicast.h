/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source_multicast: the kernel's audit multicast group (AUDIT_NLGRP_READLOG), which lives
 * beside auditd and journald. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/reason.h"
#include "io/source.h"

/* Opens and binds the socket with a receive buffer of so many bytes (SO_RCVBUFFORCE, else
 * as much as the host allows). *source is the caller's. -EPERM and others with the
 * reason. */
int source_multicast_new(struct source **source, uint64_t receive_buffer_bytes,
			 struct reason *reason);

/* Are EOE records wanted? They are at first. They end an event that has no PROCTITLE,
 * since somebody excludes those; else they are a quarter of what comes for nothing. 0 or
 * -errno. */
int source_multicast_want_eoe(struct source *source, bool wanted);
