/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/audit_link.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>

#include "io/now.h"

#define REPLY_TIMEOUT_USEC 5000000
#define DRAIN_MAX	   100000
/* A thread of the kernel's sends the answer within some 20 us: a sleep until then, and
 * being woken up, would take longer. */
#define YIELD_USEC 50

int audit_link_open(struct reason *reason)
{
	int fd;

	/* Else it writes to syslog by itself. */
	set_aumessage_mode(MSG_QUIET, DBG_NO);
	fd = audit_open();
	if (fd < 0)
		return audit_link_refused(-errno, "open the kernel's audit", reason);
	return fd;
}

void audit_link_drain(int fd)
{
	struct audit_reply reply;

	for (int i = 0; i < DRAIN_MAX; i++)
		if (audit_get_reply(fd, &reply, GET_REPLY_NONBLOCKING, 0) == -EAGAIN)
			break;
}

/* 0 or -errno. */
static int wait_for_reply(int fd, int64_t end_usec)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int64_t begin_usec = now_mono_usec(), left_usec = end_usec - begin_usec;
	int r = poll(&pfd, 1, 0);

	/* On a busy host the first turn of another takes longer than that. */
	while (r == 0 && now_mono_usec() - begin_usec < YIELD_USEC) {
		sched_yield();
		r = poll(&pfd, 1, 0);
	}
	if (r == 0)
		r = poll(&pfd, 1, left_usec > 0 ? (int)(left_usec / 1000) : 0);
	if (r < 0 && errno != EINTR)
		return -errno;
	return r ? 0 : -ETIMEDOUT;
}

int audit_link_reply(int fd, int sequence, struct audit_reply *reply)
{
	int64_t end_usec = now_mono_usec() + REPLY_TIMEOUT_USEC;

	for (;;) {
		int r = wait_for_reply(fd, end_usec);

		if (r < 0)
			return r;
		r = audit_get_reply(fd, reply, GET_REPLY_NONBLOCKING, 0);
		/* -EINVAL: sent by another process, to disturb. */
		if (r == -EAGAIN || r == -EINVAL)
			continue;
		if (r < 0)
			return r;
		if (reply->nlh->nlmsg_seq != (uint32_t)sequence)
			continue;
		if (reply->type != NLMSG_ERROR)
			return 0;
		/* Number 0 is the acknowledgement, which may come before or after. */
		if (reply->error->error)
			return reply->error->error;
	}
}

int audit_link_refused(int error, const char *what, struct reason *reason)
{
	switch (error) {
	case -EPROTONOSUPPORT:
	case -EAFNOSUPPORT:
		reason_set(reason,
			   "can't %s: this kernel does not audit, it was built without "
			   "CONFIG_AUDIT or booted with audit=0; boot without audit=0",
			   what);
		break;
	case -ECONNREFUSED:
		reason_set(reason,
			   "can't %s from inside a container (a user namespace): "
			   "run it on the host itself",
			   what);
		break;
	case -EPERM:
	case -EACCES:
		if (audit_can_control())
			reason_set(reason,
				   "can't %s: the kernel refuses it; run it on the host "
				   "itself and not in a container, and see with auditctl "
				   "-s that audit is not locked (enabled 2)",
				   what);
		else
			reason_set(
				reason,
				"can't %s: must run as root or with CAP_AUDIT_CONTROL; "
				"try it with sudo",
				what);
		break;
	case -ETIMEDOUT:
		reason_set(reason, "can't %s: the kernel's audit does not answer", what);
		break;
	default:
		reason_set(reason, "can't %s: %s", what, strerror(-error));
		break;
	}
	return error;
}
