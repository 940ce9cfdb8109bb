/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/sink_journal.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/handed.h"
#include "core/message.h"
#include "suite.h"

#define QUEUE_BYTES (256 * 1024)

static char dir[64];
static char path[128];
static struct signal_event ev;
static char datagram[512 * 1024];

/* A socket where the journal's would be; nobody behind it reads but the test. */
static int listen_at_path(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (!dir[0]) {
		strcpy(dir, "/tmp/sigtrail-test-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(dir));
		snprintf(path, sizeof(path), "%s/socket", dir);
	}
	strcpy(address.sun_path, path);
	unlink(path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void stop_listening(int fd)
{
	close(fd);
	unlink(path);
	rmdir(dir);
}

static void set_event(int64_t serial)
{
	event_init(&ev, EVENT_SIGNAL, 1795300047191000);
	ev.serial = serial;
	ev.result = 0;
	ev.signo = SIGTERM;
	ev.scope = SCOPE_PROCESS;
	ev.argument = 6;
	ev.sender.comm = "x";
	ev.sender.pid = 5;
	ev.target.comm = "y";
	ev.target.pid = 6;
	ev.has_target = true;
}

static int write_event(struct sink *sink, int64_t serial)
{
	set_event(serial);
	return sink_write(sink, &ev);
}

/* The next datagram as text, in which "NAME\n<length><data>\n" is shown as
 * "NAME:<data>\n". */
static size_t receive(int fd, char *shown)
{
	ssize_t n = recv(fd, datagram, sizeof(datagram), 0);
	const char *p = datagram;
	char *out = shown;

	ck_assert_int_gt(n, 0);
	while (p < datagram + n) {
		const char *eol = memchr(p, '\n', datagram + n - p);
		uint64_t len;

		ck_assert_ptr_nonnull(eol);
		if (memchr(p, '=', eol - p)) {
			out = mempcpy(out, p, eol + 1 - p);
			p = eol + 1;
			continue;
		}
		memcpy(&len, eol + 1, sizeof(len));
		len = le64toh(len);
		ck_assert_uint_lt(len, (size_t)n);
		out = mempcpy(out, p, eol - p);
		*out++ = ':';
		out = mempcpy(out, eol + 9, len + 1);
		ck_assert_int_eq(eol[9 + len], '\n');
		p = eol + 9 + len + 1;
	}
	*out = '\0';
	return out - shown;
}

static int64_t receive_serial(int fd)
{
	static char shown[sizeof(datagram) + 1];

	receive(fd, shown);
	return atoll(strstr(shown, "SIGTRAIL_SERIAL=") + strlen("SIGTRAIL_SERIAL="));
}

static struct sink *open_sink(size_t queue_bytes)
{
	struct sink *sink;

	ck_assert_int_eq(sink_journal_new(&sink, path, queue_bytes), 0);
	return sink;
}

START_TEST(journal_entry_has_all_fields)
{
	static const struct ancestor ancestors[] = {
		{ 4, "cr\non", "/usr/sbin/cron", "cron.service" },
		{ 1, "systemd", NULL, NULL },
	};
	char shown[4096];
	int fd = listen_at_path();
	struct sink *sink = open_sink(QUEUE_BYTES);

	set_event(7);
	ev.sender.ancestry = (struct ancestry){ ancestors, 2 };
	ev.target.ancestry = (struct ancestry){ ancestors + 1, 1 };
	ev.argument = NUMBER_NULL;
	ev.notes[ev.n_notes++] = "escalation=1.0s";
	ev.notes[ev.n_notes++] = "self";
	ev.sender.auid = NUMBER_NULL;
	ev.sender.cmdline = (struct bytes){ "sh\0-c\0kill 6\0", 13 };
	ev.sender.cmdline_cut = true;
	ev.sender.unit = "cron.service";
	ev.target.unit = "user@1000.service";
	ev.target.user_unit = "app.service";
	ck_assert_int_eq(sink_write(sink, &ev), 0);
	ck_assert_int_eq(sink_flush(sink), 0);
	receive(fd, shown);
	ck_assert_str_eq(
		shown,
		"MESSAGE=SIGTERM from x[5] (cron.service) to y[6] (app.service), "
		"escalation=1.0s\n"
		"MESSAGE_ID=" MESSAGE_SIGNAL "\nPRIORITY=4\n"
		"SYSLOG_IDENTIFIER=sigtraild\nSIGTRAIL_TIME_USEC=1795300047191000\n"
		"SIGTRAIL_SERIAL=7\nSIGTRAIL_RESULT=success\nSIGTRAIL_SIGNO=15\n"
		"SIGTRAIL_SIGNAL=SIGTERM\nSIGTRAIL_SCOPE=process\n"
		"SIGTRAIL_ARGUMENT=\nSIGTRAIL_NOTES=escalation=1.0s\n"
		"SIGTRAIL_NOTES=self\nSENDER_PID=5\nSENDER_AUID=\nSENDER_COMM=x\n"
		"SENDER_CMDLINE=sh -c 'kill 6'\nSENDER_CMDLINE_CUT=true\n"
		"SENDER_UNIT=cron.service\n"
		"SENDER_ANCESTRY=x[5] < cr\\x0aon[4] < systemd[1]\n"
		"SENDER_ANCESTRY_JSON=[{\"pid\":4,\"comm\":\"cr\\\\x0aon\",\"exe\":"
		"\"/usr/sbin/cron\",\"unit\":\"cron.service\"},{\"pid\":1,\"comm\":"
		"\"systemd\"}]\n"
		"TARGET_PID=6\nTARGET_COMM=y\n"
		"TARGET_UNIT=user@1000.service\nTARGET_USER_UNIT=app.service\n"
		"TARGET_ANCESTRY=y[6] < systemd[1]\n"
		"TARGET_ANCESTRY_JSON=[{\"pid\":1,\"comm\":\"systemd\"}]\n"
		"OBJECT_SYSTEMD_UNIT=user@1000.service\n"
		"OBJECT_SYSTEMD_USER_UNIT=app.service\n");
	ck_assert_uint_eq(sink->written, 1);
	sink_free(sink);
	stop_listening(fd);
}
END_TEST

START_TEST(journal_entry_keeps_raw_bytes_and_escapes_the_message)
{
	char shown[4096];
	int fd = listen_at_path();
	struct sink *sink = open_sink(QUEUE_BYTES);

	set_event(7);
	ev.sender.comm = "a\nTARGET_UNIT=b";
	ev.sender.exe = "/\033\xff\\=";
	ev.target.comm = "";
	ck_assert_int_eq(sink_write(sink, &ev), 0);
	ck_assert_int_eq(sink_flush(sink), 0);
	receive(fd, shown);
	ck_assert_ptr_nonnull(strstr(shown, "MESSAGE=SIGTERM from a\\x0aTARGET_UNIT=b[5] "
					    "(/\\x1b\\xff\\x5c=) to \"\"[6]\n"));
	ck_assert_ptr_nonnull(strstr(shown, "\nSENDER_COMM:a\nTARGET_UNIT=b\n"));
	ck_assert_ptr_nonnull(strstr(shown, "\nSENDER_EXE=/\033\xff\\=\n"));
	ck_assert_ptr_nonnull(strstr(shown, "\nTARGET_COMM=\n"));
	sink_free(sink);
	stop_listening(fd);
}
END_TEST

START_TEST(journal_entry_without_target_names_no_object)
{
	char shown[4096];
	int fd = listen_at_path();
	struct sink *sink = open_sink(QUEUE_BYTES);

	set_event(7);
	ev.has_target = false;
	ev.target.unit = "a.service";
	ck_assert_int_eq(sink_write(sink, &ev), 0);
	ck_assert_int_eq(sink_flush(sink), 0);
	receive(fd, shown);
	ck_assert_ptr_null(strstr(shown, "OBJECT_"));
	ck_assert_ptr_null(strstr(shown, "TARGET_"));
	sink_free(sink);
	stop_listening(fd);
}
END_TEST

START_TEST(journal_that_does_not_read_never_blocks_and_loses_only_what_is_counted)
{
	int fd = listen_at_path();
	struct sink *sink = open_sink(QUEUE_BYTES);
	int64_t n = 0;
	int64_t got = 0;
	int r;

	while (write_event(sink, n) == 0) {
		r = sink_flush(sink);
		ck_assert(r == 0 || r == -EAGAIN);
		n++;
	}
	ck_assert_int_gt(n, 100);
	ck_assert_uint_eq(sink->lost, 1);
	do {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		while (poll(&p, 1, 0) > 0)
			ck_assert_int_eq(receive_serial(fd), got++);
		p = (struct pollfd){ .fd = sink->fd, .events = POLLOUT };
		ck_assert_int_eq(poll(&p, 1, 5000), 1);
		r = sink_flush(sink);
		ck_assert(r == 0 || r == -EAGAIN);
	} while (r == -EAGAIN);
	for (; got < n; got++)
		ck_assert_int_eq(receive_serial(fd), got);
	ck_assert_uint_eq(sink->written, n);
	ck_assert_int_eq(recv(fd, datagram, sizeof(datagram), 0), -1);
	sink_free(sink);
	stop_listening(fd);
}
END_TEST

START_TEST(journal_that_was_away_gets_what_waited)
{
	int fd = listen_at_path();
	struct sink *sink;

	close(fd);
	unlink(path);
	ck_assert(!sink_journal_listens(path));
	sink = open_sink(QUEUE_BYTES);
	ck_assert_int_eq(write_event(sink, 1), 0);
	ck_assert_int_eq(sink_flush(sink), -EAGAIN); /* ENOENT */
	ck_assert_int_eq(sink->fd, -1);
	fd = listen_at_path();
	close(fd);
	ck_assert(!sink_journal_listens(path));
	ck_assert_int_eq(sink_flush(sink), -EAGAIN); /* ECONNREFUSED */
	fd = listen_at_path();
	ck_assert(sink_journal_listens(path));
	ck_assert_int_eq(write_event(sink, 2), 0);
	ck_assert_int_eq(sink_flush(sink), 0);
	ck_assert_int_eq(receive_serial(fd), 1);
	ck_assert_int_eq(receive_serial(fd), 2);
	/* Another one took its place, while we are connected. */
	close(fd);
	fd = listen_at_path();
	ck_assert_int_eq(write_event(sink, 3), 0);
	ck_assert_int_eq(sink_flush(sink), 0);
	ck_assert_int_eq(receive_serial(fd), 3);
	ck_assert_uint_eq(sink->lost + sink->failed, 0);
	sink_free(sink);
	stop_listening(fd);
}
END_TEST

START_TEST(journal_gets_a_sealed_file_of_what_is_too_large_for_a_datagram)
{
	static char large[300 * 1024];
	static char content[sizeof(large) + 4096];
	char control[CMSG_SPACE(sizeof(int))];
	struct msghdr message = { .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd = listen_at_path();
	struct sink *sink = open_sink(1024 * 1024);
	int memfd;
	ssize_t n;

	memset(large, 'a', sizeof(large));
	set_event(1);
	ev.sender.cmdline = (struct bytes){ large, sizeof(large) };
	ck_assert_int_eq(sink_write(sink, &ev), 0);
	ck_assert_int_eq(write_event(sink, 2), 0);
	ck_assert_int_eq(sink_flush(sink), 0);
	ck_assert_int_eq(recvmsg(fd, &message, 0), 0);
	ck_assert_ptr_nonnull(CMSG_FIRSTHDR(&message));
	memcpy(&memfd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(memfd));
	ck_assert_int_eq(fcntl(memfd, F_GET_SEALS),
			 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	n = pread(memfd, content, sizeof(content) - 1, 0);
	ck_assert_int_gt(n, sizeof(large));
	ck_assert_int_eq(strncmp(content, "MESSAGE=SIGTERM", 15), 0);
	ck_assert_ptr_nonnull(memmem(content, n, large, sizeof(large)));
	close(memfd);
	ck_assert_int_eq(receive_serial(fd), 2);
	ck_assert_uint_eq(sink->written, 2);
	sink_free(sink);
	stop_listening(fd);
}
END_TEST

START_TEST(journal_path_that_is_too_long_is_refused)
{
	struct sink *sink = NULL;
	char large[200];

	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	ck_assert_int_eq(sink_journal_new(&sink, large, QUEUE_BYTES), -ENAMETOOLONG);
	ck_assert_ptr_null(sink);
	ck_assert(!sink_journal_listens(large));
}
END_TEST

START_TEST(sink_journal_numbers_what_it_took_if_asked)
{
	static char shown[sizeof(datagram) + 1];
	char expected[128];
	int fd = listen_at_path();
	struct sink *sink = open_sink(QUEUE_BYTES);

	ck_assert_str_eq(sink_journal_run(sink), "");
	ck_assert_int_eq(write_event(sink, 1), 0);
	ck_assert_int_eq(sink_journal_number(sink), 0);
	ck_assert_uint_eq(strlen(sink_journal_run(sink)), 32);
	ck_assert_int_eq(write_event(sink, 2), 0);
	ck_assert_int_eq(write_event(sink, 3), 0);
	ck_assert_int_eq(sink_flush(sink), 0);
	receive(fd, shown);
	ck_assert_ptr_null(strstr(shown, "SIGTRAIL_RUN"));
	receive(fd, shown);
	receive(fd, shown);
	snprintf(expected, sizeof(expected), "\nSIGTRAIL_RUN=%s\nSIGTRAIL_ENTRY=2\n",
		 sink_journal_run(sink));
	ck_assert_ptr_nonnull(strstr(shown, expected));
	ck_assert_uint_eq(sink->handed->added, 2);
	sink_free(sink);
	stop_listening(fd);
}
END_TEST

SUITE("sink_journal", journal_entry_has_all_fields,
      journal_entry_keeps_raw_bytes_and_escapes_the_message,
      journal_entry_without_target_names_no_object,
      journal_that_does_not_read_never_blocks_and_loses_only_what_is_counted,
      journal_that_was_away_gets_what_waited,
      journal_gets_a_sealed_file_of_what_is_too_large_for_a_datagram,
      journal_path_that_is_too_long_is_refused,
      sink_journal_numbers_what_it_took_if_asked)
