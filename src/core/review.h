/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* review: how a process, a unit or a container ended, and why, from what the trail, the
 * service manager and the kernel wrote about it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ending.h"
#include "core/event.h"

enum subject_kind { SUBJECT_UNIT, SUBJECT_PID, SUBJECT_CONTAINER, SUBJECT_NAME };

/* Whose end; strings are the caller's. */
struct review_subject {
	enum subject_kind kind;
	const char *name; /* the unit, the container's id, the process's name */
	int64_t pid;	  /* SUBJECT_PID and SUBJECT_NAME */
	const char *unit; /* where its processes ran, or the unit itself; or NULL */
	bool is_owned;	  /* units of that name may be several: owner says whose */
	int64_t owner;	  /* whose manager runs it: a user's id, absent: the system's */
	bool has_others;  /* SUBJECT_NAME: there are more of that name */
	bool known;	  /* the journal knows it */
	bool lives;	  /* it is certain that it runs now */
};

/* Something that was written: either an ending (its kind is not 0) or an event. */
struct review_item {
	int64_t time_usec; /* CLOCK_REALTIME */
	struct ending ending;
	const struct signal_event *event; /* or NULL */
	bool context; /* of the trail or of the host, not of the subject */
};

/* What the verdict is made of: the items by time, all of one boot. */
struct review {
	struct review_subject subject;
	const struct review_item *items;
	size_t n_items;
	const char *host;   /* whose journal it is; NULL: this one's */
	int64_t since_usec; /* ends before it don't count; absent: all do */
	int64_t cut_usec; /* there are more events before it than were read; absent: no */
	bool all_audited; /* otherwise known that every process of that boot leaves
			     records */
};

enum verdict_word {
	VERDICT_NOTHING_KNOWN,
	VERDICT_NO_SUCH,
	VERDICT_ALIVE,
	VERDICT_KILLED_BY,
	VERDICT_EXIT_AFTER_SIGNAL,
	VERDICT_OWN_EXIT,
	VERDICT_UNKNOWN_GAP,
	VERDICT_STOPPED_BY_MANAGER,
	VERDICT_STOP_TIMEOUT,
	VERDICT_WRONG_NUMBER,
	VERDICT_CRASHED,
	VERDICT_OOM,
};

enum gap_cause {
	GAP_NOT_RUNNING, /* sigtraild was not */
	GAP_LOST,	 /* a trail entry "incomplete" or "rules": event says which */
	GAP_NOT_AUDITED, /* processes older than the switching on of audit */
	GAP_TOO_MANY,	 /* signals to look at all of them */
	GAP_KERNEL,	 /* signals that the kernel sends itself */
};

struct review_gap {
	enum gap_cause cause;
	int64_t since_usec; /* absent: from the beginning */
	int64_t until_usec; /* absent: to the end */
	const struct signal_event *event;
};

#define REVIEW_GAPS_MAX	    16
#define REVIEW_EVIDENCE_MAX 16

struct verdict {
	enum verdict_word word;
	int64_t start_usec; /* when it began, absent where nobody says */
	int64_t end_usec;   /* absent: it didn't */
	enum ending_how how;
	int64_t status;
	int64_t signo;
	size_t n_ends;	     /* how often it ended so, this time included */
	int64_t again_usec;  /* when it was started again; or absent */
	int64_t window_usec; /* from there to the end completeness was asked for */
	bool complete;
	struct review_gap gaps[REVIEW_GAPS_MAX];
	size_t n_gaps;
	/* What it rests on, NULL where there is none. */
	const struct signal_event *signal; /* that ended it, or that it answered */
	const struct signal_event *other;  /* that it got before an exit of its own */
	const struct ending *end;	   /* who says how it ended */
	const struct ending *request;	   /* stopping, watchdog, systemctl kill ... */
	const struct ending *timeout;	   /* it did not stop in time */
	const struct ending *oom;
	const struct signal_event *death; /* what the kernel recorded of it */
	const char *result;		  /* systemd's word for it */
	bool to_child; /* signal: not the main process got it, but one below it */
	const struct review_item *evidence[REVIEW_EVIDENCE_MAX]; /* by time */
	size_t n_evidence;
};

/* How far back the trail has to be without a gap for "nothing was sent". */
#define REVIEW_WINDOW_USEC (90 * 1000000LL)

void review_judge(const struct review *review, struct verdict *verdict);

/* Does the item belong to the story of that end: what happened to the subject from its
 * start on, and what the trail and the kernel said meanwhile? */
bool review_tells(const struct review_item *item, const struct verdict *verdict);

/* The contract's words. */
const char *verdict_name(enum verdict_word word);
const char *gap_cause_name(const struct review_gap *gap);

/* --- the parts, each for the one before it and for tests --- */

/* Is the event, by its target, about the subject? */
bool review_is_about(const struct review_subject *subject, const struct signal_event *ev);

/* The event that gave the subject this signal (0: any that ends a process by default) in
 * [since, until], NULL where none did. Only what succeeded counts. Audit stamps are taken
 * at the entry of the call and up to a tick early, while ends are told later. Of several
 * the first of those within ten seconds before the last, as the others met a process that
 * was gone; what the process sent itself counts only if nobody else did. */
const struct signal_event *review_find_signal(const struct review *review, int64_t signo,
					      int64_t since_usec, int64_t until_usec);

/* How soon after a signal an end is taken for its effect where the status doesn't name
 * the signal. */
#define REVIEW_EFFECT_USEC (10 * 1000000LL)

/* How long before it a signal may have been the reason of an end that doesn't name it:
 * of SIGTERM, SIGINT, SIGQUIT, SIGHUP and SIGPIPE; -1 for others. */
int64_t review_stop_reach_usec(int64_t signo);

/* The newest of those that somebody else sent the main process; or NULL. */
const struct signal_event *review_find_stop(const struct review *review,
					    int64_t from_usec, int64_t end_usec);

/* Who sent it: process 1, or the user's manager above its own units? The process itself?
 * One of the unit it was sent to? */
bool review_is_from_manager(const struct signal_event *ev);
bool review_is_to_self(const struct signal_event *ev);
bool review_is_inside(const struct signal_event *ev);

/* Was it given a thread's id, or that of a stale PID file? */
bool review_is_wrong_number(const struct signal_event *ev);

/* signal(7), Core. */
bool review_dumps_core(int64_t signo);

/* Is the process below the subject's main one? False where that isn't known. */
bool review_is_child(const struct signal_event *ev);

/* Scopes end with their last process, and have no main one. */
bool review_is_scope(const char *unit);

/* Is the process that it is about the one whose end its unit's manager tells? */
bool review_is_main(const struct review *review);

/* The time of the last event that is about the subject, or came from its process: it was
 * there then. Absent: there is none. */
int64_t review_last_sign(const struct review *review);

/* Fills in the gaps and whether the trail is complete from window_usec to end_usec. */
void review_find_gaps(const struct review *review, struct verdict *verdict);
