/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source_multicast: the kernel's audit multicast group (AUDIT_NLGRP_READLOG), which lives
 * beside auditd and journald. */
#pragma once

#include <stdint.h>

#include "core/reason.h"
#include "io/source.h"

/* Opens and binds the socket with a receive buffer of so many bytes (SO_RCVBUFFORCE, else
 * as much as the host allows). *source is the caller's. -EPERM and others with the
 * reason. */
int source_multicast_new(struct source **source, uint64_t receive_buffer_bytes,
			 struct reason *reason);

struct record_place;
struct record_socket;

/* The same in memory that outlives us: see record_socket_open_at(). */
int source_multicast_new_at(struct source **source, struct record_place *place,
			    uint64_t receive_buffer_bytes, struct reason *reason);

/* The socket alone, for who goes on with it. *s is the caller's, also when this fails. */
int source_multicast_join(struct record_socket *s, uint64_t receive_buffer_bytes,
			  struct reason *reason);
