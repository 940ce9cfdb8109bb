/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "PID/task/TID/status" and the like. */
#define PATH_SIZE 48
/* 52 numbers of at most 20 digits, and the name. */
#define STAT_SIZE 2048
/* Room for some 1,400 supplementary groups in status, before its NSpid line. */
#define TEXT_SIZE 16384

static void make_path(char path[PATH_SIZE], pid_t pid, const char *name)
{
	if (pid)
		snprintf(path, PATH_SIZE, "%d/%s", (int)pid, name);
	else
		snprintf(path, PATH_SIZE, "%s", name);
}

/* Reads the beginning of a file of a process, at most size bytes: how many, or -errno. */
static ssize_t read_file(int proc_fd, pid_t pid, const char *name, char *text,
			 size_t size)
{
	char path[PATH_SIZE];
	ssize_t n, len;
	int fd;

	make_path(path, pid, name);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	/* These files give all that fits at once: a short read is the end. */
	do {
		n = read(fd, text, size);
	} while (n < 0 && errno == EINTR);
	len = n;
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

int procfs_thread_stat(int proc_fd, pid_t pid, pid_t tid, struct proc_stat *stat)
{
	char name[PATH_SIZE], text[STAT_SIZE];
	ssize_t n;

	snprintf(name, sizeof(name), "task/%d/stat", (int)tid);
	n = read_file(proc_fd, pid, name, text, sizeof(text));
	return n < 0 ? (int)n : procparse_stat(text, n, stat);
}

ssize_t procfs_cgroup_text(int proc_fd, pid_t pid, char text[PROCFS_CGROUP_MAX])
{
	const char *end;
	ssize_t n = read_file(proc_fd, pid, "cgroup", text, PROCFS_CGROUP_MAX);

	if (n == PROCFS_CGROUP_MAX) {
		/* A line that was cut would give a wrong name. */
		end = memrchr(text, '\n', n);
		n = end ? end - text : 0;
	}
	return n;
}

int procfs_cgroup(int proc_fd, pid_t pid, struct cgroup_place *place)
{
	char text[PROCFS_CGROUP_MAX];
	ssize_t n = procfs_cgroup_text(proc_fd, pid, text);

	if (n < 0)
		return (int)n;
	cgroup_parse(text, n, place);
	return 0;
}

int procfs_comm(int proc_fd, pid_t pid, char comm[PROCFS_COMM_SIZE])
{
	char text[64];
	ssize_t n = read_file(proc_fd, pid, "comm", text, sizeof(text));

	if (n <= 0)
		return n < 0 ? (int)n : -EBADMSG;
	/* The name may hold newlines; the last one ends the file. */
	if (text[n - 1] == '\n')
		n--;
	if (n >= PROCFS_COMM_SIZE)
		n = PROCFS_COMM_SIZE - 1;
	memcpy(comm, text, n);
	comm[n] = '\0';
	return 0;
}

int procfs_nspid(int proc_fd, pid_t pid, int *depth, int64_t *innermost)
{
	char text[TEXT_SIZE];
	ssize_t n = read_file(proc_fd, pid, "status", text, sizeof(text));

	return n < 0 ? (int)n : procparse_nspid(text, n, depth, innermost);
}

/* Does this thread (a name in PID/task) have the id there? */
static bool has_id(int proc_fd, pid_t pid, const char *tid, int depth, int64_t id)
{
	char name[PATH_SIZE], text[TEXT_SIZE];
	int64_t found;
	ssize_t n;

	snprintf(name, sizeof(name), "task/%.10s/status", tid);
	n = read_file(proc_fd, pid, name, text, sizeof(text));
	return n > 0 && procparse_nspid_at(text, n, depth, &found) == 0 && found == id;
}

int procfs_thread_of(int proc_fd, pid_t pid, int depth, int64_t id, int *budget)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	int fd, r = -ENOENT;
	DIR *dir;

	make_path(path, pid, "task");
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		r = -errno;
		close(fd);
		return r;
	}
	while (r == -ENOENT && (entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		if (*budget <= 0)
			r = -EBUSY;
		else if (has_id(proc_fd, pid, entry->d_name, depth, id))
			r = atoi(entry->d_name);
		(*budget)--;
	}
	closedir(dir);
	return r;
}

static ssize_t read_link(int proc_fd, pid_t pid, const char *name, char *text,
			 size_t size)
{
	char path[PATH_SIZE];
	ssize_t n;

	make_path(path, pid, name);
	n = readlinkat(proc_fd, path, text, size);
	if (n < 0)
		return -errno;
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	text[n] = '\0';
	return n;
}

ssize_t procfs_exe(int proc_fd, pid_t pid, char *text, size_t size)
{
	return read_link(proc_fd, pid, "exe", text, size);
}

ssize_t procfs_namespace(int proc_fd, pid_t pid, char *text, size_t size)
{
	return read_link(proc_fd, pid, "ns/pid", text, size);
}

int procfs_open(int proc_fd, pid_t pid)
{
	char path[PATH_SIZE];
	int fd;

	snprintf(path, sizeof(path), "%d", (int)pid);
	fd = openat(proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int procfs_open_thread(int proc_fd, pid_t pid)
{
	char path[PATH_SIZE];
	const struct dirent *entry;
	int fd, r = -ENOENT;
	DIR *dir;

	make_path(path, pid, "task");
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		r = -errno;
		close(fd);
		return r;
	}
	while (r == -ENOENT && (entry = readdir(dir))) {
		int tid = atoi(entry->d_name);

		if (tid > 0 && tid != pid)
			r = procfs_open(dirfd(dir), tid);
	}
	closedir(dir);
	return r;
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
