/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakeproc: a directory that looks like /proc, made of plain files. */
#pragma once

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fakeproc {
	char path[64];
	int fd;
};

static inline void fakeproc_new(struct fakeproc *f)
{
	strcpy(f->path, "/tmp/fakeproc-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f->path));
	f->fd = open(f->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(f->fd, 0);
}

static inline void fakeproc_free(struct fakeproc *f)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", f->path);
	ck_assert_int_eq(system(command), 0);
	close(f->fd);
}

/* Writes len bytes to the file name of the process, which is made if it isn't there. */
static inline void fakeproc_write(struct fakeproc *f, int pid, const char *name,
				  const void *data, size_t len)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%d", pid);
	mkdirat(f->fd, path, 0700);
	snprintf(path, sizeof(path), "%d/%s", pid, name);
	fd = openat(f->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
	close(fd);
}

static inline void fakeproc_text(struct fakeproc *f, int pid, const char *name,
				 const char *text)
{
	fakeproc_write(f, pid, name, text, strlen(text));
}

static inline void fakeproc_remove(struct fakeproc *f, int pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	unlinkat(f->fd, path, 0);
}

static inline void fakeproc_exe(struct fakeproc *f, int pid, const char *target)
{
	char path[64];

	fakeproc_remove(f, pid, "exe");
	snprintf(path, sizeof(path), "%d/exe", pid);
	ck_assert_int_eq(symlinkat(target, f->fd, path), 0);
}

/* stat of a process; image: where its stack begins, 0 without memory. */
static inline void fakeproc_stat(struct fakeproc *f, int pid, const char *comm,
				 char state, unsigned long long start_ticks,
				 unsigned long image)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "%d (%s) %c 77 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 %llu 0 0 0 %lu "
		 "%lu %lu 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 pid, comm, state, start_ticks, image, image, image);
	fakeproc_text(f, pid, "stat", text);
}

#define FAKEPROC_CGROUP "0::/system.slice/tomcat.service\n"

/* A process that started 5 s after boot, in the host's pid namespace. */
static inline void fakeproc_process(struct fakeproc *f, int pid, const char *comm,
				    const char *exe)
{
	char status[64];

	snprintf(status, sizeof(status), "Name:\t%s\nNSpid:\t%d\n", comm, pid);
	fakeproc_stat(f, pid, comm, 'S', 500, 0x7000);
	fakeproc_exe(f, pid, exe);
	fakeproc_text(f, pid, "cgroup", FAKEPROC_CGROUP);
	fakeproc_write(f, pid, "cmdline", "java\0-jar", 9);
	fakeproc_text(f, pid, "status", status);
}
