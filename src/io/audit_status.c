/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/audit_status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/bootline.h"
#include "io/audit_link.h"

int audit_status_open(struct reason *reason)
{
	struct audit_state state;
	int fd, r;

	fd = audit_link_open(reason);
	if (fd < 0)
		return fd;
	/* Anybody may open the socket: only an answer shows that we may use it. */
	r = audit_status_read(fd, &state, reason);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int audit_status_read(int fd, struct audit_state *state, struct reason *reason)
{
	static const char what[] = "read the state of the kernel's audit";
	struct audit_reply reply;
	struct audit_status status = { 0 };
	size_t len;
	int r;

	audit_link_drain(fd);
	r = audit_request_status(fd);
	if (r < 0)
		return audit_link_refused(r, what, reason);
	r = audit_link_reply(fd, r, &reply);
	if (r < 0)
		return audit_link_refused(r, what, reason);
	if (reply.type != AUDIT_GET)
		return audit_link_refused(-EPROTO, what, reason);
	/* An older kernel's has fewer members. */
	len = NLMSG_PAYLOAD(reply.nlh, 0);
	memcpy(&status, reply.status, len < sizeof(status) ? len : sizeof(status));
	*state = (struct audit_state){
		.enabled = status.enabled,
		.failure = status.failure,
		.pid = status.pid,
		.rate_limit = status.rate_limit,
		.backlog_limit = status.backlog_limit,
		.lost = status.lost,
		.backlog = status.backlog,
		.backlog_wait_time = status.backlog_wait_time,
	};
	return 0;
}

int audit_status_enable(int fd, uint32_t enabled, struct reason *reason)
{
	struct audit_state state;
	int r;

	audit_link_drain(fd);
	r = audit_set_enabled(fd, enabled);
	if (r < 0)
		return audit_link_refused(r, "switch auditing on or off", reason);
	r = audit_status_read(fd, &state, reason);
	if (r < 0)
		return r;
	if (state.enabled != enabled) {
		reason_set(reason,
			   "the kernel does not switch auditing %s; if it was booted "
			   "with audit=0, boot without it",
			   enabled ? "on" : "off");
		return -EPERM;
	}
	return 0;
}

int audit_status_set_backlog(int fd, uint32_t backlog_limit, struct reason *reason)
{
	int r;

	audit_link_drain(fd);
	r = audit_set_backlog_limit(fd, backlog_limit);
	if (r < 0)
		return audit_link_refused(r, "change the audit backlog limit", reason);
	return 0;
}

bool audit_status_since_boot(void)
{
	FILE *file = fopen("/proc/cmdline", "re");
	char line[4096];
	size_t len;

	if (!file)
		return false;
	len = fread(line, 1, sizeof(line), file);
	fclose(file);
	return bootline_audit(line, len) == BOOT_AUDIT_ON;
}
