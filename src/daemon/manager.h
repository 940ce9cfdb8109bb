/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* manager: tells the service manager how it goes (sd_notify(3)), without ever waiting for
 * it: libsystemd's own function blocks when the manager doesn't read. */
#pragma once

#include <systemd/sd-event.h>

/* Sends assignments such as "READY=1", printf-style. Does nothing without $NOTIFY_SOCKET;
 * what the manager has no room for is dropped. */
void manager_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with a descriptor, of which the manager gets a copy. 0, or -errno; -ENOTCONN
 * without $NOTIFY_SOCKET. */
int manager_notify_fd(int fd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Calls handler, who is to call manager_feed() with that timer, each 2/3 of the time of
 * the manager's watchdog (WatchdogSec=) for as long as the loop runs. 0, also where there
 * is none, or -errno. */
int manager_watch(sd_event *loop, sd_event_time_handler_t handler, void *userdata);
int manager_feed(sd_event_source *timer);
