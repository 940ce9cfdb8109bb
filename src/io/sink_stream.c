/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/sink_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/json.h"
#include "core/text.h"
#include "io/queue.h"

/* How a write is kept from blocking. */
enum stream_kind {
	STREAM_FILE,   /* doesn't block for long */
	STREAM_OWN,    /* our own description, O_NONBLOCK */
	STREAM_SOCKET, /* MSG_DONTWAIT */
	STREAM_POLLED, /* somebody else's description: asked before each small write */
};

struct stream {
	struct sink sink;
	enum sink_stream_format format;
	enum stream_kind kind;
	int out;       /* where the lines go */
	bool out_ours; /* ... which we opened */
	bool is_tty;
	bool gone;  /* the reader is */
	char *path; /* of a file, for reopen */
	mode_t mode;
	struct buffer line;
	struct queue queue;
};

static struct stream *stream_of(struct sink *sink)
{
	return (struct stream *)sink;
}

static int stream_write(struct sink *sink, const struct signal_event *ev)
{
	struct stream *s = stream_of(sink);
	int r = 0;

	buffer_reset(&s->line);
	if (s->format == SINK_STREAM_JSON)
		r = json_line(&s->line, ev);
	else
		text_line(&s->line, ev);
	if (s->line.failed)
		r = -ENOMEM;
	if (r == 0)
		r = queue_add(&s->queue, s->line.data, s->line.len, event_count(ev));
	if (r < 0)
		sink_count_lost(sink, ev);
	else
		sink->queued++;
	return r;
}

static ssize_t send_polled(struct stream *s, const struct iovec *iov)
{
	struct pollfd p = { .fd = s->out, .events = POLLOUT };

	if (poll(&p, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	/* A pipe that is writable has room for so much (pipe(7)). */
	return write(s->out, iov->iov_base,
		     iov->iov_len < PIPE_BUF ? iov->iov_len : PIPE_BUF);
}

/* How many bytes went out, or -errno. */
static ssize_t send_lines(struct stream *s, struct iovec *iov, size_t n)
{
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = n };
	ssize_t sent;

	do {
		if (s->kind == STREAM_SOCKET)
			sent = sendmsg(s->out, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		else if (s->kind == STREAM_POLLED)
			sent = send_polled(s, iov);
		else
			sent = writev(s->out, iov, n);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

static int send_error(struct stream *s, int error)
{
	switch (error) {
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
	case -ENOBUFS:
	case -ENOMEM:
		return -EAGAIN;
	case -ECONNRESET:
		s->gone = true;
		return -EPIPE;
	case -EIO:
		/* A terminal that was hung up. */
		s->gone = s->is_tty;
		return s->is_tty ? -EPIPE : -EIO;
	default:
		s->gone = error == -EPIPE;
		return error;
	}
}

static void take_off(struct stream *s, const struct iovec *iov, size_t n, size_t sent)
{
	size_t lines = 0, done = queue_done(&s->queue);

	for (; lines < n && sent >= iov[lines].iov_len; lines++)
		sent -= iov[lines].iov_len;
	queue_set_done(&s->queue, lines ? sent : done + sent);
	queue_drop(&s->queue, lines);
	s->sink.written += lines;
}

static int stream_flush(struct sink *sink)
{
	struct stream *s = stream_of(sink);
	struct iovec iov[QUEUE_WINDOW];

	if (s->gone)
		return -EPIPE;
	for (;;) {
		size_t n = queue_peek(&s->queue, iov, QUEUE_WINDOW);
		ssize_t sent;

		if (n == 0)
			return 0;
		iov[0].iov_base = (char *)iov[0].iov_base + queue_done(&s->queue);
		iov[0].iov_len -= queue_done(&s->queue);
		(void)queue_sending(&s->queue, n, true);
		sent = send_lines(s, iov, n);
		if (sent < 0) {
			queue_failed(&s->queue);
			return send_error(s, sent);
		}
		take_off(s, iov, n, sent);
	}
}

static int stream_reopen(struct sink *sink)
{
	struct stream *s = stream_of(sink);
	int fd, r;

	if (!s->path)
		return 0;
	fd = open(s->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, s->mode);
	if (fd < 0)
		return -errno;
	/* In its place, so that a program which this process becomes has it, too. */
	r = dup2(fd, s->out) < 0 ? -errno : 0;
	close(fd);
	if (r < 0)
		return r;
	/* What the disk had no room for goes whole into the new file. */
	queue_set_done(&s->queue, 0);
	return 0;
}

static struct queue *stream_queue(struct sink *sink)
{
	return &stream_of(sink)->queue;
}

static struct sink *stream_free(struct sink *sink)
{
	struct stream *s = stream_of(sink);

	if (s->out_ours)
		close(s->out);
	queue_free(&s->queue);
	buffer_free(&s->line);
	free(s->path);
	free(s);
	return NULL;
}

static const struct sink_ops stream_ops = {
	.write = stream_write,
	.flush = stream_flush,
	.reopen = stream_reopen,
	.queue = stream_queue,
	.free = stream_free,
};

/* Who was killed while it wrote may have left the beginning of a line: the kernel ends a
 * write(2) to a file between two pages (mm/filemap.c). */
static void end_torn_line(const struct stream *s, const char *link, off_t size)
{
	int fd = open(link, O_RDONLY | O_CLOEXEC);
	char last = '\n';

	if (fd < 0)
		return;
	if (size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n')
		(void)!write(s->out, "\n", 1);
	close(fd);
}

/* Where the file is; a file without a name is never opened again. */
static int open_file(struct stream *s, const struct stat *st)
{
	char link[64];
	char path[PATH_MAX];
	ssize_t len;

	s->kind = STREAM_FILE;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", s->out);
	end_torn_line(s, link, st->st_size);
	if (st->st_nlink == 0)
		return 0;
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0 || (size_t)len == sizeof(path) - 1)
		return 0;
	path[len] = '\0';
	s->mode = st->st_mode & 0777;
	s->path = strdup(path);
	return s->path ? 0 : -ENOMEM;
}

/* A pipe or terminal: our own description of it, so that O_NONBLOCK is ours alone. */
static void open_own(struct stream *s)
{
	char link[64];
	int fd;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", s->out);
	fd = open(link, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		s->kind = STREAM_OWN;
		s->out = fd;
		s->out_ours = true;
	} else {
		/* ENXIO: nobody reads the pipe. Else no /proc, or another user's pipe. */
		s->gone = errno == ENXIO;
		s->kind = STREAM_POLLED;
	}
}

static int open_output(struct stream *s)
{
	struct stat st;

	if (fstat(s->out, &st) < 0)
		return -errno;
	s->is_tty = isatty(s->out);
	if (S_ISREG(st.st_mode))
		return open_file(s, &st);
	if (S_ISSOCK(st.st_mode))
		s->kind = STREAM_SOCKET;
	else
		open_own(s);
	/* epoll refuses /dev/null and the like. */
	s->sink.fd = S_ISCHR(st.st_mode) && !s->is_tty ? -1 : s->out;
	return 0;
}

int sink_stream_new(struct sink **sink, int fd, enum sink_stream_format format,
		    size_t queue_bytes)
{
	struct stream *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->sink.ops = &stream_ops;
	s->sink.fd = -1;
	s->format = format;
	s->out = fd;
	s->queue.limit = queue_bytes;
	r = open_output(s);
	if (r < 0) {
		stream_free(&s->sink);
		return r;
	}
	*sink = &s->sink;
	return 0;
}
