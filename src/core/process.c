/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/process.h"

#include <string.h>

/* The record's path is as the sender's root shows it, ours as the host's root does: in a
 * chroot it is the tail of ours. */
static bool other_image(const struct process *p, const char *exe)
{
	size_t len, tail;

	if (!p->exe || !exe)
		return false;
	len = strlen(p->exe);
	tail = strlen(exe);
	return tail > len || strcmp(p->exe + len - tail, exe) != 0;
}

static void merge_name(struct party *party, const struct process *p, const char *recorded)
{
	party->comm = p->comm;
	party->thread = recorded && strcmp(recorded, p->comm) != 0 ? recorded : NULL;
}

/* What the records leave open is the process's. */
static void merge_rest(struct party *party, const struct process *p)
{
	bool same_exe = !party->exe || (p->exe && strcmp(p->exe, party->exe) == 0);

	if (same_exe && p->cmdline.len) {
		party->cmdline = p->cmdline;
		party->cmdline_cut = p->cmdline_cut;
	}
	if (!party->exe)
		party->exe = p->exe;
	if (!number_known(party->ppid))
		party->ppid = p->ppid;
	party->namespace_pid = p->namespace_pid;
	party->start_usec = p->start_usec;
	party->unit = p->unit;
	party->user_unit = p->user_unit;
	party->slice = p->slice;
	party->container = p->container;
	party->host_namespace = p->host_namespace;
	party->ancestry = p->ancestry;
}

void process_merge_sender(struct signal_event *ev, const struct process *p)
{
	struct party *sender = &ev->sender;

	if (!p)
		return;
	/* After an exec since then, the name of now belongs to the next program. */
	if (p->comm && !other_image(p, sender->exe))
		merge_name(sender, p, sender->comm);
	merge_rest(sender, p);
}

/* Does the record of this target name its main thread? */
static bool names_main_thread(const struct signal_event *ev)
{
	switch (ev->scope) {
	case SCOPE_GROUP:
	case SCOPE_ALL:
		/* The kernel walks the processes there and names each one's leader. */
		return true;
	case SCOPE_PROCESS:
		return ev->argument == NUMBER_NULL || ev->argument == ev->target.pid;
	case SCOPE_THREAD:
		return ev->argument == ev->target.pid;
	case SCOPE_UNKNOWN:
		break;
	}
	return false;
}

static bool is_by_tid(const struct signal_event *ev)
{
	return ev->call && ev->call->by == SIGCALL_BY_TID;
}

/* Does the number of the call name a task, which may be any thread of the target? */
static bool names_a_task(const struct signal_event *ev)
{
	if (!ev->call || !number_known(ev->argument) || ev->argument <= 0)
		return false;
	return is_by_tid(ev) ||
	       (ev->call->by == SIGCALL_BY_PID && ev->scope == SCOPE_PROCESS);
}

/* Is the number surely no number of the host's? */
static bool is_foreign_number(const struct process *sender)
{
	return sender && !sender->host_namespace && sender->namespace_depth > 1;
}

/* In one namespace with its target, a sender gives the id that the target has there. */
static bool names_the_process(const struct signal_event *ev, const struct process *p,
			      const struct process *sender)
{
	if (!is_foreign_number(sender))
		return ev->argument == ev->target.pid;
	return p && p->namespace_depth == sender->namespace_depth &&
	       p->namespace_pid == ev->argument;
}

/* The thread that the number of the call named, absent where it can't be told. */
static int64_t addressed_thread(const struct signal_event *ev, const struct process *p,
				const struct process *sender)
{
	if (!names_a_task(ev))
		return NUMBER_ABSENT;
	if (names_the_process(ev, p, sender))
		return is_by_tid(ev) ? ev->target.pid : NUMBER_ABSENT;
	return sender && sender->host_namespace ? ev->argument : NUMBER_ABSENT;
}

void process_merge_target(struct signal_event *ev, const struct process *p,
			  const struct process *sender)
{
	struct party *target = &ev->target;
	const char *recorded = target->thread ? target->thread : target->comm;

	if (!ev->has_target)
		return;
	target->tid = addressed_thread(ev, p, sender);
	if (p && p->comm && !other_image(p, target->exe)) {
		merge_name(target, p, recorded);
	} else if (names_main_thread(ev)) {
		target->comm = recorded;
		target->thread = NULL;
	}
	if (p)
		merge_rest(target, p);
}

bool process_needs_translation(const struct signal_event *ev, const struct process *p,
			       const struct process *sender)
{
	return ev->has_target && names_a_task(ev) && p && is_foreign_number(sender) &&
	       !names_the_process(ev, p, sender);
}

void process_take_thread(struct signal_event *ev, int64_t tid)
{
	if (tid != ev->target.pid || is_by_tid(ev))
		ev->target.tid = tid;
	else
		ev->target.tid = NUMBER_ABSENT;
}
