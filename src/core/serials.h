/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* serials: which of the kernel's serials left a trace. Exact arithmetic on the holes
 * between those that did, in constant memory: each audit event has the next number, and
 * its first record takes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Serials that left no trace, between two neighbours that did. */
struct serial_hole {
	uint32_t first;
	uint32_t last;
	int64_t noticed_usec;
	int64_t since_usec; /* the stamps of the neighbours, the earlier one first */
	int64_t until_usec;
};

#define SERIALS_HOLES_MAX 512
/* A hole that stays open for so long is a loss. Between taking its serial and queueing
 * its record a task may be preempted, and others' records overtake it. */
#define SERIALS_WINDOW_USEC 2000000

/* All zero has no base: nothing is accounted for. */
struct serials {
	bool based;
	uint32_t head; /* the highest that came */
	int64_t head_usec;
	struct serial_hole
		holes[SERIALS_HOLES_MAX]; /* by serial, and so by noticed_usec */
	size_t n_holes;
};

/* Called for each hole that is given up: (last - first + 1) serials are lost. */
typedef void serials_lost_fn(const struct serial_hole *hole, void *userdata);

/* Accounts for all serials behind this one from now on, and forgets what was before. It
 * must have been taken after the socket could hear: what was taken earlier and is still
 * on its way is no loss. */
void serials_begin(struct serials *serials, uint32_t serial, int64_t stamp_usec);

/* A record of that serial came. Is it the first one of its event? False also without a
 * base, and for what is older than the base or than what was given up. stamp_usec: the
 * record's, CLOCK_REALTIME; now_usec: any clock that doesn't go back. Serials wrap at 32
 * bits. Calls lost() when there are more holes than there is room for. */
bool serials_see(struct serials *serials, uint32_t serial, int64_t stamp_usec,
		 int64_t now_usec, serials_lost_fn *lost, void *userdata);

/* Gives up the holes that were noticed SERIALS_WINDOW_USEC before now_usec; all when that
 * is INT64_MAX. */
void serials_expire(struct serials *serials, int64_t now_usec, serials_lost_fn *lost,
		    void *userdata);

/* When serials_expire() has something to do; INT64_MAX: never. */
int64_t serials_deadline(const struct serials *serials);

uint64_t serial_hole_size(const struct serial_hole *hole);
