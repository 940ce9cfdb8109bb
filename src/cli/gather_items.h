/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gather_items: the entries that gather keeps, by time. */
#pragma once

#include "cli/gather.h"

/* An entry that an item borrows from. */
struct kept {
	struct entry *entry;
	struct signal_event event;
};

struct gather {
	struct journal_read *journal;
	struct entry *entry;	   /* that is read into */
	struct gather_place place; /* that is read */
	struct gather_place found; /* where the one is that was sought by name */
	char unit[256];
	char name[256];
	struct review_item *items;
	struct kept **kept; /* of item i */
	size_t n;
	size_t size;
	size_t endings_max; /* bounds of the lists */
	size_t events_max;
	int64_t cut_usec; /* of the list read last: the oldest, where there were more */
};

/* Does the process that the items are about run now, on this host? */
bool gather_lives(const struct gather *gather, const struct review_subject *subject);

void items_clear(struct gather *gather);

/* Keeps the entry that was read last if it tells an ending or is of the trail, is not
 * later than until_usec (trail entries about itself may be), and not there already. 0 or
 * -ENOMEM. */
int items_take(struct gather *gather, int64_t until_usec, bool context);

void items_sort(struct gather *gather);

/* Adds the matches of this place, NULL: none. */
void items_match_place(struct gather *gather, const struct gather_place *place);

/* Where the entry is from. False: it doesn't say its boot. */
bool items_place_of(const struct entry *entry, struct gather_place *place);

/* Where the newest item not older than since_usec is from; ends: of those that tell an
 * end. False: there is none. */
bool items_place(const struct gather *gather, bool ends, int64_t since_usec,
		 struct gather_place *place);
/* Where item i is from. */
bool items_place_at(const struct gather *gather, size_t i, struct gather_place *place);

/* The host that the newest item of the subject is from; or NULL. */
const char *items_host(const struct gather *gather);

/* Whose manager told the newest end of the unit, or anything of it. False: nobody's. */
bool items_owner(const struct gather *gather, const char *unit, int64_t *owner);

/* When the end was, as far as can be told before it is judged: the newest end, else the
 * newest event. */
int64_t items_end(const struct gather *gather, int64_t since_usec, int64_t until_usec);
