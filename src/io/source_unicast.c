/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/source_unicast.h"

#include <errno.h>
#include <fcntl.h>
#include <libaudit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/quote.h"
#include "io/audit_link.h"
#include "io/audit_status.h"
#include "core/overlap.h"
#include "io/procfs.h"
#include "io/record_socket.h"
#include "io/source_multicast.h"

#define LAST_RECORD_MSEC 20

struct source_unicast {
	struct source source; /* its fd is an epoll of the sockets in use */
	uint64_t receive_buffer_bytes;
	int control_fd;
	bool registered;
	struct record_socket unicast;	/* closed once it is left and empty */
	struct record_socket multicast; /* open from then on that it is left */
	struct overlap overlap;		/* what the first gave since the second is open */
	source_record_fn *record;
	void *userdata;
};

/* --- the place --- */

static void leave(struct source_unicast *s)
{
	if (!s->registered)
		return;
	s->registered = false;
	/* The kernel finds out by itself if this fails. */
	audit_link_drain(s->control_fd);
	(void)audit_set_pid(s->control_fd, 0, WAIT_NO);
}

static void read_comm(pid_t pid, char comm[PROCFS_COMM_SIZE])
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0 || procfs_comm(proc, pid, comm) < 0)
		comm[0] = '\0';
	if (proc >= 0)
		close(proc);
}

static int is_taken(pid_t pid, struct reason *reason)
{
	char comm[PROCFS_COMM_SIZE];
	struct buffer shown = { 0 };

	read_comm(pid, comm);
	reason_set(reason,
		   "%s[%d] is this host's audit daemon, and there can be only one: stop "
		   "it, or use --source=multicast, which lives beside it",
		   quote_value(&shown, comm), (int)pid);
	buffer_free(&shown);
	return -EEXIST;
}

/* The kernel asks the one who has the place before it refuses us, and another of us gives
 * it up for that. */
static bool is_one_of_us(pid_t pid)
{
	char ours[PROCFS_COMM_SIZE], other[PROCFS_COMM_SIZE];

	read_comm(getpid(), ours);
	read_comm(pid, other);
	return other[0] && strcmp(ours, other) == 0;
}

static int take_place(struct source_unicast *s, struct reason *reason)
{
	struct audit_state state;
	int r = audit_status_read(s->control_fd, &state, reason);

	if (r < 0)
		return r;
	if (state.pid && is_one_of_us((pid_t)state.pid))
		return is_taken((pid_t)state.pid, reason);
	/* Records go to the socket that asks. Whoever had the place and was killed keeps
	 * it until the kernel tries to reach it, which it does now. */
	r = audit_set_pid(s->unicast.fd, (uint32_t)getpid(), WAIT_NO);
	if (r == -EEXIST)
		return is_taken((pid_t)state.pid, reason);
	if (r < 0)
		return audit_link_refused(r, "become the audit daemon", reason);
	s->registered = true;
	return 0;
}

/* --- going on by multicast --- */

/* Multicast first, then what is on its way is left to it: nothing falls between. */
static int hand_over(struct source_unicast *s)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct reason reason;
	int r;

	r = source_multicast_join(&s->multicast, s->receive_buffer_bytes, &reason);
	if (r == 0)
		r = record_socket_want_eoe(&s->multicast, !s->unicast.without_eoe);
	if (r == 0 && epoll_ctl(s->source.fd, EPOLL_CTL_ADD, s->multicast.fd, &event) < 0)
		r = -errno;
	leave(s);
	s->source.successor = s->unicast.successor;
	return r;
}

static void on_unicast(const struct record *record, void *userdata)
{
	struct source_unicast *s = userdata;

	/* Without memory for it a record may come twice. */
	if (!s->registered)
		(void)overlap_note(&s->overlap, record);
	s->record(record, s->userdata);
}

static void on_multicast(const struct record *record, void *userdata)
{
	struct source_unicast *s = userdata;

	if (!overlap_has(&s->overlap, record))
		s->record(record, s->userdata);
}

/* The kernel may have been about to hand over a record from before multicast. */
static bool is_silent(const struct record_socket *s)
{
	struct pollfd p = { s->fd, POLLIN, 0 };

	return poll(&p, 1, LAST_RECORD_MSEC) == 0;
}

/* --- the source --- */

static int unicast_read(struct source *source, source_record_fn *fn, void *userdata)
{
	struct source_unicast *s = (struct source_unicast *)source;
	int r;

	s->record = fn;
	s->userdata = userdata;
	if (s->unicast.fd >= 0) {
		r = record_socket_read(&s->unicast, &source->counts, on_unicast, s);
		if (s->registered && s->unicast.successor) {
			int error = hand_over(s);

			return error < 0 ? error : r;
		}
		if (r != -EAGAIN || s->registered || !is_silent(&s->unicast))
			return r;
		record_socket_close(&s->unicast);
	}
	return record_socket_read(&s->multicast, &source->counts, on_multicast, s);
}

static int unicast_want_eoe(struct source *source, bool wanted)
{
	struct source_unicast *s = (struct source_unicast *)source;
	int r = 0;

	if (s->unicast.fd >= 0)
		r = record_socket_want_eoe(&s->unicast, wanted);
	if (r == 0 && s->multicast.fd >= 0)
		r = record_socket_want_eoe(&s->multicast, wanted);
	return r;
}

static struct source *unicast_free(struct source *source)
{
	struct source_unicast *s = (struct source_unicast *)source;

	leave(s);
	record_socket_close(&s->unicast);
	record_socket_close(&s->multicast);
	overlap_clear(&s->overlap);
	if (s->control_fd >= 0)
		close(s->control_fd);
	if (source->fd >= 0)
		close(source->fd);
	free(s);
	return NULL;
}

static const struct source_ops unicast_ops = {
	.read = unicast_read,
	.want_eoe = unicast_want_eoe,
	.free = unicast_free,
};

static int set_up(struct source_unicast *s, struct reason *reason)
{
	struct epoll_event event = { .events = EPOLLIN };
	int one = 1, r;

	s->control_fd = r = audit_status_open(reason);
	if (r < 0)
		return r;
	r = record_socket_open(&s->unicast, s->receive_buffer_bytes, reason);
	if (r < 0)
		return r;
	s->source.fd = epoll_create1(EPOLL_CLOEXEC);
	/* A full buffer is no loss here: the kernel tries again. */
	if (s->source.fd < 0 ||
	    epoll_ctl(s->source.fd, EPOLL_CTL_ADD, s->unicast.fd, &event) < 0 ||
	    setsockopt(s->unicast.fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one,
		       sizeof(one)) < 0) {
		r = -errno;
		reason_set(reason, "can't set up the audit socket: %s", strerror(-r));
		return r;
	}
	return take_place(s, reason);
}

int source_unicast_new(struct source **source, uint64_t receive_buffer_bytes,
		       struct reason *reason)
{
	struct source_unicast *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		reason_set(reason, "out of memory");
		return -ENOMEM;
	}
	s->source.ops = &unicast_ops;
	s->source.fd = s->control_fd = s->unicast.fd = s->multicast.fd = -1;
	s->receive_buffer_bytes = receive_buffer_bytes;
	r = set_up(s, reason);
	if (r < 0) {
		unicast_free(&s->source);
		return r;
	}
	*source = &s->source;
	return 0;
}
