/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/identity.h"

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
/* /proc tells nothing about an event that long ago. */
#define EVENT_AGE_USEC (10 * USEC_PER_SEC)
/* The stamp of a SYSCALL is up to a tick (10 ms) behind, and the start is in 10 ms steps.
 */
#define START_TOLERANCE_USEC 20000
/* A container may send floods to threads, each to be looked for among the target's: no
 * more threads are looked at in a time. */
#define TRANSLATE_MAX  512
#define TRANSLATE_USEC (USEC_PER_SEC / 4)

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

struct identity {
	int proc_fd;
	int64_t ticks_per_sec;
	uint64_t batch;
	int64_t realtime_usec;
	int64_t boottime_usec;
	int translate_budget;	      /* threads that may still be looked at, */
	int64_t translate_since_usec; /* from then on */
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

static void drop(struct identity *identity, struct known_process *k)
{
	HASH_DEL(identity->by_pid, k);
	DL_DELETE(identity->by_use, k);
	forget_contents(k);
	free(k);
}

int identity_new(struct identity **identity, int proc_fd)
{
	struct identity *new = calloc(1, sizeof(*new));
	long ticks = sysconf(_SC_CLK_TCK);

	if (!new)
		return -ENOMEM;
	new->proc_fd = proc_fd;
	new->ticks_per_sec = ticks > 0 ? ticks : 100;
	new->translate_budget = TRANSLATE_MAX;
	*identity = new;
	return 0;
}

struct identity *identity_free(struct identity *identity)
{
	if (!identity)
		return NULL;
	while (identity->by_use)
		drop(identity, identity->by_use);
	free(identity);
	return NULL;
}

void identity_begin_batch(struct identity *identity, int64_t realtime_usec,
			  int64_t boottime_usec)
{
	identity->batch++;
	if (boottime_usec - identity->translate_since_usec >= TRANSLATE_USEC) {
		identity->translate_since_usec = boottime_usec;
		identity->translate_budget = TRANSLATE_MAX;
	}
	identity->realtime_usec = realtime_usec;
	identity->boottime_usec = boottime_usec;
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

static void read_cgroup(struct identity *identity, struct known_process *k)
{
	struct cgroup_place place;

	if (procfs_cgroup(identity->proc_fd, (pid_t)k->pid, &place) < 0)
		return;
	k->place = place;
	k->cgroup_read_usec = identity->boottime_usec;
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
static void show(const struct identity *identity, struct known_process *k)
{
	struct process *p = &k->process;
	uint64_t ticks = k->stat.start_ticks, hz = identity->ticks_per_sec;

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
static int read_once(struct identity *identity, struct known_process *k)
{
	struct proc_stat after;
	int r;

	forget_contents(k);
	k->place = (struct cgroup_place){ 0 };
	k->process = (struct process){ .namespace_pid = NUMBER_ABSENT };
	r = procfs_stat(identity->proc_fd, (pid_t)k->pid, &k->stat);
	if (r < 0)
		return r;
	read_exe(k, identity->proc_fd);
	read_cgroup(identity, k);
	read_cmdline(k, identity->proc_fd);
	read_namespace(k, identity->proc_fd);
	/* Gone by now: what was read of it holds. */
	r = procfs_stat(identity->proc_fd, (pid_t)k->pid, &after);
	if (r == 0 && !is_same(&k->stat, &after))
		return -EAGAIN;
	k->known = true;
	show(identity, k);
	return 0;
}

static void read_anew(struct identity *identity, struct known_process *k)
{
	if (read_once(identity, k) == -EAGAIN && read_once(identity, k) < 0)
		forget_contents(k);
}

/* Keeps what is known where the process is still the same, else reads it anew. */
static void check_again(struct identity *identity, struct known_process *k)
{
	struct proc_stat now;
	int r;

	if (!k->known) {
		read_anew(identity, k);
		return;
	}
	r = procfs_stat(identity->proc_fd, (pid_t)k->pid, &now);
	if (r < 0) {
		forget_contents(k);
		return;
	}
	/* A hidden image may have been replaced without our seeing it. */
	if (!is_same(&k->stat, &now) ||
	    (now.image == PROC_IMAGE_HIDDEN && !now.exiting)) {
		read_anew(identity, k);
		return;
	}
	k->stat.ppid = now.ppid;
	/* cgroup v1 shows the root as the place of a process that is exiting. */
	if (!now.exiting &&
	    identity->boottime_usec - k->cgroup_read_usec > CGROUP_AGE_USEC)
		read_cgroup(identity, k);
	show(identity, k);
}

/* Makes room for a pid. NULL without memory. */
static struct known_process *add(struct identity *identity, int64_t pid)
{
	struct known_process *k;

	if (HASH_COUNT(identity->by_pid) >= PROCESSES_MAX)
		drop(identity, identity->by_use);
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->pid = pid;
	HASH_ADD(hh, identity->by_pid, pid, sizeof(k->pid), k);
	if (!k->hh.tbl) {
		free(k);
		return NULL;
	}
	DL_APPEND(identity->by_use, k);
	return k;
}

/* The process that has this pid now, NULL if there is none. */
static struct known_process *look_up(struct identity *identity, int64_t pid)
{
	struct known_process *k;

	HASH_FIND(hh, identity->by_pid, &pid, sizeof(pid), k);
	if (k) {
		DL_DELETE(identity->by_use, k);
		DL_APPEND(identity->by_use, k);
	} else {
		k = add(identity, pid);
		if (!k)
			return NULL;
	}
	if (k->batch != identity->batch) {
		check_again(identity, k);
		k->batch = identity->batch;
	}
	return k->known ? k : NULL;
}

/* The process that had this pid at the time of the event, NULL if that can't be told. */
static const struct process *find(struct identity *identity, int64_t pid,
				  int64_t time_usec)
{
	struct known_process *k;
	int64_t start;

	if (!number_known(pid) || pid <= 0 || pid > INT_MAX)
		return NULL;
	k = look_up(identity, pid);
	if (!k)
		return NULL;
	start = identity->realtime_usec - identity->boottime_usec + k->process.start_usec;
	return start <= time_usec + START_TOLERANCE_USEC ? &k->process : NULL;
}

/* Can /proc of now, on this host, tell something about the event? */
static bool is_of_now(const struct identity *identity, const struct signal_event *ev)
{
	return !ev->node && ev->time_usec >= identity->realtime_usec - EVENT_AGE_USEC &&
	       ev->time_usec <= identity->realtime_usec + EVENT_AGE_USEC;
}

/* Finds the thread that the sender named with a number of its own pid namespace. */
static void translate(struct identity *identity, struct signal_event *ev,
		      const struct process *sender)
{
	int tid = procfs_thread_of(identity->proc_fd, (pid_t)ev->target.pid,
				   sender->namespace_depth, ev->argument,
				   &identity->translate_budget);

	if (tid > 0)
		process_take_thread(ev, tid);
}

void identity_describe(struct identity *identity, struct signal_event *ev)
{
	const struct process *sender = NULL, *target = NULL;
	bool of_now = is_of_now(identity, ev);

	if (ev->kind == EVENT_TRAIL)
		return;
	if (of_now && ev->kind == EVENT_SIGNAL)
		sender = find(identity, ev->sender.pid, ev->time_usec);
	if (of_now && ev->has_target)
		target = find(identity, ev->target.pid, ev->time_usec);
	process_merge_sender(ev, sender);
	process_merge_target(ev, target, sender);
	if (process_needs_translation(ev, target, sender))
		translate(identity, ev, sender);
}
