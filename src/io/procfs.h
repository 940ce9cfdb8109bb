/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* procfs: reads the files of one process in /proc. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/cgroup.h"
#include "core/procparse.h"

/* TASK_COMM_LEN of the kernel; the names of its own threads are longer, and cut. */
#define PROCFS_COMM_SIZE 16
/* Room for 14 hierarchies with paths of 1 KiB. */
#define PROCFS_CGROUP_MAX 16384
/* The command line that is kept of a process; more of it is cut. */
#define PROCFS_CMDLINE_MAX 1024

/* Opens /proc/PID below proc_fd: what is read with that descriptor as proc_fd and pid 0
 * is of this one process, whoever gets its number next. The descriptor, or -errno. */
int procfs_open(int proc_fd, pid_t pid);

/* The same of a thread that isn't the main one: where that has ended, the others show
 * what the process runs. -ENOENT: there is none. */
int procfs_open_thread(int proc_fd, pid_t pid);

/* Each reads one file of /proc/PID below proc_fd. 0, or -errno: -ENOENT or -ESRCH when
 * the process is gone, -EACCES, -EBADMSG. */
int procfs_stat(int proc_fd, pid_t pid, struct proc_stat *stat);
int procfs_thread_stat(int proc_fd, pid_t pid, pid_t tid, struct proc_stat *stat);
int procfs_cgroup(int proc_fd, pid_t pid, struct cgroup_place *place);
int procfs_comm(int proc_fd, pid_t pid, char comm[PROCFS_COMM_SIZE]);
int procfs_nspid(int proc_fd, pid_t pid, int *depth, int64_t *innermost);

/* Which thread of the process has this id in the pid namespace that is so deep (1: that
 * of /proc): its id in /proc. -ENOENT if there is none. Each thread that is looked at
 * takes one off *budget; -EBUSY when there is none left. */
int procfs_thread_of(int proc_fd, pid_t pid, int depth, int64_t id, int *budget);

/* The text of cgroup, whole lines. Its length, or -errno. */
ssize_t procfs_cgroup_text(int proc_fd, pid_t pid, char text[PROCFS_CGROUP_MAX]);

/* The link ns/pid, which names the pid namespace, with a NUL. Its length, or -errno. */
ssize_t procfs_namespace(int proc_fd, pid_t pid, char *text, size_t size);

/* The link exe into text, with a NUL, raw as the kernel gives it. Its length, or -errno
 * (-ENAMETOOLONG when it doesn't fit; -ENOENT also for kernel threads). */
ssize_t procfs_exe(int proc_fd, pid_t pid, char *text, size_t size);

/* The command line, at most PROCFS_CMDLINE_MAX bytes; *cut when there was more. Its
 * length (0: a zombie or kernel thread), or -errno. A title's padding is taken off. */
ssize_t procfs_cmdline(int proc_fd, pid_t pid, char text[PROCFS_CMDLINE_MAX], bool *cut);
