/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/sink_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/digits.h"
#include "core/handed.h"
#include "core/native.h"
#include "io/queue.h"

/* What fits into any datagram. */
#define SMALL_BYTES 65536

struct journal {
	struct sink sink;
	struct sockaddr_un address;
	struct buffer entry;
	struct buffer text;
	struct native_memo *memo;
	struct queue queue;
	char run[SD_ID128_STRING_MAX];
};

static struct journal *journal_of(struct sink *sink)
{
	return (struct journal *)sink;
}

static int add_number(struct journal *j)
{
	native_string(&j->entry, SINK_JOURNAL_RUN, j->run);
	buffer_add_string(&j->entry, SINK_JOURNAL_ENTRY "=");
	digits_add(&j->entry, (int64_t)j->sink.handed->added + 1);
	buffer_add_char(&j->entry, '\n');
	return j->entry.failed ? -ENOMEM : 0;
}

static int journal_write(struct sink *sink, const struct signal_event *ev)
{
	struct journal *j = journal_of(sink);
	int r;

	buffer_reset(&j->entry);
	r = native_entry(&j->entry, &j->text, j->memo, ev);
	if (r == 0 && sink->handed)
		r = add_number(j);
	if (r == 0)
		r = queue_add(&j->queue, j->entry.data, j->entry.len, event_count(ev));
	if (r < 0) {
		sink_count_lost(sink, ev);
		return r;
	}
	sink->queued++;
	if (sink->handed)
		handed_add(sink->handed, ev);
	return 0;
}

/* A socket connected to the journal, or -errno. */
static int open_socket(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

static void disconnect(struct journal *j)
{
	if (j->sink.fd >= 0)
		close(j->sink.fd);
	j->sink.fd = -1;
}

static int connect_journal(struct journal *j)
{
	int fd = open_socket(&j->address);

	if (fd < 0)
		return fd;
	j->sink.fd = fd;
	return 0;
}

/* Nobody listens at the other end (any more). */
static bool is_gone(int error)
{
	return error == -ECONNREFUSED || error == -ENOENT || error == -ENOTCONN ||
	       error == -EPIPE || error == -ECONNRESET;
}

static bool is_shortage(int error)
{
	return error == -ENOBUFS || error == -ENOMEM || error == -EMFILE ||
	       error == -ENFILE;
}

/* How many entries went out, or -errno of the first. */
static int send_entries(struct journal *j, struct iovec *iov, size_t n)
{
	struct mmsghdr *messages = queue_sending(&j->queue, n, false);
	int sent;

	for (size_t i = 0; i < n; i++)
		messages[i].msg_hdr =
			(struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	do {
		sent = sendmmsg(j->sink.fd, messages, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

/* The sealed file that stands for an entry too large for a datagram, or -errno. */
static int make_memfd(const struct iovec *entry)
{
	int fd = memfd_create("sigtrail-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;
	int error;

	if (fd < 0)
		return -errno;
	while (done < entry->iov_len) {
		ssize_t n = write(fd, (const char *)entry->iov_base + done,
				  entry->iov_len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto fail;
		done += n;
	}
	if (fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		goto fail;
	return fd;
fail:
	error = errno;
	close(fd);
	return -error;
}

/* 1: sent, or -errno. */
static int send_large(struct journal *j, const struct iovec *entry)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr message = {
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int memfd = make_memfd(entry);
	struct mmsghdr *messages;
	int r = 1;

	if (memfd < 0)
		return memfd;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &memfd, sizeof(memfd));
	messages = queue_sending(&j->queue, 1, false);
	messages->msg_hdr = message;
	if (sendmmsg(j->sink.fd, messages, 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		r = -errno;
	close(memfd);
	return r;
}

/* Sends as much as the journal takes now. 0: all is out, or -errno. */
static int send_queue(struct journal *j)
{
	struct iovec iov[QUEUE_WINDOW];

	for (;;) {
		size_t n = queue_peek(&j->queue, iov, QUEUE_WINDOW);
		bool full;
		int sent;

		if (n == 0)
			return 0;
		sent = send_entries(j, iov, n);
		full = sent >= 0 && (size_t)sent < n && iov[sent].iov_len <= SMALL_BYTES;
		if (sent == -EMSGSIZE) {
			sent = send_large(j, &iov[0]);
			if (sent < 0 && sent != -EAGAIN && !is_gone(sent) &&
			    !is_shortage(sent)) {
				j->sink.failed++;
				queue_drop(&j->queue, 1);
				continue;
			}
		}
		if (sent < 0) {
			queue_failed(&j->queue);
			return sent;
		}
		queue_drop(&j->queue, sent);
		j->sink.written += sent;
		/* What stopped it is a lack of room, unless the next one is too large:
		 * to try once more costs as much as to send one. */
		if (full)
			return -EAGAIN;
	}
}

static int journal_flush(struct sink *sink)
{
	struct journal *j = journal_of(sink);
	int r = 0;

	/* The second time on a new socket: the journal may have come back. */
	for (int attempt = 0; attempt < 2 && j->queue.used; attempt++) {
		r = sink->fd < 0 ? connect_journal(j) : 0;
		if (r == 0)
			r = send_queue(j);
		if (r == 0 || r == -EAGAIN)
			return r;
		disconnect(j);
		if (!is_gone(r))
			break;
	}
	/* Without a socket there is nothing to poll: the caller comes again in a second.
	 */
	return is_gone(r) || is_shortage(r) ? -EAGAIN : r;
}

static int journal_reopen(struct sink *sink)
{
	return 0;
}

static struct queue *journal_queue(struct sink *sink)
{
	return &journal_of(sink)->queue;
}

static struct sink *journal_free(struct sink *sink)
{
	struct journal *j = journal_of(sink);

	disconnect(j);
	queue_free(&j->queue);
	buffer_free(&j->entry);
	buffer_free(&j->text);
	native_memo_free(j->memo);
	free(j->sink.handed);
	free(j);
	return NULL;
}

static const struct sink_ops journal_ops = {
	.write = journal_write,
	.flush = journal_flush,
	.reopen = journal_reopen,
	.queue = journal_queue,
	.free = journal_free,
};

static int set_address(struct sockaddr_un *address, const char *path)
{
	size_t len = strlen(path);

	if (len >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, path, len);
	return 0;
}

int sink_journal_new(struct sink **sink, const char *path, size_t queue_bytes)
{
	struct journal *j = calloc(1, sizeof(*j));
	int r;

	if (!j)
		return -ENOMEM;
	j->sink.ops = &journal_ops;
	j->sink.fd = -1;
	j->queue.limit = queue_bytes;
	r = native_memo_new(&j->memo);
	if (r == 0)
		r = set_address(&j->address, path);
	if (r < 0) {
		journal_free(&j->sink);
		return r;
	}
	*sink = &j->sink;
	return 0;
}

int sink_journal_number(struct sink *sink)
{
	sd_id128_t id;
	int r = sd_id128_randomize(&id);

	if (r < 0)
		return r;
	sink->handed = calloc(1, sizeof(*sink->handed));
	if (!sink->handed)
		return -ENOMEM;
	sd_id128_to_string(id, journal_of(sink)->run);
	return 0;
}

const char *sink_journal_run(const struct sink *sink)
{
	return ((const struct journal *)sink)->run;
}

bool sink_journal_listens(const char *path)
{
	struct sockaddr_un address;
	int fd;

	if (set_address(&address, path) < 0)
		return false;
	fd = open_socket(&address);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}
