/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* burst: floods of like signals become counts; no event goes uncounted. */
#pragma once

#include <stdint.h>

#include "core/event.h"

struct burst_limits {
	uint64_t limit; /* lines of one key in one interval; 0: every event has one */
	int64_t interval_usec;
	uint64_t total; /* lines of all keys in one interval */
};

/* Called for each event that gets a line. */
typedef void burst_event_fn(const struct signal_event *ev, void *userdata);

struct burst;

/* seed: so that nobody can send signals whose keys all share a bucket, a number that
 * can't be guessed. 0 or -ENOMEM. *burst is the caller's. */
int burst_new(struct burst **burst, const struct burst_limits *limits, uint64_t seed,
	      burst_event_fn *event, void *userdata);

/* Flush first; what is held back is dropped. */
struct burst *burst_free(struct burst *burst);

/* Takes an event (EVENT_SIGNAL; others pass): hands it on, or holds it back and counts
 * it. The key is node, sender pid and start, call and arch, signal, result, target pid,
 * start and tid. A key's interval begins with its first event. What is held back is
 * copied, and written with the newest event's time and serial, since and repeated when
 * the interval ends, or when the key is evicted (the oldest first; 8,192 keys and 16 MiB
 * at most). Once total lines were handed on from here, and until that interval ends, keys
 * have the sender's exe, uid and unit instead of its pid and start. Without memory an
 * event is handed on. now_usec: a clock that doesn't go back. */
void burst_feed(struct burst *burst, const struct signal_event *ev, int64_t now_usec);

/* Writes what is due. */
void burst_expire(struct burst *burst, int64_t now_usec);

/* When burst_expire() has something to do; INT64_MAX: nothing is held back. */
int64_t burst_deadline(const struct burst *burst);

/* Writes all that is held back (stop, reload). */
void burst_flush(struct burst *burst);

/* How many events are held back. */
uint64_t burst_held(const struct burst *burst);

/* Changes the limits; flush first. */
void burst_set_limits(struct burst *burst, const struct burst_limits *limits);
