/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/source_multicast.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/carry.h"
#include "io/datagrams.h"
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

static void multicast_save(const struct source *source, struct carry *carry)
{
	const struct source_multicast *s = (const struct source_multicast *)source;

	/* What is still to be taken up isn't in it. */
	carry->batch = datagrams_number(s->socket.batch) - (s->socket.recovered > 0);
	carry->drops = s->socket.drops;
}

static const struct source_ops multicast_ops = {
	.read = multicast_read,
	.want_eoe = multicast_want_eoe,
	.free = multicast_free,
	.save = multicast_save,
};

static int join(struct record_socket *s, struct reason *reason)
{
	int group = AUDIT_NLGRP_READLOG, r = 0;

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

int source_multicast_join(struct record_socket *s, uint64_t receive_buffer_bytes,
			  struct reason *reason)
{
	int r = record_socket_open(s, receive_buffer_bytes, reason);

	return r < 0 ? r : join(s, reason);
}

int source_multicast_new(struct source **source, uint64_t receive_buffer_bytes,
			 struct reason *reason)
{
	return source_multicast_new_at(source, &(struct record_place){ .fd = -1 },
				       receive_buffer_bytes, reason);
}

int source_multicast_new_at(struct source **source, struct record_place *place,
			    uint64_t receive_buffer_bytes, struct reason *reason)
{
	struct source_multicast *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		reason_set(reason, "out of memory");
		return -ENOMEM;
	}
	s->source.ops = &multicast_ops;
	r = record_socket_open_at(&s->socket, place, receive_buffer_bytes, reason);
	/* Also where it is a member: that is no error. */
	if (r == 0)
		r = join(&s->socket, reason);
	if (r < 0) {
		multicast_free(&s->source);
		return r;
	}
	s->source.fd = s->socket.fd;
	*source = &s->source;
	return 0;
}
