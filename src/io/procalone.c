/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/procalone.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#include "core/process.h"
#include "io/procfs.h"

#define USEC_PER_SEC 1000000

/* Processes that are remembered; at least two, for the two ends of one event. */
#define PROCESSES_MAX 256
/* A process moves to another cgroup rarely, but without a trace. */
#define CGROUP_AGE_USEC USEC_PER_SEC
/* The stamp of a SYSCALL is up to a tick (10 ms) behind, and the start is in 10 ms steps.
 */
#define START_TOLERANCE_USEC 20000

/* What was read of one pid; known is false for one that isn't there. */
struct known_process {
	int64_t pid;
	uint64_t batch; /* that it was looked at in */
	bool known;
	struct proc_stat stat;
	int64_t cgroup_read_usec;
	struct cgroup_place place;
	char *exe;
	char *cmdline;
	struct process process; /* points into the above */
	UT_hash_handle hh;
	struct known_process *prev, *next;
};

struct procalone {
	int proc_fd;
	int64_t ticks_per_sec;
	uint64_t batch;
	int64_t realtime_usec;
	int64_t boottime_usec;
	struct known_process *by_pid;
	struct known_process *by_use; /* the one used last at the end */
};

static void forget_contents(struct known_process *k)
{
	free(k->exe);
	free(k->cmdline);
	k->exe = NULL;
	k->cmdline = NULL;
	k->known = false;
}

static void drop(struct procalone *alone, struct known_process *k)
{
	HASH_DEL(alone->by_pid, k);
	DL_DELETE(alone->by_use, k);
	forget_contents(k);
	free(k);
}

int procalone_new(struct procalone **alone, int proc_fd)
{
	struct procalone *new = calloc(1, sizeof(*new));
	long ticks = sysconf(_SC_CLK_TCK);

	if (!new)
		return -ENOMEM;
	new->proc_fd = proc_fd;
	new->ticks_per_sec = ticks > 0 ? ticks : 100;
	*alone = new;
	return 0;
}

struct procalone *procalone_free(struct procalone *alone)
{
	if (!alone)
		return NULL;
	while (alone->by_use)
		drop(alone, alone->by_use);
	free(alone);
	return NULL;
}

void procalone_begin_batch(struct procalone *alone, int64_t realtime_usec,
			   int64_t boottime_usec)
{
	alone->batch++;
	alone->realtime_usec = realtime_usec;
	alone->boottime_usec = boottime_usec;
}

static void read_exe(struct known_process *k, int proc_fd)
{
	char text[PATH_MAX + 1];

	if (procfs_exe(proc_fd, (pid_t)k->pid, text, sizeof(text)) > 0)
		k->exe = strdup(text);
}

static void read_cmdline(struct known_process *k, int proc_fd)
{
	struct process *p = &k->process;
	char text[PROCFS_CMDLINE_MAX];
	ssize_t n = procfs_cmdline(proc_fd, (pid_t)k->pid, text, &p->cmdline_cut);

	if (n <= 0)
		return;
	k->cmdline = malloc(n);
	if (!k->cmdline)
		return;
	memcpy(k->cmdline, text, n);
	p->cmdline = (struct bytes){ k->cmdline, n };
}

static void read_cgroup(struct procalone *alone, struct known_process *k)
{
	struct cgroup_place place;

	if (procfs_cgroup(alone->proc_fd, (pid_t)k->pid, &place) < 0)
		return;
	k->place = place;
	k->cgroup_read_usec = alone->boottime_usec;
}

static void read_namespace(struct known_process *k, int proc_fd)
{
	struct process *p = &k->process;
	int64_t innermost;
	int depth;

	if (procfs_nspid(proc_fd, (pid_t)k->pid, &depth, &innermost) < 0)
		return;
	p->host_namespace = depth == 1;
	p->namespace_depth = depth;
	if (innermost != k->pid)
		p->namespace_pid = innermost;
}

static const char *or_null(const char *name)
{
	return name[0] ? name : NULL;
}

/* Makes the process point to what was read. */
static void show(const struct procalone *alone, struct known_process *k)
{
	struct process *p = &k->process;
	uint64_t ticks = k->stat.start_ticks, hz = alone->ticks_per_sec;

	p->pid = k->pid;
	p->ppid = k->stat.ppid;
	p->start_usec =
		(int64_t)(ticks / hz * USEC_PER_SEC + ticks % hz * USEC_PER_SEC / hz);
	p->comm = k->stat.comm;
	p->exe = k->exe;
	p->unit = or_null(k->place.unit);
	p->user_unit = or_null(k->place.user_unit);
	p->slice = or_null(k->place.slice);
	p->container = or_null(k->place.container);
}

/* Is it still the process and the image that it was? One that is exiting has no memory
 * any more, and won't get another image either. */
static bool is_same(const struct proc_stat *was, const struct proc_stat *now)
{
	if (was->start_ticks != now->start_ticks || strcmp(was->comm, now->comm) != 0)
		return false;
	return now->exiting || now->image == was->image;
}

/* Reads a process. 0; -EAGAIN: it changed meanwhile; other -errno: it isn't there. */
static int read_once(struct procalone *alone, struct known_process *k)
{
	struct proc_stat after;
	int r;

	forget_contents(k);
	k->place = (struct cgroup_place){ 0 };
	k->process = (struct process){ .namespace_pid = NUMBER_ABSENT };
	r = procfs_stat(alone->proc_fd, (pid_t)k->pid, &k->stat);
	if (r < 0)
		return r;
	read_exe(k, alone->proc_fd);
	read_cgroup(alone, k);
	read_cmdline(k, alone->proc_fd);
	read_namespace(k, alone->proc_fd);
	/* Gone by now: what was read of it holds. */
	r = procfs_stat(alone->proc_fd, (pid_t)k->pid, &after);
	if (r == 0 && !is_same(&k->stat, &after))
		return -EAGAIN;
	k->known = true;
	show(alone, k);
	return 0;
}

static void read_anew(struct procalone *alone, struct known_process *k)
{
	if (read_once(alone, k) == -EAGAIN && read_once(alone, k) < 0)
		forget_contents(k);
}

/* Keeps what is known where the process is still the same, else reads it anew. */
static void check_again(struct procalone *alone, struct known_process *k)
{
	struct proc_stat now;
	int r;

	if (!k->known) {
		read_anew(alone, k);
		return;
	}
	r = procfs_stat(alone->proc_fd, (pid_t)k->pid, &now);
	if (r < 0) {
		forget_contents(k);
		return;
	}
	/* A hidden image may have been replaced without our seeing it. */
	if (!is_same(&k->stat, &now) ||
	    (now.image == PROC_IMAGE_HIDDEN && !now.exiting)) {
		read_anew(alone, k);
		return;
	}
	k->stat.ppid = now.ppid;
	/* cgroup v1 shows the root as the place of a process that is exiting. */
	if (!now.exiting && alone->boottime_usec - k->cgroup_read_usec > CGROUP_AGE_USEC)
		read_cgroup(alone, k);
	show(alone, k);
}

/* Makes room for a pid. NULL without memory. */
static struct known_process *add(struct procalone *alone, int64_t pid)
{
	struct known_process *k;

	if (HASH_COUNT(alone->by_pid) >= PROCESSES_MAX)
		drop(alone, alone->by_use);
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->pid = pid;
	HASH_ADD(hh, alone->by_pid, pid, sizeof(k->pid), k);
	if (!k->hh.tbl) {
		free(k);
		return NULL;
	}
	DL_APPEND(alone->by_use, k);
	return k;
}

/* The process that has this pid now, NULL if there is none. */
static struct known_process *look_up(struct procalone *alone, int64_t pid)
{
	struct known_process *k;

	HASH_FIND(hh, alone->by_pid, &pid, sizeof(pid), k);
	if (k) {
		DL_DELETE(alone->by_use, k);
		DL_APPEND(alone->by_use, k);
	} else {
		k = add(alone, pid);
		if (!k)
			return NULL;
	}
	if (k->batch != alone->batch) {
		check_again(alone, k);
		k->batch = alone->batch;
	}
	return k->known ? k : NULL;
}

const struct process *procalone_find(struct procalone *alone, int64_t pid,
				     int64_t time_usec)
{
	struct known_process *k;
	int64_t start;

	if (!number_known(pid) || pid <= 0 || pid > INT_MAX)
		return NULL;
	k = look_up(alone, pid);
	if (!k)
		return NULL;
	start = alone->realtime_usec - alone->boottime_usec + k->process.start_usec;
	return start <= time_usec + START_TOLERANCE_USEC ? &k->process : NULL;
}
