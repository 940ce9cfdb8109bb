/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/datagrams.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zlib.h>

/* Kept apart from the data, so that a small datagram touches one page and not three. */
struct envelope {
	struct sockaddr_nl address;
	struct iovec iov;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
};

struct datagrams {
	size_t datagram_bytes;
	bool placed;	 /* the memory is somebody else's */
	size_t used;	 /* envelopes that the last batch has written to */
	uint64_t number; /* of the last batch */
	struct mmsghdr messages[DATAGRAMS_BATCH];
	struct envelope envelopes[DATAGRAMS_BATCH];
	char data[];
};

static void prepare(struct datagrams *d, size_t i)
{
	d->envelopes[i].iov =
		(struct iovec){ d->data + i * d->datagram_bytes, d->datagram_bytes };
	/* And as long as nothing came its length is 0. */
	d->messages[i].msg_len = 0;
	d->messages[i].msg_hdr = (struct msghdr){
		.msg_name = &d->envelopes[i].address,
		.msg_namelen = sizeof(d->envelopes[i].address),
		.msg_iov = &d->envelopes[i].iov,
		.msg_iovlen = 1,
		.msg_control = d->envelopes[i].control,
		.msg_controllen = sizeof(d->envelopes[i].control),
	};
}

int datagrams_new(struct datagrams **d, size_t datagram_bytes)
{
	struct datagrams *new =
		calloc(1, sizeof(*new) + DATAGRAMS_BATCH * datagram_bytes);

	if (!new)
		return -ENOMEM;
	new->datagram_bytes = datagram_bytes;
	new->used = DATAGRAMS_BATCH;
	*d = new;
	return 0;
}

struct datagrams *datagrams_free(struct datagrams *d)
{
	if (d && !d->placed)
		free(d);
	return NULL;
}

size_t datagrams_bytes(size_t datagram_bytes)
{
	return sizeof(struct datagrams) + DATAGRAMS_BATCH * datagram_bytes;
}

uint32_t datagrams_layout(size_t datagram_bytes)
{
	const uint64_t layout[] = {
		DATAGRAMS_BATCH,
		datagram_bytes,
		sizeof(struct datagrams),
		offsetof(struct datagrams, number),
		offsetof(struct datagrams, messages),
		offsetof(struct datagrams, envelopes),
		offsetof(struct datagrams, data),
		sizeof(struct mmsghdr),
		sizeof(struct envelope),
		offsetof(struct envelope, iov),
		offsetof(struct envelope, control),
	};

	return (uint32_t)crc32_z(0, (const Bytef *)layout, sizeof(layout));
}

void datagrams_place(struct datagrams **d, size_t datagram_bytes, void *memory)
{
	struct datagrams *new = memory;

	new->datagram_bytes = datagram_bytes;
	new->placed = true;
	new->used = DATAGRAMS_BATCH;
	new->number = 0;
	*d = new;
}

/* Lengths and flags are the kernel's word; pointers were another process's. */
static void recover(struct datagrams *d, size_t i)
{
	const struct mmsghdr old = d->messages[i];
	struct mmsghdr *message = &d->messages[i];

	prepare(d, i);
	message->msg_len = old.msg_len < d->datagram_bytes ? old.msg_len
							   : (unsigned)d->datagram_bytes;
	message->msg_hdr.msg_flags = old.msg_hdr.msg_flags;
	if (old.msg_hdr.msg_namelen != message->msg_hdr.msg_namelen)
		message->msg_hdr.msg_namelen = 0;
	if (old.msg_hdr.msg_controllen < message->msg_hdr.msg_controllen)
		message->msg_hdr.msg_controllen = old.msg_hdr.msg_controllen;
}

int datagrams_recover(struct datagrams **d, size_t datagram_bytes, void *memory,
		      uint64_t *number)
{
	struct datagrams *old = memory;
	const uint64_t batch = old->number;
	int n = 0;

	datagrams_place(d, datagram_bytes, memory);
	old->number = *number = batch;
	while (n < DATAGRAMS_BATCH && old->messages[n].msg_len)
		recover(old, (size_t)n++);
	return n;
}

uint64_t datagrams_number(const struct datagrams *d)
{
	return d->number;
}

int datagrams_receive(struct datagrams *d, int fd)
{
	int n;

	/* The kernel writes lengths where they were given. */
	for (size_t i = 0; i < d->used; i++)
		prepare(d, i);
	/* A crash from here on leaves the batch behind, empty before. */
	atomic_signal_fence(memory_order_seq_cst);
	d->number++;
	n = recvmmsg(fd, d->messages, DATAGRAMS_BATCH, MSG_DONTWAIT, NULL);
	if (n < 0) {
		/* It may have got as far as the first. */
		d->used = 1;
		return -errno;
	}
	d->used = n < DATAGRAMS_BATCH ? (size_t)n + 1 : DATAGRAMS_BATCH;
	return n;
}

static struct netlink_sender find_sender(const struct msghdr *message)
{
	const struct sockaddr_nl *address = message->msg_name;
	struct msghdr header = *message;
	struct netlink_sender sender = { UINT32_MAX, -1 };
	struct ucred credentials;
	struct cmsghdr *c;

	if (header.msg_namelen == sizeof(*address))
		sender.port = address->nl_pid;
	for (c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&credentials, CMSG_DATA(c), sizeof(credentials));
			sender.pid = credentials.pid;
		}
	}
	return sender;
}

struct datagram datagrams_at(const struct datagrams *d, size_t i)
{
	const struct mmsghdr *message = &d->messages[i];

	return (struct datagram){
		.data = d->data + i * d->datagram_bytes,
		.len = message->msg_len,
		.cut = message->msg_hdr.msg_flags & MSG_TRUNC,
		.sender = find_sender(&message->msg_hdr),
	};
}

int datagrams_set_buffer(int fd, uint64_t bytes)
{
	/* The kernel doubles the value for its own overhead. */
	int value = bytes / 2 > INT32_MAX / 2 ? INT32_MAX / 2 : (int)(bytes / 2);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof(value)) == 0)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof(value)) == 0)
		return 0;
	return -errno;
}

int datagrams_dropped(int fd, uint32_t *dropped)
{
	uint32_t memory[SK_MEMINFO_VARS];
	socklen_t len = sizeof(memory);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &len) < 0)
		return -errno;
	*dropped = memory[SK_MEMINFO_DROPS];
	return 0;
}
