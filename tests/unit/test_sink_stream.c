/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/sink_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buffer.h"
#include "suite.h"

#define QUEUE_BYTES (64 * 1024)

static struct signal_event ev;
static char exe[3 * PIPE_BUF] = "/usr/lib/a/path/that/makes/the/line/somewhat/longer/x";

/* The line of event number n. */
static void set_event(int64_t n)
{
	event_init(&ev, EVENT_SIGNAL, 0);
	ev.serial = n;
	ev.signo = SIGTERM;
	ev.sender.comm = "x";
	ev.sender.pid = n;
	ev.sender.exe = exe;
	ev.target.comm = "y";
	ev.target.pid = 6;
	ev.has_target = true;
}

static const char *expected(int64_t n)
{
	static char line[sizeof(exe) + 128];

	snprintf(line, sizeof(line),
		 "1970-01-01T00:00:00.000Z SIGTERM from x[%lld] (%s) to y[6]\n",
		 (long long)n, exe);
	return line;
}

static int write_event(struct sink *sink, int64_t n)
{
	set_event(n);
	return sink_write(sink, &ev);
}

/* All that is there to be read now. */
static void read_some(int fd, struct buffer *got)
{
	char data[4096];
	ssize_t n;

	while ((n = recv(fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
		buffer_add(got, data, n);
	if (n < 0 && errno == ENOTSOCK) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		while (poll(&p, 1, 0) > 0 && (n = read(fd, data, sizeof(data))) > 0)
			buffer_add(got, data, n);
	}
}

/* The lines 0 to n - 1, whole, in order, and nothing else. */
static void assert_lines(const struct buffer *got, int64_t n)
{
	const char *p = got->data;

	for (int64_t i = 0; i < n; i++) {
		const char *line = expected(i);

		ck_assert_msg(strncmp(p, line, strlen(line)) == 0, "line %lld: %.100s",
			      (long long)i, p);
		p += strlen(line);
	}
	ck_assert_str_eq(p, "");
}

/* Writes until the queue is full, while nobody reads: neither may block. */
static int64_t fill(struct sink *sink)
{
	int64_t n = 0;

	while (write_event(sink, n) == 0) {
		int r = sink_flush(sink);

		ck_assert(r == 0 || r == -EAGAIN);
		n++;
		ck_assert_int_lt(n, 100000);
	}
	ck_assert_uint_eq(sink->lost, 1);
	ck_assert_int_eq(write_event(sink, n), -ENOBUFS);
	ck_assert_uint_eq(sink->lost, 2);
	return n;
}

static void drain(struct sink *sink, int fd, struct buffer *got)
{
	int r;

	do {
		read_some(fd, got);
		r = sink_flush(sink);
		ck_assert(r == 0 || r == -EAGAIN);
	} while (r == -EAGAIN);
	read_some(fd, got);
}

static void assert_slow_reader_gets_whole_lines(int in, int out)
{
	struct buffer got = { 0 };
	struct sink *sink;
	int flags = fcntl(out, F_GETFL);
	int64_t n;

	ck_assert_int_eq(sink_stream_new(&sink, out, SINK_STREAM_TEXT, QUEUE_BYTES), 0);
	n = fill(sink);
	drain(sink, in, &got);
	assert_lines(&got, n);
	ck_assert_uint_eq(sink->written, n);
	ck_assert_int_eq(fcntl(out, F_GETFL), flags);
	ck_assert_ptr_null(sink_free(sink));
	ck_assert_int_eq(fcntl(out, F_GETFL), flags);
	buffer_free(&got);
	close(in);
	close(out);
}

START_TEST(stream_never_blocks_on_a_pipe_and_cuts_no_line)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	assert_slow_reader_gets_whole_lines(fds[0], fds[1]);
}
END_TEST

START_TEST(stream_never_blocks_on_a_socket_and_cuts_no_line)
{
	int fds[2];
	int size = 4096;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	assert_slow_reader_gets_whole_lines(fds[0], fds[1]);
}
END_TEST

START_TEST(stream_never_blocks_on_a_terminal_and_cuts_no_line)
{
	struct termios raw = { .c_cflag = CS8 | CREAD | B38400 };
	int in;
	int out;

	ck_assert_int_eq(openpty(&in, &out, NULL, &raw, NULL), 0);
	assert_slow_reader_gets_whole_lines(in, out);
}
END_TEST

/* Without privilege, root's pipe can't be opened. */
START_TEST(stream_never_blocks_on_a_pipe_that_it_may_not_open)
{
	int fds[2];

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(seteuid(65534), 0);
	/* One line takes several writes. */
	memset(exe, 'x', sizeof(exe) - 1);
	assert_slow_reader_gets_whole_lines(fds[0], fds[1]);
	/* The leak checker traces this process. */
	ck_assert_int_eq(seteuid(0), 0);
	prctl(PR_SET_DUMPABLE, 1);
}
END_TEST

START_TEST(stream_writes_each_line_at_the_next_flush)
{
	struct buffer got = { 0 };
	struct sink *sink;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(sink_stream_new(&sink, fds[1], SINK_STREAM_JSON, QUEUE_BYTES),
			 0);
	event_init_trail(&ev, TRAIL_STARTED, 0);
	ck_assert_int_eq(sink_write(sink, &ev), 0);
	read_some(fds[0], &got);
	ck_assert_uint_eq(got.len, 0);
	ck_assert_int_eq(sink_flush(sink), 0);
	read_some(fds[0], &got);
	ck_assert_str_eq(got.data, "{\"time\":\"1970-01-01T00:00:00.000Z\",\"trail\":{"
				   "\"event\":\"started\"}}\n");
	ck_assert_int_eq(sink_reopen(sink), 0);
	sink_free(sink);
	buffer_free(&got);
}
END_TEST

START_TEST(stream_says_epipe_when_the_reader_is_gone)
{
	struct sink *sink;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(sink_stream_new(&sink, fds[1], SINK_STREAM_TEXT, QUEUE_BYTES),
			 0);
	close(fds[0]);
	ck_assert_int_eq(write_event(sink, 0), 0);
	ck_assert_int_eq(sink_flush(sink), -EPIPE);
	ck_assert_int_eq(sink_flush(sink), -EPIPE);
	sink_free(sink);
	/* Gone before we began. */
	ck_assert_int_eq(sink_stream_new(&sink, fds[1], SINK_STREAM_TEXT, QUEUE_BYTES),
			 0);
	ck_assert_int_eq(write_event(sink, 0), 0);
	ck_assert_int_eq(sink_flush(sink), -EPIPE);
	sink_free(sink);
	close(fds[1]);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(sink_stream_new(&sink, fds[1], SINK_STREAM_TEXT, QUEUE_BYTES),
			 0);
	close(fds[0]);
	ck_assert_int_eq(write_event(sink, 0), 0);
	ck_assert_int_eq(sink_flush(sink), -EPIPE);
	sink_free(sink);
}
END_TEST

START_TEST(stream_says_epipe_when_nobody_reads_a_fifo)
{
	char dir[] = "/tmp/sigtrail-test-XXXXXX";
	char path[64];
	struct sink *sink;
	int in;
	int out;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	in = open(path, O_RDONLY | O_NONBLOCK);
	out = open(path, O_WRONLY);
	close(in);
	ck_assert_int_eq(sink_stream_new(&sink, out, SINK_STREAM_TEXT, QUEUE_BYTES), 0);
	ck_assert_int_eq(sink_flush(sink), -EPIPE);
	sink_free(sink);
	close(out);
	unlink(path);
	rmdir(dir);
}
END_TEST

START_TEST(stream_says_epipe_when_the_terminal_is_hung_up)
{
	struct sink *sink;
	int in;
	int out;

	ck_assert_int_eq(openpty(&in, &out, NULL, NULL, NULL), 0);
	ck_assert_int_eq(sink_stream_new(&sink, out, SINK_STREAM_TEXT, QUEUE_BYTES), 0);
	close(in);
	ck_assert_int_eq(write_event(sink, 0), 0);
	ck_assert_int_eq(sink_flush(sink), -EPIPE);
	sink_free(sink);
}
END_TEST

static void read_file(const char *path, struct buffer *got)
{
	char data[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	ck_assert_int_ge(fd, 0);
	buffer_reset(got);
	while ((n = read(fd, data, sizeof(data))) > 0)
		buffer_add(got, data, n);
	close(fd);
}

START_TEST(stream_goes_on_in_a_new_file_after_rotation)
{
	char path[] = "/tmp/sigtrail-test-XXXXXX";
	char old[64];
	struct buffer got = { 0 };
	struct stat st;
	struct sink *sink;
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, "kept\n", 5), 5);
	ck_assert_int_eq(sink_stream_new(&sink, fd, SINK_STREAM_TEXT, QUEUE_BYTES), 0);
	ck_assert_int_eq(sink->fd, -1);
	write_event(sink, 1);
	ck_assert_int_eq(sink_flush(sink), 0);
	snprintf(old, sizeof(old), "%s.1", path);
	ck_assert_int_eq(rename(path, old), 0);
	write_event(sink, 2);
	ck_assert_int_eq(sink_flush(sink), 0);
	ck_assert_int_eq(sink_reopen(sink), 0);
	write_event(sink, 3);
	ck_assert_int_eq(sink_flush(sink), 0);
	ck_assert_int_eq(sink_reopen(sink), 0);
	write_event(sink, 4);
	ck_assert_int_eq(sink_flush(sink), 0);
	read_file(old, &got);
	ck_assert_int_eq(strncmp(got.data, "kept\n", 5), 0);
	ck_assert_ptr_nonnull(strstr(got.data, expected(1)));
	ck_assert_ptr_nonnull(strstr(got.data, expected(2)));
	ck_assert_ptr_null(strstr(got.data, expected(3)));
	read_file(path, &got);
	ck_assert_ptr_nonnull(strstr(got.data, expected(3)));
	ck_assert_ptr_nonnull(strstr(got.data, expected(4)));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	sink_free(sink);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & ~FD_CLOEXEC, 0);
	unlink(path);
	unlink(old);
	buffer_free(&got);
}
END_TEST

START_TEST(stream_waits_when_the_disk_is_full)
{
	struct sink *sink;
	int fd = open("/dev/full", O_WRONLY);

	ck_assert_int_eq(sink_stream_new(&sink, fd, SINK_STREAM_TEXT, QUEUE_BYTES), 0);
	ck_assert_int_eq(sink->fd, -1);
	write_event(sink, 0);
	ck_assert_int_eq(sink_flush(sink), -EAGAIN);
	ck_assert_uint_eq(sink->written, 0);
	sink_free(sink);
	close(fd);
}
END_TEST

START_TEST(stream_puts_a_line_cut_by_a_full_disk_whole_into_the_new_file)
{
	char path[] = "/tmp/sigtrail-test-XXXXXX";
	struct rlimit limit;
	struct rlimit full;
	struct buffer got = { 0 };
	struct sink *sink;
	int fd = mkstemp(path);
	int r;

	ck_assert_int_eq(sink_stream_new(&sink, fd, SINK_STREAM_TEXT, QUEUE_BYTES), 0);
	write_event(sink, 0);
	write_event(sink, 1);
	/* Check writes into files too: not under the limit. */
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	full = limit;
	full.rlim_cur = strlen(expected(0)) + 10;
	setrlimit(RLIMIT_FSIZE, &full);
	r = sink_flush(sink);
	setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_int_eq(r, -EAGAIN);
	ck_assert_uint_eq(sink->written, 1);
	read_file(path, &got);
	ck_assert_uint_eq(got.len, strlen(expected(0)) + 10);
	unlink(path);
	ck_assert_int_eq(sink_reopen(sink), 0);
	ck_assert_int_eq(sink_flush(sink), 0);
	read_file(path, &got);
	ck_assert_str_eq(got.data, expected(1));
	sink_free(sink);
	unlink(path);
	buffer_free(&got);
}
END_TEST

START_TEST(stream_begins_a_line_of_its_own_where_another_was_torn)
{
	static const char *const before[] = { "", "whole\n", "whole\ntor" };
	static const char *const after[] = { "", "whole\n", "whole\ntor\n" };

	for (size_t i = 0; i < 3; i++) {
		char path[] = "/tmp/sigtrail-test-XXXXXX", got[PIPE_BUF] = "";
		int fd = mkstemp(path);
		struct buffer want = { 0 };
		struct sink *sink;

		ck_assert_int_eq(write(fd, before[i], strlen(before[i])),
				 strlen(before[i]));
		close(fd);
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
		ck_assert_int_eq(
			sink_stream_new(&sink, fd, SINK_STREAM_TEXT, QUEUE_BYTES), 0);
		ck_assert_int_eq(write_event(sink, 7), 0);
		ck_assert_int_eq(sink_flush(sink), 0);
		sink_free(sink);
		close(fd);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		ck_assert_int_gt(read(fd, got, sizeof(got) - 1), 0);
		close(fd);
		unlink(path);
		buffer_add_string(&want, after[i]);
		buffer_add_string(&want, expected(7));
		ck_assert_str_eq(got, want.data);
		buffer_free(&want);
	}
}
END_TEST

SUITE("sink_stream", stream_never_blocks_on_a_pipe_and_cuts_no_line,
      stream_never_blocks_on_a_socket_and_cuts_no_line,
      stream_never_blocks_on_a_terminal_and_cuts_no_line,
      stream_never_blocks_on_a_pipe_that_it_may_not_open,
      stream_writes_each_line_at_the_next_flush,
      stream_begins_a_line_of_its_own_where_another_was_torn,
      stream_says_epipe_when_the_reader_is_gone,
      stream_says_epipe_when_nobody_reads_a_fifo,
      stream_says_epipe_when_the_terminal_is_hung_up,
      stream_goes_on_in_a_new_file_after_rotation, stream_waits_when_the_disk_is_full,
      stream_puts_a_line_cut_by_a_full_disk_whole_into_the_new_file)
