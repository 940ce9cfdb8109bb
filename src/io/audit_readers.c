/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/audit_readers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static ssize_t read_sockets(struct audit_reader readers[AUDIT_READERS_MAX])
{
	const unsigned group = 1u << (AUDIT_NLGRP_READLOG - 1);
	FILE *file = fopen("/proc/net/netlink", "re");
	char line[256];
	ssize_t n = 0;

	if (!file)
		return -errno;
	while (n < AUDIT_READERS_MAX && fgets(line, sizeof(line), file)) {
		unsigned protocol, groups, drops;
		unsigned long inode;

		/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
		if (sscanf(line, "%*s %u %*d %x %*d %*d %*d %*d %u %lu", &protocol,
			   &groups, &drops, &inode) == 4 &&
		    protocol == NETLINK_AUDIT && (groups & group))
			readers[n++] =
				(struct audit_reader){ .inode = inode, .drops = drops };
	}
	fclose(file);
	return n;
}

/* Is it the link of one of the sockets? */
static void compare(const char *link, pid_t pid, struct audit_reader *readers, ssize_t n)
{
	unsigned long inode;

	if (sscanf(link, "socket:[%lu]", &inode) != 1)
		return;
	for (ssize_t i = 0; i < n; i++)
		if (readers[i].inode == inode && readers[i].pid <= 1)
			readers[i].pid = pid;
}

static void look_at_process(int proc_fd, const char *name, struct audit_reader *readers,
			    ssize_t n)
{
	struct dirent *entry;
	char path[64];
	DIR *fds;
	int fd;

	snprintf(path, sizeof(path), "%.16s/fd", name);
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds = fd < 0 ? NULL : fdopendir(fd);
	if (!fds && fd >= 0)
		close(fd);
	while (fds && (entry = readdir(fds))) {
		char link[64];
		ssize_t len =
			readlinkat(dirfd(fds), entry->d_name, link, sizeof(link) - 1);

		if (len <= 0)
			continue;
		link[len] = '\0';
		compare(link, atoi(name), readers, n);
	}
	if (fds)
		closedir(fds);
}

ssize_t audit_readers_find(struct audit_reader readers[AUDIT_READERS_MAX])
{
	ssize_t n = read_sockets(readers);
	struct dirent *entry;
	DIR *proc;

	if (n <= 0)
		return n;
	proc = opendir("/proc");
	while (proc && (entry = readdir(proc)))
		if (atoi(entry->d_name) > 0)
			look_at_process(dirfd(proc), entry->d_name, readers, n);
	if (proc)
		closedir(proc);
	return n;
}
