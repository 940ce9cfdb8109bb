/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/handover.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/manager.h"

static void forget(enum keep_what what)
{
	manager_notify("FDSTOREREMOVE=1\nFDNAME=%s", keep_name(what));
}

void handover_forget(void)
{
	for (int i = 0; i < KEEP_COUNT; i++)
		forget((enum keep_what)i);
}

bool handover_store(struct keep *keep, const struct recorder *recorder)
{
	int fds[KEEP_COUNT];
	bool stored = true;

	if (!keep || !recorder_keeps(recorder, fds))
		return false;
	for (int i = 0; i < KEEP_COUNT; i++) {
		if (keep_was_left(keep, (enum keep_what)i, fds[i]))
			forget((enum keep_what)i);
		/* What it has already the manager doesn't take twice. Without FDPOLL=0 it
		 * closes a socket that has overrun. */
		if (fds[i] >= 0 &&
		    manager_notify_fd(fds[i], "FDSTORE=1\nFDPOLL=0\nFDNAME=%s",
				      keep_name(i)) < 0)
			stored = false;
	}
	return stored;
}

char *handover_program(void)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len < 0)
		return NULL;
	path[len] = '\0';
	return strdup(path);
}

int handover_exec(struct keep *keep, const struct recorder *recorder, const char *program,
		  char **argv)
{
	int fds[KEEP_COUNT], r;

	if (!recorder_keeps(recorder, fds))
		return -EOPNOTSUPP;
	r = keep_hand_on(keep, fds);
	if (r < 0)
		return r;
	execv(program, argv);
	r = -errno;
	keep_hold_back(keep, fds);
	return r;
}
