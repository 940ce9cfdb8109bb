/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/source_multicast.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/record_socket.h"

struct source_multicast {
	struct source source;
	struct record_socket socket;
};

static int multicast_read(struct source *source, source_record_fn *fn, void *userdata)
{
	struct source_multicast *s = (struct source_multicast *)source;

	return record_socket_read(&s->socket, &source->counts, fn, userdata);
}

static int multicast_want_eoe(struct source *source, bool wanted)
{
	struct source_multicast *s = (struct source_multicast *)source;

	return record_socket_want_eoe(&s->socket, wanted);
}

static struct source *multicast_free(struct source *source)
{
	struct source_multicast *s = (struct source_multicast *)source;

	record_socket_close(&s->socket);
	free(s);
	return NULL;
}

static const struct source_ops multicast_ops = {
	.read = multicast_read,
	.want_eoe = multicast_want_eoe,
	.free = multicast_free,
};

int source_multicast_join(struct record_socket *s, uint64_t receive_buffer_bytes,
			  struct reason *reason)
{
	int group = AUDIT_NLGRP_READLOG, r;

	r = record_socket_open(s, receive_buffer_bytes, reason);
	if (r < 0)
		return r;
	if (setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
		       sizeof(group)) < 0) {
		r = -errno;
		reason_set(
			reason,
			"can't join the audit multicast group (%s): run as root, or with "
			"CAP_AUDIT_READ in the host's network namespace",
			strerror(-r));
	}
	return r;
}

int source_multicast_new(struct source **source, uint64_t receive_buffer_bytes,
			 struct reason *reason)
{
	struct source_multicast *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		reason_set(reason, "out of memory");
		return -ENOMEM;
	}
	s->source.ops = &multicast_ops;
	r = source_multicast_join(&s->socket, receive_buffer_bytes, reason);
	if (r < 0) {
		multicast_free(&s->source);
		return r;
	}
	s->source.fd = s->socket.fd;
	*source = &s->source;
	return 0;
}
