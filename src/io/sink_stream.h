/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sink_stream: text or JSON lines into a descriptor: a pipe, terminal, socket or file. */
#pragma once

#include <stddef.h>

#include "io/sink.h"

enum sink_stream_format { SINK_STREAM_TEXT, SINK_STREAM_JSON };

/* Writes to fd, which stays the caller's. Never changes the flags of fd's open file
 * description (it may be the shell's terminal): where it can block, an own description is
 * opened through /proc/self/fd, or MSG_DONTWAIT is used on a socket. A file that ends
 * within a line gets a newline first. queue_bytes bounds what waits. 0 or -errno. */
int sink_stream_new(struct sink **sink, int fd, enum sink_stream_format format,
		    size_t queue_bytes);
