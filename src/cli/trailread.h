/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* trailread: the events of the trail that were asked for, out of the journal. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/select.h"
#include "io/journal_read.h"

/* Begun with all zero but journal, entry, select and boot, which are the caller's. */
struct trailread {
	struct journal_read *journal;
	struct entry *entry; /* the one read last */
	const struct select *select;
	bool boot;	       /* this boot alone */
	bool hosts;	       /* an event without node gets _HOSTNAME's */
	bool growing;	       /* see match_select() */
	int64_t no_later_usec; /* of the journal's own time; 0: no bound */
	uint64_t unreadable;   /* entries of ours that can't be read back */
};

/* Sets the matches: what select asks for, or all of ours of these kinds (enum event_kind,
 * or-ed). 0 or -errno. */
int trailread_match(struct trailread *read);
int trailread_match_kinds(struct trailread *read, unsigned kinds);

/* To before the first that was asked for, or behind the last. 0 or -errno. */
int trailread_seek_first(struct trailread *read);
int trailread_seek_last(struct trailread *read);

/* The next event that was asked for, or the one before; valid until the next call. 1; 0:
 * there is none (yet); -errno. */
int trailread_next(struct trailread *read, struct signal_event *ev);
int trailread_previous(struct trailread *read, struct signal_event *ev);

/* Goes to the event with which the last n begin: 1, and the event; 0: there are fewer,
 * and the next one is the first of all; -errno. */
int trailread_go_back(struct trailread *read, int64_t n, struct signal_event *ev);
