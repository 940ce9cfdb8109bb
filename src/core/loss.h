/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* loss: the ledger of what was lost, until it is written into the trail. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"

struct loss_entry {
	bool used;
	int64_t lost;	    /* 0: nobody knows how many */
	int64_t since_usec; /* CLOCK_REALTIME */
	int64_t until_usec;
};

/* All zero is an empty ledger. */
struct loss {
	struct loss_entry entries[CAUSE_COUNT][OF_RECORDS + 1];
	int64_t deadline_usec;	    /* when to write; 0: nothing is in it */
	int64_t total[CAUSE_COUNT]; /* since the start, of events and records together */
	int64_t total_events;	    /* since the start, for all causes */
};

/* Writes the entry; negative: it couldn't, and what the entry says stays in the ledger.
 */
typedef int loss_event_fn(const struct signal_event *ev, void *userdata);

/* Adds n things lost in [since, until] (0: some, but nobody knows how many); now_usec is
 * the clock of loss_write(). */
void loss_add(struct loss *loss, enum trail_cause cause, enum trail_of of, int64_t n,
	      int64_t since_usec, int64_t until_usec, int64_t now_usec);

/* Hands out a trail entry for each cause and kind of things (lost is absent where nobody
 * knows the number) once the oldest loss is a second old, so that a flood doesn't flood
 * the trail too; at once when now_usec is INT64_MAX. event() may add to the ledger. What
 * it couldn't write is due again a second later. */
void loss_write(struct loss *loss, int64_t time_usec, int64_t now_usec,
		loss_event_fn *event, void *userdata);

/* When loss_write() has something to do; INT64_MAX: never. */
int64_t loss_deadline(const struct loss *loss);
