/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "PID/status" and the like. */
#define PATH_SIZE 32
/* 52 numbers of at most 20 digits, and the name. */
#define STAT_SIZE 2048
/* Room for some 1,400 supplementary groups in status, before its NSpid line; for 14
 * hierarchies with paths of 1 KiB in cgroup. */
#define TEXT_SIZE 16384

static void make_path(char path[PATH_SIZE], pid_t pid, const char *name)
{
	snprintf(path, PATH_SIZE, "%d/%s", (int)pid, name);
}

/* Reads the beginning of a file of a process, at most size bytes: how many, or -errno. */
static ssize_t read_file(int proc_fd, pid_t pid, const char *name, char *text,
			 size_t size)
{
	char path[PATH_SIZE];
	ssize_t n, len = 0;
	int fd;

	make_path(path, pid, name);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	do {
		n = read(fd, text + len, size - len);
		if (n > 0)
			len += n;
	} while ((n < 0 && errno == EINTR) || (n > 0 && (size_t)len < size));
	if (n < 0)
		len = -errno;
	close(fd);
	return len;
}

int procfs_stat(int proc_fd, pid_t pid, struct proc_stat *stat)
{
	char text[STAT_SIZE];
	ssize_t n = read_file(proc_fd, pid, "stat", text, sizeof(text));

	return n < 0 ? (int)n : procparse_stat(text, n, stat);
}

int procfs_cgroup(int proc_fd, pid_t pid, struct cgroup_place *place)
{
	char text[TEXT_SIZE];
	const char *end;
	ssize_t n = read_file(proc_fd, pid, "cgroup", text, sizeof(text));

	if (n < 0)
		return (int)n;
	if ((size_t)n == sizeof(text)) {
		/* A line that was cut would give a wrong name. */
		end = memrchr(text, '\n', n);
		n = end ? end - text : 0;
	}
	cgroup_parse(text, n, place);
	return 0;
}

int procfs_nspid(int proc_fd, pid_t pid, int *depth, int64_t *innermost)
{
	char text[TEXT_SIZE];
	ssize_t n = read_file(proc_fd, pid, "status", text, sizeof(text));

	return n < 0 ? (int)n : procparse_nspid(text, n, depth, innermost);
}

ssize_t procfs_exe(int proc_fd, pid_t pid, char *text, size_t size)
{
	char path[PATH_SIZE];
	ssize_t n;

	make_path(path, pid, "exe");
	n = readlinkat(proc_fd, path, text, size);
	if (n < 0)
		return -errno;
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	text[n] = '\0';
	return n;
}

ssize_t procfs_cmdline(int proc_fd, pid_t pid, char text[PROCFS_CMDLINE_MAX], bool *cut)
{
	char more[PROCFS_CMDLINE_MAX + 1];
	ssize_t n = read_file(proc_fd, pid, "cmdline", more, sizeof(more));
	size_t len, kept;

	if (n < 0)
		return n;
	len = n > PROCFS_CMDLINE_MAX ? PROCFS_CMDLINE_MAX : n;
	kept = procparse_cmdline_len(more, len);
	*cut = n > PROCFS_CMDLINE_MAX && kept == len;
	memcpy(text, more, kept);
	return kept;
}
