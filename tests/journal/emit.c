/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes sample events through sink_journal as tests/journal/run tells it on standard
 * input, a command a line, and answers each with a line of numbers. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "io/sink_journal.h"

#define QUEUE_BYTES (8 * 1024 * 1024)
#define LARGE_BYTES (300 * 1024)
#define FIELDS_MAX  128
#define TIME	    1795300047191000

static char large[LARGE_BYTES];

static void set_signal(struct signal_event *ev, int64_t serial)
{
	size_t n;

	event_init(ev, EVENT_SIGNAL, TIME);
	ev->serial = serial;
	ev->call = sigcall_table(&n);
	ev->arch = sigarch_of_name("x86_64");
	ev->result = 0;
	ev->signo = SIGTERM;
	ev->scope = SCOPE_PROCESS;
	ev->argument = 684;
	ev->targets = 1;
	ev->index = 1;
	ev->has_target = true;
	ev->sender.pid = 4312;
	ev->sender.uid = 0;
	ev->sender.auid = NUMBER_NULL;
	ev->sender.comm = "pkill";
	ev->sender.exe = "/usr/bin/pkill";
	ev->sender.cmdline = (struct bytes){ "pkill\0-f\0java -jar\0", 19 };
	ev->sender.unit = "cron.service";
	ev->target.pid = 684;
	ev->target.comm = "java";
	ev->target.exe = "/usr/bin/java";
	ev->target.unit = "tomcat.service";
	ev->target.slice = "system.slice";
}

static void set_hostile(struct signal_event *ev)
{
	set_signal(ev, 2);
	ev->sender.comm = "a\nMESSAGE=forged";
	ev->sender.thread = "\033[2J\xff\xc2\x9b";
	ev->sender.exe = "/tmp/x to init[1]\n\n";
	ev->sender.cmdline = (struct bytes){ "it's\0\n\0\0\xe2\x80\xae", 11 };
	ev->sender.tty = "";
	ev->target.comm = "=";
	ev->target.unit = "user@1000.service";
	ev->target.user_unit = "app.service";
	ev->notes[ev->n_notes++] = "thread-target";
	ev->notes[ev->n_notes++] = "escalation";
	ev->argument = NUMBER_NULL;
}

static int set_event(struct signal_event *ev, const char *name)
{
	event_init(ev, EVENT_SIGNAL, TIME);
	if (strcmp(name, "signal") == 0) {
		set_signal(ev, 1);
	} else if (strcmp(name, "hostile") == 0) {
		set_hostile(ev);
	} else if (strcmp(name, "repeated") == 0) {
		set_signal(ev, 3);
		ev->repeated = 480;
		ev->since_usec = TIME - 10000000;
	} else if (strcmp(name, "large") == 0) {
		set_signal(ev, 4);
		ev->sender.cmdline = (struct bytes){ large, sizeof(large) };
	} else if (strcmp(name, "died") == 0) {
		event_init(ev, EVENT_DEATH, TIME);
		ev->has_target = true;
		ev->serial = 5;
		ev->signo = SIGSEGV;
		ev->reason = "core dump";
		ev->target.pid = 12;
		ev->target.unit = "vsftpd.service";
	} else if (strcmp(name, "started") == 0) {
		event_init_trail(ev, TRAIL_STARTED, TIME);
	} else if (strcmp(name, "stopped") == 0) {
		event_init_trail(ev, TRAIL_STOPPED, TIME);
	} else if (strcmp(name, "rules") == 0) {
		event_init_trail(ev, TRAIL_RULES, TIME);
		ev->trail.cause = CAUSE_RULES_SHADOWED;
		ev->trail.since_usec = TIME - 2000000;
		ev->trail.by.comm = "x\x1b[31m";
		ev->trail.detail = "rule 1 of auditctl -l, key \x1b";
	} else if (strcmp(name, "incomplete") == 0) {
		event_init_trail(ev, TRAIL_INCOMPLETE, TIME);
		ev->trail.cause = CAUSE_SOCKET_OVERRUN;
		ev->trail.of = OF_EVENTS;
		ev->trail.lost = 12;
		ev->trail.since_usec = TIME - 2000000;
		ev->trail.until_usec = TIME - 1000000;
	} else {
		return -EINVAL;
	}
	return 0;
}

static int64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

/* How often this process has slept. */
static long waits(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw;
}

/* n events with the serials from first on; how often that slept. */
static long write_many(struct sink *sink, int64_t first, int64_t n)
{
	struct signal_event ev;
	long before = waits();

	for (int64_t i = 0; i < n; i++) {
		set_signal(&ev, first + i);
		sink_write(sink, &ev);
		sink_flush(sink);
	}
	return waits() - before;
}

/* As the daemon does: when the socket is writable, or after a while where there is none.
 */
static int drain(struct sink *sink, int64_t timeout_usec)
{
	int64_t deadline = now_usec() + timeout_usec;
	int r;

	while ((r = sink_flush(sink)) == -EAGAIN && now_usec() < deadline) {
		struct pollfd p = { .fd = sink->fd, .events = POLLOUT };

		poll(&p, sink->fd >= 0 ? 1 : 0, 100);
	}
	return r;
}

/* Splits an entry of the native protocol into what sd_journal_sendv() takes. The strings
 * are never freed: this program ends soon. */
static int split(const char *entry, size_t size, struct iovec *iov)
{
	const char *p = entry;
	int n = 0;

	while (p < entry + size && n < FIELDS_MAX) {
		const char *eol = memchr(p, '\n', entry + size - p);
		uint64_t len = eol - p;
		char *field;

		if (memchr(p, '=', len)) {
			field = malloc(len);
			memcpy(field, p, len);
			iov[n++] = (struct iovec){ field, len };
			p = eol + 1;
			continue;
		}
		memcpy(&len, eol + 1, sizeof(len));
		len = le64toh(len);
		field = malloc(eol - p + 1 + len);
		memcpy(field, p, eol - p);
		field[eol - p] = '=';
		memcpy(field + (eol - p) + 1, eol + 9, len);
		iov[n++] = (struct iovec){ field, eol - p + 1 + len };
		p = eol + 9 + len + 1;
	}
	return n;
}

/* Sends what the sink would, but by sd_journal_sendv(). */
static int send_by_library(const struct signal_event *ev)
{
	static char entry[64 * 1024];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct iovec iov[FIELDS_MAX];
	struct sink *sink;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ssize_t len;
	int r;

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/sigtrail-emit-%d",
		 getpid());
	unlink(address.sun_path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	r = sink_journal_new(&sink, address.sun_path, QUEUE_BYTES);
	if (r == 0)
		r = sink_write(sink, ev);
	if (r == 0)
		r = sink_flush(sink);
	len = recv(fd, entry, sizeof(entry), MSG_DONTWAIT);
	if (r == 0 && len > 0)
		r = sd_journal_sendv(iov, split(entry, len, iov));
	sink_free(sink);
	unlink(address.sun_path);
	close(fd);
	return r;
}

static int run(struct sink *sink, const char *command, long *slept)
{
	struct signal_event ev;
	char name[32];
	long long first;
	long long n;

	if (sscanf(command, "event %31s", name) == 1) {
		int r = set_event(&ev, name);

		return r < 0 ? r : sink_write(sink, &ev);
	}
	if (sscanf(command, "library %31s", name) == 1) {
		int r = set_event(&ev, name);

		return r < 0 ? r : send_by_library(&ev);
	}
	if (sscanf(command, "many %lld %lld", &first, &n) == 2) {
		*slept = write_many(sink, first, n);
		return 0;
	}
	if (sscanf(command, "drain %lld", &n) == 1)
		return drain(sink, n * 1000);
	if (strcmp(command, "flush") == 0)
		return sink_flush(sink);
	return -EINVAL;
}

int main(void)
{
	struct sink *sink;
	char command[128];

	memset(large, 'a', sizeof(large));
	if (sink_journal_new(&sink, SINK_JOURNAL_SOCKET, QUEUE_BYTES) < 0)
		return 1;
	while (fgets(command, sizeof(command), stdin)) {
		long slept = 0;
		int r;

		command[strcspn(command, "\n")] = '\0';
		r = run(sink, command, &slept);
		printf("%d %llu %llu %llu %d %ld\n", r, (unsigned long long)sink->written,
		       (unsigned long long)sink->lost, (unsigned long long)sink->failed,
		       sink->fd >= 0, slept);
		fflush(stdout);
	}
	sink_free(sink);
	return 0;
}
