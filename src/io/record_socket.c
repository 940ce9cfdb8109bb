/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/record_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/netlink.h"
#include "io/datagrams.h"

/* MAX_AUDIT_MESSAGE_LENGTH of the kernel (8,970), the header and padding fit. */
#define DATAGRAM_BYTES 9216

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

static int place_batch(struct record_socket *s, void *memory)
{
	if (!memory)
		return datagrams_new(&s->batch, DATAGRAM_BYTES);
	datagrams_place(&s->batch, DATAGRAM_BYTES, memory);
	return 0;
}

static int set_up(struct record_socket *s, void *memory, uint64_t receive_buffer_bytes)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int one = 1;
	/* Before the bind: nothing is received that the filter hasn't seen. */
	int r = attach_filter(s->fd, true);

	if (r == 0 && setsockopt(s->fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) < 0)
		r = -errno;
	if (r == 0 && bind(s->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		r = -errno;
	if (r == 0)
		r = datagrams_set_buffer(s->fd, receive_buffer_bytes);
	if (r == 0)
		r = datagrams_dropped(s->fd, &s->drops);
	if (r == 0)
		r = place_batch(s, memory);
	return r;
}

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

int record_socket_open(struct record_socket *s, uint64_t receive_buffer_bytes,
		       struct reason *reason)
{
	return record_socket_open_at(s, &(struct record_place){ .fd = -1 },
				     receive_buffer_bytes, reason);
}

size_t record_place_bytes(void)
{
	return datagrams_bytes(DATAGRAM_BYTES);
}

uint32_t record_place_layout(void)
{
	return datagrams_layout(DATAGRAM_BYTES);
}

static bool is_audit_socket(int fd)
{
	int domain = 0, protocol = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	       domain == AF_NETLINK && protocol == NETLINK_AUDIT;
}

static int go_on(struct record_socket *s, const struct record_place *place,
		 uint64_t receive_buffer_bytes)
{
	uint64_t batch;
	int n, r;

	if (!is_audit_socket(s->fd))
		return -EBADF;
	r = attach_filter(s->fd, true);
	if (r == 0)
		r = datagrams_set_buffer(s->fd, receive_buffer_bytes);
	if (r < 0)
		return r;
	n = datagrams_recover(&s->batch, DATAGRAM_BYTES, place->memory, &batch);
	s->recovered = batch > place->batch ? n : 0;
	/* Whatever it dropped meanwhile is looked for when it has been read empty. */
	s->drops = place->drops;
	s->congested = true;
	return 0;
}

int record_socket_open_at(struct record_socket *s, struct record_place *place,
			  uint64_t receive_buffer_bytes, struct reason *reason)
{
	int r;

	*s = (struct record_socket){ .fd = place->fd };
	place->fd = -1;
	if (s->fd >= 0 && go_on(s, place, receive_buffer_bytes) == 0)
		return 0;
	/* With another one the serials show what was missed. */
	record_socket_close(s);
	r = check_namespace(reason);
	if (r < 0)
		return r;
	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       NETLINK_AUDIT);
	if (s->fd < 0) {
		r = -errno;
		reason_set(reason,
			   "this kernel has no audit socket (%s): it needs CONFIG_AUDIT",
			   strerror(-r));
		return r;
	}
	r = set_up(s, place->memory, receive_buffer_bytes);
	if (r < 0)
		reason_set(reason, "can't set up the audit socket: %s", strerror(-r));
	return r;
}

void record_socket_close(struct record_socket *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->batch = datagrams_free(s->batch);
}

static void take(struct record_socket *s, const struct datagram *datagram,
		 struct source_counts *counts, source_record_fn *fn, void *userdata)
{
	struct record record;
	pid_t successor;
	int r = datagram->cut ? -E2BIG
			      : netlink_record(datagram->data, datagram->len,
					       &datagram->sender, &record);

	if (r == 0)
		fn(&record, userdata);
	else if (r == -EPERM)
		counts->forged++;
	else if (netlink_replace(datagram->data, datagram->len, &successor))
		s->successor = successor;
	else if (r != -ENOMSG)
		counts->malformed++;
}

/* Adds what the kernel has dropped since the last look. -ENOBUFS if it has. */
static int note_drops(struct record_socket *s, struct source_counts *counts)
{
	uint32_t drops = 0;
	int r = datagrams_dropped(s->fd, &drops);

	if (r < 0 || drops == s->drops)
		return r;
	counts->lost += (uint32_t)(drops - s->drops);
	s->drops = drops;
	return -ENOBUFS;
}

static int receive(struct record_socket *s)
{
	int n = s->recovered;

	s->recovered = 0;
	return n ? n : datagrams_receive(s->batch, s->fd);
}

int record_socket_read(struct record_socket *s, struct source_counts *counts,
		       source_record_fn *record, void *userdata)
{
	bool again = s->recovered > 0;
	int n = receive(s);

	if (n == -ENOBUFS) {
		/* The queue holds what came before. */
		s->congested = true;
		counts->overruns++;
		n = datagrams_receive(s->batch, s->fd);
	}
	for (int i = 0; i < n; i++) {
		const struct datagram datagram = datagrams_at(s->batch, (size_t)i);

		take(s, &datagram, counts, record, userdata);
	}
	if (s->congested && !again) {
		/* A batch that isn't full has emptied the queue. */
		s->congested = n == DATAGRAMS_BATCH;
		if (note_drops(s, counts) == -ENOBUFS)
			return -ENOBUFS;
	}
	return n == -EINTR || n == -ENOBUFS ? -EAGAIN : n;
}

int record_socket_want_eoe(struct record_socket *s, bool wanted)
{
	int r;

	if (s->without_eoe == !wanted)
		return 0;
	r = attach_filter(s->fd, wanted);
	if (r == 0)
		s->without_eoe = !wanted;
	return r;
}
