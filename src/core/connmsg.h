/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* connmsg: the gate for datagrams of the kernel's process connector
 * (drivers/connector/cn_proc.c). Takes everything as arguments. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/netlink.h"

/* TASK_COMM_LEN of the kernel. */
#define CONNMSG_COMM_SIZE 16

enum connmsg_kind {
	CONNMSG_FORK,
	CONNMSG_EXEC,
	CONNMSG_COMM, /* a process was renamed otherwise than by exec */
	CONNMSG_EXIT,
};

/* What happened to a process. The messages of one process come in their order, but for
 * the exit, which may come behind the fork of the next process with that number: the
 * parent is told before we are. */
struct connmsg {
	enum connmsg_kind kind;
	int64_t time_usec; /* CLOCK_MONOTONIC (ktime_get_ns()) */
	int64_t pid;
	int64_t ppid;		      /* CONNMSG_FORK: the parent, after CLONE_PARENT
					 the caller's */
	char comm[CONNMSG_COMM_SIZE]; /* CONNMSG_COMM */
};

/* Takes one datagram apart. 0; -EPERM: forged, not from the kernel; -ENOMSG: nothing that
 * happened to a process (threads, user ids, acknowledgements ...); -EBADMSG: malformed.
 */
int connmsg_parse(const void *data, size_t len, const struct netlink_sender *sender,
		  struct connmsg *msg);

/* Is it the kernel's answer to the request with this number in ack (it answers with the
 * next; its seq is its own)? Then true, and *error is 0 or a positive errno. */
bool connmsg_is_answer(const void *data, size_t len, const struct netlink_sender *sender,
		       uint32_t number, int *error);
