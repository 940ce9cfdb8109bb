/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/identity.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/process.h"
#include "io/procalone.h"
#include "io/procfs.h"
#include "io/proctrack.h"

/* Neither /proc nor the table tell anything about an event that long ago. */
#define EVENT_AGE_USEC 10000000

/* A container may send floods to threads, each to be looked for among the target's: no
 * more threads are looked at in a time. */
#define TRANSLATE_MAX  512
#define TRANSLATE_USEC 250000

/* One end of an event, as it is known. */
struct end {
	struct procquery query;
	struct process process;
	struct ancestor ancestors[ANCESTRY_MAX];
};

struct identity {
	int proc_fd;
	struct procalone *alone;
	struct proctrack *track; /* NULL: never followed */
	bool following;
	bool drained; /* in this batch */
	int64_t realtime_usec;
	int64_t boottime_usec;
	int translate_budget;	      /* threads that may still be looked at, */
	int64_t translate_since_usec; /* from then on */
	struct end sender, target;
};

int identity_new(struct identity **identity, int proc_fd)
{
	struct identity *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return -ENOMEM;
	new->proc_fd = proc_fd;
	new->translate_budget = TRANSLATE_MAX;
	r = procalone_new(&new->alone, proc_fd);
	if (r < 0) {
		free(new);
		return r;
	}
	*identity = new;
	return 0;
}

struct identity *identity_free(struct identity *identity)
{
	if (!identity)
		return NULL;
	proctrack_free(identity->track);
	procalone_free(identity->alone);
	free(identity);
	return NULL;
}

int identity_follow(struct identity *identity, struct procconn *conn,
		    int64_t remember_usec, size_t max_processes)
{
	int r = proctrack_new(&identity->track, identity->proc_fd, conn, remember_usec,
			      max_processes);

	identity->following = r == 0;
	return r;
}

void identity_scan(struct identity *identity)
{
	if (identity->following)
		proctrack_scan(identity->track);
}

void identity_set_limits(struct identity *identity, int64_t remember_usec,
			 size_t max_processes)
{
	if (identity->track)
		proctrack_set_limits(identity->track, remember_usec, max_processes);
}

int identity_fd(const struct identity *identity)
{
	return identity->track ? proctrack_fd(identity->track) : -1;
}

int identity_alarm_fd(const struct identity *identity)
{
	return identity->track ? proctrack_alarm_fd(identity->track) : -1;
}

void identity_quiet(struct identity *identity)
{
	if (identity->track)
		proctrack_quiet(identity->track);
}

void identity_keep(struct identity *identity)
{
	if (identity->track)
		proctrack_keep(identity->track);
}

int identity_read(struct identity *identity)
{
	int r;

	if (!identity->following)
		return 0;
	r = proctrack_drain(identity->track);
	identity->following = r == 0;
	return r;
}

bool identity_waits(const struct identity *identity)
{
	return identity->following && proctrack_waits(identity->track);
}

void identity_message(struct identity *identity, const struct connmsg *msg)
{
	if (identity->track)
		proctrack_message(identity->track, msg);
}

struct identity_counts identity_counts(const struct identity *identity)
{
	struct procconn_counts conn;
	struct proctable_counts table;

	if (!identity->track)
		return (struct identity_counts){ 0 };
	conn = proctrack_conn_counts(identity->track);
	table = proctrack_counts(identity->track);
	return (struct identity_counts){
		.processes = table.live + table.dead + table.past,
		.overruns = conn.overruns,
		.forged = conn.forged,
		.evicted = table.evicted,
		.ambiguous = proctrack_ambiguous(identity->track),
	};
}

void identity_begin_batch(struct identity *identity, int64_t realtime_usec,
			  int64_t boottime_usec)
{
	if (boottime_usec - identity->translate_since_usec >= TRANSLATE_USEC) {
		identity->translate_since_usec = boottime_usec;
		identity->translate_budget = TRANSLATE_MAX;
	}
	identity->realtime_usec = realtime_usec;
	identity->boottime_usec = boottime_usec;
	identity->drained = false;
	procalone_begin_batch(identity->alone, realtime_usec, boottime_usec);
}

/* Can what is known now, on this host, tell something about the event? */
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

static void merge(struct identity *identity, struct signal_event *ev,
		  const struct process *sender, const struct process *target)
{
	process_merge_sender(ev, sender);
	process_merge_target(ev, target, sender);
	if (process_needs_translation(ev, target, sender))
		translate(identity, ev, sender);
}

static void ask(const struct identity *identity, struct end *end,
		const struct party *party, int64_t time_usec)
{
	end->query = (struct procquery){
		.pid = party->pid,
		.time_usec =
			time_usec - identity->realtime_usec + identity->boottime_usec,
		.comm = party->thread ? party->thread : party->comm,
		.exe = party->exe,
		.ppid = party->ppid,
	};
}

static void describe_followed(struct identity *identity, struct signal_event *ev)
{
	struct end *sender = &identity->sender, *target = &identity->target;
	bool sender_known = false, target_known = false;

	ask(identity, sender, &ev->sender, ev->time_usec);
	ask(identity, target, &ev->target, ev->time_usec);
	/* Both before either is found: to look may change what was found. */
	if (ev->kind == EVENT_SIGNAL)
		proctrack_refresh(identity->track, &sender->query);
	if (ev->has_target)
		proctrack_refresh(identity->track, &target->query);
	if (ev->kind == EVENT_SIGNAL)
		sender_known = proctrack_find(identity->track, &sender->query,
					      &sender->process, sender->ancestors);
	if (ev->has_target)
		target_known = proctrack_find(identity->track, &target->query,
					      &target->process, target->ancestors);
	merge(identity, ev, sender_known ? &sender->process : NULL,
	      target_known ? &target->process : NULL);
}

void identity_describe(struct identity *identity, struct signal_event *ev)
{
	const struct process *sender = NULL, *target = NULL;
	bool of_now = is_of_now(identity, ev);

	if (ev->kind == EVENT_TRAIL)
		return;
	/* What happened before a signal is in the connector before its record is in the
	 * audit socket, which has been read by now. */
	if (of_now && !identity->drained)
		(void)identity_read(identity);
	identity->drained = identity->drained || of_now;
	if (of_now && identity->following) {
		describe_followed(identity, ev);
		return;
	}
	if (of_now && ev->kind == EVENT_SIGNAL)
		sender = procalone_find(identity->alone, ev->sender.pid, ev->time_usec);
	if (of_now && ev->has_target)
		target = procalone_find(identity->alone, ev->target.pid, ev->time_usec);
	merge(identity, ev, sender, target);
}
