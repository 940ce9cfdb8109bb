/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* handed: the entries that a sink was given, by their running number, until it is known
 * whether the journal has them: what they stood for, should it not. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/event.h"

#define HANDED_RUNS   1024
#define HANDED_TRAILS 64
#define HANDED_COMM   64
#define HANDED_TEXT   256

/* Entries in a row that stand for as many events each. */
struct handed_run {
	uint64_t first;
	uint64_t n;
	uint64_t events; /* of all of them */
	int64_t since_usec;
	int64_t until_usec;
};

/* What the trail says about itself: if it is lost, it is to be said again. */
struct handed_trail {
	uint64_t
		first; /* more than one only where there was no room to keep them apart */
	uint64_t last;
	int64_t time_usec;
	struct trail trail; /* without the strings, which are: */
	char comm[HANDED_COMM];
	char exe[HANDED_TEXT];
	char detail[HANDED_TEXT];
};

struct handed_trails {
	struct handed_trail of[HANDED_TRAILS];
	size_t n;
};

/* All zero is an empty one. */
struct handed {
	uint64_t added;	  /* the number of the last entry; the first is 1 */
	uint64_t settled; /* up to this number it is known */
	struct handed_run runs[HANDED_RUNS];
	size_t n_runs;
	struct handed_trails trails;
};

/* What is missing. All zero is nothing. */
struct handed_lost {
	uint64_t entries;
	uint64_t events;
	int64_t since_usec; /* of those that stand for events; CLOCK_REALTIME */
	int64_t until_usec;
	struct handed_trails trails; /* what is to be said again */
};

/* Keeps what the next entry stands for. Without room for another run the last one grows;
 * where it is torn later, the number of its lost events is a share, rounded up. */
void handed_add(struct handed *handed, const struct signal_event *ev);

/* The entries with these numbers, both included, are missing: adds what they stood for.
 */
void handed_lose(const struct handed *handed, uint64_t first, uint64_t last,
		 struct handed_lost *lost);

/* Of all up to this number it is known. */
void handed_settle(struct handed *handed, uint64_t number);

/* Adds what is to be said again; losses of one cause become one, unless they tell who did
 * it, or details. What finds no room in a full list is dropped. */
void handed_trails_add(struct handed_trails *trails, const struct handed_trail *trail);

/* The trail's entry as it was, but for strings that were too long to keep; the others
 * are trail's. */
void handed_trail_event(const struct handed_trail *trail, struct signal_event *ev);
