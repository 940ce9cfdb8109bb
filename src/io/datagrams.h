/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* datagrams: a netlink socket read by the batch, and who sent each datagram. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/netlink.h"

#define DATAGRAMS_BATCH 64

struct datagrams;

/* One that was received; data is valid until the next datagrams_receive(). */
struct datagram {
	const void *data;
	size_t len;
	bool cut; /* it was longer than there is room for */
	struct netlink_sender sender;
};

/* Room for a batch of datagrams of so many bytes each. *d is the caller's. 0 or -ENOMEM.
 */
int datagrams_new(struct datagrams **d, size_t datagram_bytes);
struct datagrams *datagrams_free(struct datagrams *d);

/* The same in memory of the caller's, of datagrams_bytes(), which outlives a crash: what
 * was taken from the socket is there, also when the call never came back. */
size_t datagrams_bytes(size_t datagram_bytes);

/* How the memory is laid out, as a number: one of another layout can't be taken up. */
uint32_t datagrams_layout(size_t datagram_bytes);
void datagrams_place(struct datagrams **d, size_t datagram_bytes, void *memory);

/* Takes up what another one left there, whatever it is: how many datagrams of its last
 * batch datagrams_at() gives. *number gets which batch that was, counted from 1. */
int datagrams_recover(struct datagrams **d, size_t datagram_bytes, void *memory,
		      uint64_t *number);

/* The number of the batch that came last. */
uint64_t datagrams_number(const struct datagrams *d);

/* Takes what has come to the socket, DATAGRAMS_BATCH at most, and doesn't wait. How many,
 * or -errno: -EAGAIN for none. The socket must have SO_PASSCRED. */
int datagrams_receive(struct datagrams *d, int fd);
struct datagram datagrams_at(const struct datagrams *d, size_t i);

/* Gives the socket a receive buffer of so many bytes (SO_RCVBUFFORCE), else as many as
 * the host allows. 0 or -errno. */
int datagrams_set_buffer(int fd, uint64_t bytes);

/* How many datagrams the kernel has dropped since the socket was made; it wraps. 0 or
 * -errno. */
int datagrams_dropped(int fd, uint32_t *dropped);
