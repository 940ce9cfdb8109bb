/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/manager.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

static int send_text(int fd, const struct sockaddr_un *address, size_t len,
		     const char *text, int passed)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (char *)text, strlen(text) };
	struct msghdr message = {
		.msg_name = (struct sockaddr_un *)address,
		.msg_namelen = (socklen_t)len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	if (passed >= 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &passed, sizeof(passed));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	if (sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

static int notify(int passed, const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, r;

	if (!path || strlen(path) >= sizeof(address.sun_path))
		return -ENOTCONN;
	memcpy(address.sun_path, path, strlen(path));
	/* An abstract socket is written with an @. */
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = send_text(fd, &address, offsetof(struct sockaddr_un, sun_path) + strlen(path),
		      text, passed);
	close(fd);
	return r;
}

void manager_notify(const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)notify(-1, text);
}

int manager_notify_fd(int fd, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return notify(fd, text);
}

/* As late as libsystemd's own loop feeds it at times (between 1/2 and 3/4 of its time),
 * and of half a minute the third comes just before what is done each minute. */
static uint64_t feed_usec(uint64_t interval_usec)
{
	return interval_usec * 2 / 3 - interval_usec / 100;
}

int manager_feed(sd_event_source *timer)
{
	uint64_t interval;

	manager_notify("WATCHDOG=1");
	if (sd_watchdog_enabled(0, &interval) <= 0)
		return 0;
	/* Counted from now: a late turn isn't made up for. */
	return sd_event_source_set_time_relative(timer, feed_usec(interval));
}

int manager_watch(sd_event *loop, sd_event_time_handler_t handler, void *userdata)
{
	sd_event_source *timer;
	uint64_t interval;
	int r = sd_watchdog_enabled(0, &interval);

	if (r <= 0)
		return r;
	r = sd_event_add_time_relative(loop, &timer, CLOCK_MONOTONIC, feed_usec(interval),
				       0, handler, userdata);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(timer, SD_EVENT_ON);
	/* The loop keeps it. */
	if (r >= 0)
		r = sd_event_source_set_floating(timer, true);
	sd_event_source_unref(timer);
	return r;
}
