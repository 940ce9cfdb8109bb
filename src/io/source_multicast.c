/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/source_multicast.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/netlink.h"

/* One recv(2) a record costs as much as all that is done with it. */
#define BATCH_RECORDS 64
/* MAX_AUDIT_MESSAGE_LENGTH of the kernel (8,970), the header and padding fit. */
#define DATAGRAM_BYTES 9216

/* Kept apart from the data, so that a small record touches one page and not three. */
struct envelope {
	struct sockaddr_nl address;
	struct iovec iov;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
};

struct source_multicast {
	struct source source;
	uint32_t drops; /* as the socket counted when we looked last */
	/* The socket was full. Until it has been read empty the kernel drops all that
	 * comes. */
	bool congested;
	bool without_eoe;
	struct mmsghdr messages[BATCH_RECORDS];
	struct envelope envelopes[BATCH_RECORDS];
	char data[BATCH_RECORDS][DATAGRAM_BYTES];
};

/* Types that only ever come with a SYSCALL record of the same event (kernel/auditsc.c):
 * other owners' rules for execve and files make them the bulk of a busy host's records.
 * Types that can stand alone are never dropped: each serial leaves a trace. */
static const uint16_t dependent_types[] = {
	AUDIT_PATH,	   AUDIT_IPC,	    AUDIT_SOCKETCALL,	 AUDIT_SOCKADDR,
	AUDIT_CWD,	   AUDIT_EXECVE,    AUDIT_IPC_SET_PERM,	 AUDIT_MQ_OPEN,
	AUDIT_MQ_SENDRECV, AUDIT_MQ_NOTIFY, AUDIT_MQ_GETSETATTR, AUDIT_FD_PAIR,
	AUDIT_BPRM_FCAPS,  AUDIT_CAPSET,    AUDIT_MMAP,
};
#define N_DEPENDENT (sizeof(dependent_types) / sizeof(dependent_types[0]))

static int attach_filter(int fd, bool want_eoe)
{
	struct sock_filter code[N_DEPENDENT + 4];
	struct sock_fprog program = { .filter = code };
	size_t n_dropped = N_DEPENDENT + (want_eoe ? 0 : 1), n = 0;

	/* BPF loads big-endian; nlmsg_type is in the host's order. */
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
						 offsetof(struct nlmsghdr, nlmsg_type));
	for (size_t i = 0; i < n_dropped; i++) {
		uint16_t type = i < N_DEPENDENT ? dependent_types[i] : AUDIT_EOE;

		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 htons(type),
							 (uint8_t)(n_dropped - i), 0);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	program.len = (unsigned short)n;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return -errno;
	return 0;
}

static int set_receive_buffer(int fd, uint64_t bytes)
{
	/* The kernel doubles the value for its own overhead. */
	int value = bytes / 2 > INT32_MAX / 2 ? INT32_MAX / 2 : (int)(bytes / 2);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof(value)) == 0)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof(value)) == 0)
		return 0;
	return -errno;
}

/* How many datagrams the kernel dropped since the socket was made; it wraps. */
static int socket_drops(int fd, uint32_t *drops)
{
	uint32_t memory[SK_MEMINFO_VARS];
	socklen_t len = sizeof(memory);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &len) < 0)
		return -errno;
	*drops = memory[SK_MEMINFO_DROPS];
	return 0;
}

static void prepare(struct source_multicast *s, size_t i)
{
	struct msghdr *header = &s->messages[i].msg_hdr;

	s->envelopes[i].iov = (struct iovec){ s->data[i], sizeof(s->data[i]) };
	*header = (struct msghdr){
		.msg_name = &s->envelopes[i].address,
		.msg_namelen = sizeof(s->envelopes[i].address),
		.msg_iov = &s->envelopes[i].iov,
		.msg_iovlen = 1,
		.msg_control = s->envelopes[i].control,
		.msg_controllen = sizeof(s->envelopes[i].control),
	};
}

static struct netlink_sender message_sender(struct msghdr *header)
{
	const struct sockaddr_nl *address = header->msg_name;
	struct netlink_sender sender = { UINT32_MAX, -1 };
	struct ucred credentials;
	struct cmsghdr *c;

	if (header->msg_namelen == sizeof(*address))
		sender.port = address->nl_pid;
	for (c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&credentials, CMSG_DATA(c), sizeof(credentials));
			sender.pid = credentials.pid;
		}
	}
	return sender;
}

static void take_message(struct source_multicast *s, size_t i, source_record_fn *fn,
			 void *userdata)
{
	struct netlink_sender sender = message_sender(&s->messages[i].msg_hdr);
	struct record record;
	int r;

	if (s->messages[i].msg_hdr.msg_flags & MSG_TRUNC)
		r = -E2BIG;
	else
		r = netlink_record(s->data[i], s->messages[i].msg_len, &sender, &record);
	if (r == 0)
		fn(&record, userdata);
	else if (r == -EPERM)
		s->source.counts.forged++;
	else if (r != -ENOMSG)
		s->source.counts.malformed++;
}

/* Adds what the kernel has dropped since the last look. -ENOBUFS if it has. */
static int note_drops(struct source_multicast *s)
{
	uint32_t drops = 0;
	int r = socket_drops(s->source.fd, &drops);

	if (r < 0 || drops == s->drops)
		return r;
	s->source.counts.lost += (uint32_t)(drops - s->drops);
	s->drops = drops;
	return -ENOBUFS;
}

static int multicast_read(struct source *source, source_record_fn *fn, void *userdata)
{
	struct source_multicast *s = (struct source_multicast *)source;
	int n, r;

	for (size_t i = 0; i < BATCH_RECORDS; i++)
		prepare(s, i);
	n = recvmmsg(source->fd, s->messages, BATCH_RECORDS, MSG_DONTWAIT, NULL);
	if (n < 0 && errno == ENOBUFS) {
		/* The queue holds what came before. */
		s->congested = true;
		source->counts.overruns++;
		n = recvmmsg(source->fd, s->messages, BATCH_RECORDS, MSG_DONTWAIT, NULL);
	}
	r = n < 0 ? -errno : n;
	for (int i = 0; i < n; i++)
		take_message(s, (size_t)i, fn, userdata);
	if (s->congested) {
		/* A batch that isn't full has emptied the queue. */
		s->congested = n == BATCH_RECORDS;
		if (note_drops(s) == -ENOBUFS)
			return -ENOBUFS;
	}
	return r == -EINTR || r == -ENOBUFS ? -EAGAIN : r;
}

int source_multicast_want_eoe(struct source *source, bool wanted)
{
	struct source_multicast *s = (struct source_multicast *)source;
	int r;

	if (s->without_eoe == !wanted)
		return 0;
	r = attach_filter(source->fd, wanted);
	if (r == 0)
		s->without_eoe = !wanted;
	return r;
}

static struct source *multicast_free(struct source *source)
{
	close(source->fd);
	free(source);
	return NULL;
}

static const struct source_ops multicast_ops = {
	.read = multicast_read,
	.free = multicast_free,
};

/* In another network namespace the socket can be had, and nothing ever comes. */
static int check_namespace(struct reason *reason)
{
	struct stat ours, hosts;

	/* Without a look at process 1 nobody can tell. */
	if (stat("/proc/self/ns/net", &ours) < 0 || stat("/proc/1/ns/net", &hosts) < 0 ||
	    (ours.st_ino == hosts.st_ino && ours.st_dev == hosts.st_dev))
		return 0;
	reason_set(reason,
		   "audit records come to the host's network namespace only, and this "
		   "is another one: start it outside, or without PrivateNetwork=");
	return -EPERM;
}

static int multicast_open(struct reason *reason)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int group = AUDIT_NLGRP_READLOG, one = 1, fd, r;

	r = check_namespace(reason);
	if (r < 0)
		return r;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
	if (fd < 0) {
		r = -errno;
		reason_set(reason,
			   "this kernel has no audit socket (%s): it needs CONFIG_AUDIT",
			   strerror(-r));
		return r;
	}
	/* Before the bind: nothing is received that the filter hasn't seen. */
	r = attach_filter(fd, true);
	if (r == 0 && setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) < 0)
		r = -errno;
	if (r == 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		r = -errno;
	if (r == 0 && setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
				 sizeof(group)) < 0)
		r = -errno;
	if (r < 0) {
		close(fd);
		reason_set(
			reason,
			"can't join the audit multicast group (%s): run as root, or with "
			"CAP_AUDIT_READ in the host's network namespace",
			strerror(-r));
		return r;
	}
	return fd;
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
	s->source.fd = r = multicast_open(reason);
	if (r >= 0)
		r = set_receive_buffer(s->source.fd, receive_buffer_bytes);
	if (r >= 0)
		r = socket_drops(s->source.fd, &s->drops);
	if (r < 0) {
		if (s->source.fd >= 0) {
			reason_set(reason, "can't set up the audit socket: %s",
				   strerror(-r));
			close(s->source.fd);
		}
		free(s);
		return r;
	}
	*source = &s->source;
	return 0;
}
