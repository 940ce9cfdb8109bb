/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* event: the one shared model. A signal and who sent it to whom, a death that the kernel
 * caused, or an entry of the trail about itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/number.h"
#include "core/sigcall.h"

enum event_kind {
	EVENT_SIGNAL = 1 << 0,
	EVENT_DEATH = 1 << 1,
	EVENT_TRAIL = 1 << 2,
};

/* A process further up the line of one end: its parent, that one's parent ... Strings are
 * raw bytes, NULL when unknown. */
struct ancestor {
	int64_t pid;
	const char *comm;
	const char *exe;
	const char *unit;
};

#define ANCESTRY_MAX 16

/* The nearest first; those that had forked, not those that inherited an orphan. */
struct ancestry {
	const struct ancestor *of;
	size_t n;
};

/* One end of a signal. Numbers as in number.h, pids in the host's pid namespace; strings
 * are raw bytes of the process (hostile), NULL when unknown. */
struct party {
	int64_t pid; /* the thread group's id */
	int64_t tid; /* target: the thread that the sender's number named */
	int64_t ppid;
	int64_t namespace_pid; /* in its own pid namespace, where that is another number
				*/
	int64_t uid;
	int64_t euid;
	int64_t gid;
	int64_t auid;	    /* loginuid; NUMBER_NULL: never set */
	int64_t session;    /* audit session; NUMBER_NULL: never set */
	int64_t start_usec; /* when the process started, CLOCK_BOOTTIME; tells
			       incarnations apart */
	const char *tty;
	const char *comm;   /* the process's name (its main thread's) */
	const char *thread; /* the name that the kernel recorded, where it isn't known to
			       be comm */
	const char *exe;
	struct bytes
		cmdline; /* arguments, each ended by a NUL; the last NUL may be missing */
	bool cmdline_cut;
	const char *unit;
	const char *user_unit;
	const char *slice;
	const char *container;
	struct ancestry ancestry;
	const char *subject; /* security label */
	bool host_namespace; /* certainly in the host's pid namespace */
};

enum trail_event {
	TRAIL_STARTED = 1,
	TRAIL_STOPPED,
	TRAIL_INCOMPLETE,
	TRAIL_RULES,
	TRAIL_SOURCE, /* records come another way from now on */
};

enum trail_cause {
	CAUSE_NONE,
	CAUSE_SOCKET_OVERRUN,
	CAUSE_INCOMPLETE_EVENT,
	CAUSE_TOO_MANY_TARGETS,
	CAUSE_QUEUE_FULL,
	CAUSE_JOURNAL_WRITE,
	CAUSE_FORGED,
	CAUSE_EVICTED,
	CAUSE_SERIAL_GAP,
	CAUSE_KERNEL_LOST,
	CAUSE_AUDIT_DISABLED,
	CAUSE_RULES_CHANGED,
	CAUSE_NOT_RUNNING,
	CAUSE_REPLACED, /* another is to be the audit daemon */
	CAUSE_RESTART,	/* TRAIL_STARTED: goes on where the one before ended */
	CAUSE_RULES_SHADOWED,
	CAUSE_BACKLOG_LOWERED,
	CAUSE_COUNT,
};

enum trail_of {
	OF_NONE,
	OF_EVENTS,
	OF_RECORDS,
};

/* What processes can send without a record while all works. */
enum trail_unseen {
	UNSEEN_UNKNOWN,
	UNSEEN_NOTHING, /* audit is on since before the first of them */
	UNSEEN_OLDER,	/* those older than the switching on of audit: process 1 is */
};

/* Who changed the host's audit, as far as the kernel's record says. */
struct trail_actor {
	int64_t pid;
	int64_t uid;
	int64_t auid;
	const char *comm; /* hostile, as those of a party */
	const char *exe;
};

/* An entry of the trail about itself. since_usec to until_usec is what it concerns; of
 * TRAIL_STARTED since_usec alone: processes that began later leave records of what they
 * send, older ones may not. */
struct trail {
	enum trail_event event;
	enum trail_cause cause;
	enum trail_of of;
	int64_t lost;
	int64_t since_usec;
	int64_t until_usec;
	enum trail_unseen unseen; /* TRAIL_STARTED */
	struct trail_actor by;	  /* TRAIL_INCOMPLETE, TRAIL_RULES */
	const char *detail;	  /* the same: which rule or calls it is about */
	/* TRAIL_STOPPED: the totals since the start, of signals (one a target) and
	 * deaths; lost, of events, goes with them. lines + repeats + ignored + lost is
	 * what was sent, or more than that where others use audit too. */
	int64_t seen;
	int64_t lines;
	int64_t repeats;
	int64_t ignored;
};

#define EVENT_NOTES_MAX 8

/* Made by event_init() or event_init_trail(). What the pointers lead to belongs to the
 * one who filled them in and is valid for the call that the event is passed to. Times are
 * microseconds of CLOCK_REALTIME. */
struct signal_event {
	enum event_kind kind;
	int64_t time_usec;
	int64_t serial;
	const char *node;
	const struct sigcall *call;
	const struct sigarch *arch;
	int64_t result; /* 0 success, else the errno, positive; absent where the record
			   has none */
	int64_t signo;
	enum scope scope;
	int64_t argument; /* the number given as target, as the caller sees it; null for a
			     pidfd */
	int64_t targets;  /* how many this call reached */
	int64_t index;	  /* which of them this is, from 1 */
	int64_t repeated; /* further events that this line stands for; absent when 0 */
	int64_t since_usec; /* oldest of them */
	const char *notes[EVENT_NOTES_MAX];
	size_t n_notes;
	const char *reason; /* EVENT_DEATH: "core dump", "seccomp" */
	bool has_target;
	struct party sender; /* EVENT_SIGNAL only */
	struct party target;
	struct trail trail; /* EVENT_TRAIL only */
};

/* Sets everything to absent. */
void party_init(struct party *party);
void event_init(struct signal_event *ev, enum event_kind kind, int64_t time_usec);

/* A trail entry of this event, without cause. */
void event_init_trail(struct signal_event *ev, enum trail_event event, int64_t time_usec);

/* How many events the line stands for: 1 and those it repeats. */
uint64_t event_count(const struct signal_event *ev);

/* The words of the contract: "started", "socket-overrun", "events" ...; NULL for none. */
const char *trail_event_name(enum trail_event event);
const char *trail_cause_name(enum trail_cause cause);
const char *trail_of_name(enum trail_of of);
const char *trail_unseen_name(enum trail_unseen unseen);

/* The name to show for a party: comm, else thread, else the last part of exe, else NULL.
 */
const char *party_name(const struct party *party);
