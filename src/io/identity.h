/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* identity: who a pid is. Adds to an event what is known of both ends. */
#pragma once

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "io/procconn.h"

struct identity;

struct identity_counts {
	uint64_t processes; /* known, living and dead */
	uint64_t overruns;  /* of the connector */
	uint64_t forged;    /* messages that the kernel didn't send */
	uint64_t evicted;   /* processes given up since there were too many */
	uint64_t ambiguous; /* look-ups that fitted several processes */
};

/* proc_fd: a directory like /proc; it stays the caller's. Until identity_follow() it
 * knows what /proc shows when it is asked. 0 or -ENOMEM. */
int identity_new(struct identity **identity, int proc_fd);
struct identity *identity_free(struct identity *identity);

/* Follows all processes from now on, those that are gone remembered for so long, no more
 * than max at a time. conn becomes the identity's, also when this fails; NULL: messages
 * come by identity_message(). 0 or -ENOMEM. */
int identity_follow(struct identity *identity, struct procconn *conn,
		    int64_t remember_usec, size_t max_processes);
/* Looks at all processes that are there already, if it follows: once, before events. */
void identity_scan(struct identity *identity);
void identity_set_limits(struct identity *identity, int64_t remember_usec,
			 size_t max_processes);

/* Readable when identity_read() has something to do, which can wait for a while; -1:
 * never. */
int identity_fd(const struct identity *identity);

/* Readable when it should be called soon, since a process has a new image, which is
 * looked at in /proc then, until identity_quiet(); -1: never. */
int identity_alarm_fd(const struct identity *identity);
void identity_quiet(struct identity *identity);

/* Another one goes on following with these descriptors. */
void identity_keep(struct identity *identity);

/* 0, or -errno: from now on there is only /proc again. */
int identity_read(struct identity *identity);

/* Has it left something for the next time, which should come within some 10 ms? */
bool identity_waits(const struct identity *identity);

/* One message, as identity_read() gets them. */
void identity_message(struct identity *identity, const struct connmsg *msg);

struct identity_counts identity_counts(const struct identity *identity);

/* A batch of records will be read: what is known from before is checked again before it
 * is used. All signals of a batch were sent before it was read, so one look a process and
 * batch is as near to the signal as one can get. realtime and boottime: the two clocks,
 * now. */
void identity_begin_batch(struct identity *identity, int64_t realtime_usec,
			  int64_t boottime_usec);

/* Fills in sender and target (process_merge_sender(), process_merge_target()). A process
 * that started after the signal is another one with the same number: it adds nothing, nor
 * does anything of now to an event more than 10 s away from now or of another host
 * (node). The strings are valid until the next call. */
void identity_describe(struct identity *identity, struct signal_event *ev);
