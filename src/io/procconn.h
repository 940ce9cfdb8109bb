/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* procconn: the socket of the kernel's process connector (NETLINK_CONNECTOR,
 * drivers/connector/cn_proc.c). */
#pragma once

#include <stdint.h>

#include "core/connmsg.h"
#include "core/reason.h"

struct procconn;

struct procconn_counts {
	uint64_t malformed;
	uint64_t forged;   /* datagrams that the kernel didn't send */
	uint64_t overruns; /* how often the receive buffer was full */
};

typedef void procconn_message_fn(const struct connmsg *msg, void *userdata);

/* Begins to listen; what belongs to threads and what isn't of interest is dropped in the
 * kernel. Waits for the kernel's answer, 200 ms at most: in a pid or user namespace of
 * its own a listener hears nothing at all. 0 and *conn is the caller's, or -errno with
 * the reason. */
int procconn_new(struct procconn **conn, struct reason *reason);

/* The same with the descriptors of one who was kept, which become *conn's, also when this
 * fails: nothing that it didn't read is missed. */
int procconn_take_up(struct procconn **conn, int fd, int alarm_fd, struct reason *reason);

/* Stops listening. Takes NULL; NULL. */
struct procconn *procconn_free(struct procconn *conn);

/* Another one goes on with the descriptors: the kernel isn't told that this one ends. */
void procconn_keep(struct procconn *conn);

/* Readable when there are messages, which may wait for a while: each wake-up costs more
 * than what is done then. */
int procconn_fd(const struct procconn *conn);

/* Readable when there is an exec among them, until procconn_quiet(): that should be read
 * soon. */
int procconn_alarm_fd(const struct procconn *conn);
void procconn_quiet(struct procconn *conn);

/* Reads one batch. 1: there may be more; 0: it was the last one; -ENOBUFS: messages were
 * lost since the batch before; other -errno: broken. */
int procconn_read(struct procconn *conn, procconn_message_fn *message, void *userdata);

struct procconn_counts procconn_counts(const struct procconn *conn);
