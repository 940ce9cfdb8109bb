/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* proctrack: follows the host's processes through the connector's messages and /proc, so
 * that who is gone is still known. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/process.h"
#include "core/procfind.h"
#include "core/proctable.h"
#include "io/procconn.h"

struct proctrack;

/* proc_fd stays the caller's. conn becomes the track's, also when this fails; NULL: the
 * messages come by proctrack_message(). 0 or -ENOMEM. */
int proctrack_new(struct proctrack **track, int proc_fd, struct procconn *conn,
		  int64_t remember_usec, size_t max_processes);
struct proctrack *proctrack_free(struct proctrack *track);
void proctrack_set_limits(struct proctrack *track, int64_t remember_usec,
			  size_t max_processes);

/* Fills the table from /proc; listening has begun before, so that nobody is missed. */
void proctrack_scan(struct proctrack *track);

/* Reads the connector until it is empty; what has just got a new image is looked at in
 * /proc at once. After an overrun the table is compared with /proc, at most once in a
 * second. 0, or -errno: the connector is broken. */
int proctrack_drain(struct proctrack *track);

/* Messages were lost, which proctrack_drain() finds out itself. Until the table has been
 * compared with /proc, whoever is asked for is. */
void proctrack_lost(struct proctrack *track);

/* Is there something left that the next proctrack_drain() should read soon? */
bool proctrack_waits(const struct proctrack *track);

/* One message, as proctrack_drain() gets them. */
void proctrack_message(struct proctrack *track, const struct connmsg *msg);

/* Makes what can be known of the process known: what isn't certain or may have changed is
 * looked up in /proc, for its ancestors too. May change what proctrack_find() gave. */
void proctrack_refresh(struct proctrack *track, const struct procquery *query);

/* Fills in what is known: true, or false where there is nothing. What it points to is
 * valid until the next call of another function of the track. */
bool proctrack_find(struct proctrack *track, const struct procquery *query,
		    struct process *process, struct ancestor ancestors[ANCESTRY_MAX]);

struct proctable_counts proctrack_counts(const struct proctrack *track);

/* Look-ups that fitted more than one incarnation. */
uint64_t proctrack_ambiguous(const struct proctrack *track);
struct procconn_counts proctrack_conn_counts(const struct proctrack *track);

/* procconn_fd(), procconn_alarm_fd(); -1 without a connector. */
int proctrack_fd(const struct proctrack *track);
int proctrack_alarm_fd(const struct proctrack *track);
void proctrack_quiet(struct proctrack *track);

/* procconn_keep(). */
void proctrack_keep(struct proctrack *track);
