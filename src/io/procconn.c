/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/procconn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/connector.h>
#include <linux/cn_proc.h>
#include <linux/filter.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/datagrams.h"
#include "io/now.h"

/* The largest, a fork, is 84 bytes. */
#define DATAGRAM_BYTES 256
/* A message takes 768 bytes of it. */
#define RECEIVE_BUFFER_BYTES (32 << 20)
/* It makes kernel threads, now and then also on an idle host. */
#define KTHREADD_PID htonl(2)
#define ANSWER_USEC  200000

struct procconn {
	int fd;
	int alarm_fd;
	bool kept;
	struct procconn_counts counts;
	struct datagrams *batch;
};

#define EVENT_AT(member)                                                                 \
	(NLMSG_HDRLEN + sizeof(struct cn_msg) + offsetof(struct proc_event, member))

static int attach(int fd, struct sock_filter *code, size_t n)
{
	struct sock_fprog program = { (unsigned short)n, code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return -errno;
	return 0;
}

/* Lets through what happens to processes, by the two ids of a thread and its process that
 * must be equal, and the kernel's answers. */
static int attach_filter(int fd)
{
	const uint32_t what = EVENT_AT(what);
	const uint32_t parent = EVENT_AT(event_data.fork.parent_tgid);
	const uint32_t child = EVENT_AT(event_data.fork.child_pid);
	const uint32_t other = EVENT_AT(event_data.exec.process_pid);
	/* BPF loads big-endian, which doesn't matter where two loads are compared. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, what),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_FORK), 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_EXIT), 10, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_COMM), 9, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_EXEC), 12, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_NONE), 11, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		/* fork */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, parent),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KTHREADD_PID, 9, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, child),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, child + 4),
		BPF_JUMP(BPF_JMP | BPF_JA, 3, 0, 0),
		/* exit, comm */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, other),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, other + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return attach(fd, code, sizeof(code) / sizeof(code[0]));
}

/* Lets through execs, without their contents. */
static int attach_alarm_filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, EVENT_AT(what)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_EXEC), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, NLMSG_HDRLEN),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return attach(fd, code, sizeof(code) / sizeof(code[0]));
}

/* Asks the kernel to begin or to end. */
static int request(int fd, uint32_t op, uint32_t number)
{
	struct nlmsghdr header = { .nlmsg_type = NLMSG_DONE };
	struct cn_msg message = { .id = { CN_IDX_PROC, CN_VAL_PROC },
				  .ack = number,
				  .len = sizeof(op) };
	char all[NLMSG_HDRLEN + sizeof(message) + sizeof(op)];

	header.nlmsg_len = sizeof(all);
	memcpy(all, &header, sizeof(header));
	memcpy(all + NLMSG_HDRLEN, &message, sizeof(message));
	memcpy(all + NLMSG_HDRLEN + sizeof(message), &op, sizeof(op));
	return send(fd, all, sizeof(all), 0) < 0 ? -errno : 0;
}

/* How many datagrams came, or -errno. */
static int receive(struct procconn *conn)
{
	int n = datagrams_receive(conn->batch, conn->fd);

	return n == -EAGAIN || n == -EINTR ? 0 : n;
}

static void take_message(struct procconn *conn, size_t i, procconn_message_fn *fn,
			 void *userdata)
{
	const struct datagram datagram = datagrams_at(conn->batch, i);
	struct connmsg msg;
	int r;

	r = connmsg_parse(datagram.data, datagram.len, &datagram.sender, &msg);
	if (r == 0)
		fn(&msg, userdata);
	else if (r == -EPERM)
		conn->counts.forged++;
	else if (r != -ENOMSG)
		conn->counts.malformed++;
}

int procconn_read(struct procconn *conn, procconn_message_fn *message, void *userdata)
{
	int n = receive(conn);

	if (n == -ENOBUFS)
		conn->counts.overruns++;
	for (int i = 0; i < n; i++)
		take_message(conn, (size_t)i, message, userdata);
	return n < 0 ? n : n == DATAGRAMS_BATCH;
}

/* What happened before the answer is older than the one who asks for it. 0 or -errno. */
static int wait_for_answer(struct procconn *conn, uint32_t number)
{
	int64_t end = now_mono_usec() + ANSWER_USEC;
	struct pollfd p = { conn->fd, POLLIN, 0 };
	bool answered = false;
	int n, error = 0;

	while (!answered && now_mono_usec() < end) {
		if (poll(&p, 1, ANSWER_USEC / 1000) <= 0)
			break;
		n = receive(conn);
		for (int i = 0; i < n; i++) {
			const struct datagram d = datagrams_at(conn->batch, (size_t)i);

			answered = answered || connmsg_is_answer(d.data, d.len, &d.sender,
								 number, &error);
		}
	}
	return answered ? -error : -ETIMEDOUT;
}

/* A socket that isn't bound yet, or -errno. */
static int open_socket(int (*filter)(int fd))
{
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_CONNECTOR);
	int r;

	if (fd < 0)
		return -errno;
	r = filter(fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

static int join(int fd)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK,
				       .nl_groups = CN_IDX_PROC };

	return bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

static int set_up(struct procconn *conn, uint32_t number)
{
	int one = 1, r;

	conn->alarm_fd = open_socket(attach_alarm_filter);
	conn->fd = open_socket(attach_filter);
	if (conn->alarm_fd < 0 || conn->fd < 0)
		return conn->fd < 0 ? conn->fd : conn->alarm_fd;
	r = datagrams_set_buffer(conn->fd, RECEIVE_BUFFER_BYTES);
	if (r < 0)
		return r;
	if (setsockopt(conn->fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) < 0)
		return -errno;
	/* The one that joined last gets each message first: it is there when the alarm
	 * goes off. */
	r = join(conn->alarm_fd);
	if (r == 0)
		r = join(conn->fd);
	if (r == 0)
		r = request(conn->fd, PROC_CN_MCAST_LISTEN, number);
	return r < 0 ? r : wait_for_answer(conn, number);
}

int procconn_new(struct procconn **conn, struct reason *reason)
{
	struct procconn *new = calloc(1, sizeof(*new));
	int r = -ENOMEM;

	if (new) {
		new->fd = new->alarm_fd = -1;
		r = datagrams_new(&new->batch, DATAGRAM_BYTES);
		/* Tells our answer from that of another listener. */
		if (r == 0)
			r = set_up(new, (uint32_t)getpid());
	}
	if (r == 0) {
		*conn = new;
		return 0;
	}
	if (r == -EPROTONOSUPPORT)
		reason_set(reason, "this kernel has none: it needs CONFIG_PROC_EVENTS");
	else if (r == -ETIMEDOUT || r == -ECONNREFUSED)
		reason_set(reason, "the kernel doesn't answer: it needs "
				   "CONFIG_PROC_EVENTS and the host's namespaces");
	else if (r == -EPERM)
		reason_set(reason, "not permitted: before Linux 6.6 it needs "
				   "CAP_NET_ADMIN in the host's namespaces");
	else
		reason_set(reason, "%s", strerror(-r));
	procconn_free(new);
	return r;
}

static bool is_connector(int fd)
{
	int protocol = 0;
	socklen_t len = sizeof(protocol);

	return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	       protocol == NETLINK_CONNECTOR;
}

int procconn_take_up(struct procconn **conn, int fd, int alarm_fd, struct reason *reason)
{
	struct procconn *new = calloc(1, sizeof(*new));
	int r = -ENOMEM;

	if (new) {
		new->fd = fd;
		new->alarm_fd = alarm_fd;
		r = is_connector(fd) && is_connector(alarm_fd) ? 0 : -ENOTSOCK;
	} else {
		close(fd);
		close(alarm_fd);
	}
	if (r == 0)
		r = datagrams_new(&new->batch, DATAGRAM_BYTES);
	if (r == 0) {
		*conn = new;
		return 0;
	}
	reason_set(reason, "%s", strerror(-r));
	procconn_free(new);
	return r;
}

void procconn_keep(struct procconn *conn)
{
	conn->kept = true;
}

struct procconn *procconn_free(struct procconn *conn)
{
	if (!conn)
		return NULL;
	if (conn->fd >= 0) {
		/* Kernels before 6.6 go on making messages for nobody without this. */
		if (!conn->kept)
			(void)request(conn->fd, PROC_CN_MCAST_IGNORE, 0);
		close(conn->fd);
	}
	if (conn->alarm_fd >= 0)
		close(conn->alarm_fd);
	datagrams_free(conn->batch);
	free(conn);
	return NULL;
}

int procconn_alarm_fd(const struct procconn *conn)
{
	return conn->alarm_fd;
}

void procconn_quiet(struct procconn *conn)
{
	struct mmsghdr messages[DATAGRAMS_BATCH] = { 0 };
	int n;

	do {
		n = recvmmsg(conn->alarm_fd, messages, DATAGRAMS_BATCH, MSG_DONTWAIT,
			     NULL);
	} while (n == DATAGRAMS_BATCH || (n < 0 && errno == ENOBUFS));
}

int procconn_fd(const struct procconn *conn)
{
	return conn->fd;
}

struct procconn_counts procconn_counts(const struct procconn *conn)
{
	return conn->counts;
}
