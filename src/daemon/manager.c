/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/manager.h"

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

void manager_notify(const char *format, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char text[1024];
	va_list args;
	int fd;

	if (!path || strlen(path) >= sizeof(address.sun_path))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	memcpy(address.sun_path, path, strlen(path));
	/* An abstract socket is written with an @. */
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
		     (struct sockaddr *)&address,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
	close(fd);
}

static int on_watchdog(sd_event_source *source, uint64_t usec, void *userdata)
{
	uint64_t interval;

	manager_notify("WATCHDOG=1");
	if (sd_watchdog_enabled(0, &interval) <= 0)
		return 0;
	/* Counted from now: a late turn isn't made up for. */
	return sd_event_source_set_time_relative(source, interval / 2);
}

int manager_watch(sd_event *loop)
{
	sd_event_source *timer;
	uint64_t interval;
	int r = sd_watchdog_enabled(0, &interval);

	if (r <= 0)
		return r;
	r = sd_event_add_time_relative(loop, &timer, CLOCK_MONOTONIC, interval / 2, 0,
				       on_watchdog, NULL);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(timer, SD_EVENT_ON);
	/* The loop keeps it. */
	if (r >= 0)
		r = sd_event_source_set_floating(timer, true);
	sd_event_source_unref(timer);
	return r;
}
