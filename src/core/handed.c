/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/handed.h"

#include <stdbool.h>
#include <string.h>

/* A span that is told is at most so much too long at either end. */
#define RUN_USEC 1000000

static void widen(int64_t *since_usec, int64_t *until_usec, int64_t since, int64_t until)
{
	if (since < *since_usec)
		*since_usec = since;
	if (until > *until_usec)
		*until_usec = until;
}

static bool joins(const struct handed *handed, const struct handed_run *run,
		  uint64_t events, int64_t time_usec)
{
	if (handed->n_runs == HANDED_RUNS)
		return true;
	return run->events == run->n * events &&
	       time_usec >= run->until_usec - RUN_USEC &&
	       time_usec <= run->since_usec + RUN_USEC;
}

static void add_run(struct handed *handed, uint64_t events, int64_t time_usec)
{
	struct handed_run *run = NULL;

	if (handed->n_runs)
		run = &handed->runs[handed->n_runs - 1];
	if (!run || !joins(handed, run, events, time_usec)) {
		handed->runs[handed->n_runs++] = (struct handed_run){
			handed->added, 1, events, time_usec, time_usec,
		};
		return;
	}
	run->n++;
	run->events += events;
	widen(&run->since_usec, &run->until_usec, time_usec, time_usec);
}

static bool is_plain_loss(const struct handed_trail *t)
{
	return t->trail.event == TRAIL_INCOMPLETE && !number_known(t->trail.by.pid) &&
	       !*t->comm && !*t->exe && !*t->detail;
}

static bool same_loss(const struct handed_trail *a, const struct handed_trail *b)
{
	return is_plain_loss(a) && is_plain_loss(b) && a->trail.cause == b->trail.cause &&
	       a->trail.of == b->trail.of;
}

static int64_t sum(int64_t a, int64_t b)
{
	int64_t all;

	if (!number_known(a) || !number_known(b))
		return number_known(a) ? a : b;
	return __builtin_add_overflow(a, b, &all) ? INT64_MAX : all;
}

static void merge(struct handed_trail *into, const struct handed_trail *more)
{
	if (more->last > into->last)
		into->last = more->last;
	if (more->time_usec > into->time_usec)
		into->time_usec = more->time_usec;
	into->trail.lost = sum(into->trail.lost, more->trail.lost);
	widen(&into->trail.since_usec, &into->trail.until_usec, more->trail.since_usec,
	      more->trail.until_usec);
}

static struct handed_trail *find_same(struct handed_trails *trails,
				      const struct handed_trail *trail)
{
	for (size_t i = trails->n; i-- > 0;)
		if (same_loss(&trails->of[i], trail))
			return &trails->of[i];
	return NULL;
}

void handed_trails_add(struct handed_trails *trails, const struct handed_trail *trail)
{
	struct handed_trail *same = find_same(trails, trail);

	if (same)
		merge(same, trail);
	else if (trails->n < HANDED_TRAILS)
		trails->of[trails->n++] = *trail;
}

/* A part would be another name: what doesn't fit isn't kept. */
static void keep_string(char *kept, size_t size, const char *s)
{
	const size_t len = s ? strlen(s) : 0;

	if (len && len < size)
		memcpy(kept, s, len + 1);
}

/* Each apart while there is room; then what is lost of them may be said twice. */
static void keep_trail(struct handed *handed, const struct signal_event *ev)
{
	struct handed_trail trail = { handed->added, handed->added, ev->time_usec,
				      ev->trail };

	keep_string(trail.comm, sizeof(trail.comm), ev->trail.by.comm);
	keep_string(trail.exe, sizeof(trail.exe), ev->trail.by.exe);
	keep_string(trail.detail, sizeof(trail.detail), ev->trail.detail);
	trail.trail.by.comm = trail.trail.by.exe = trail.trail.detail = NULL;
	if (handed->trails.n < HANDED_TRAILS)
		handed->trails.of[handed->trails.n++] = trail;
	else
		handed_trails_add(&handed->trails, &trail);
}

void handed_add(struct handed *handed, const struct signal_event *ev)
{
	handed->added++;
	add_run(handed, ev->kind == EVENT_TRAIL ? 0 : event_count(ev), ev->time_usec);
	if (ev->kind == EVENT_TRAIL)
		keep_trail(handed, ev);
}

/* The part of [first, last] that is in the run. */
static uint64_t overlap(const struct handed_run *run, uint64_t first, uint64_t last)
{
	const uint64_t end = run->first + run->n - 1;

	if (run->first > first)
		first = run->first;
	if (end < last)
		last = end;
	return first <= last ? last - first + 1 : 0;
}

/* The share in whole events, rounded up. */
static uint64_t share(uint64_t events, uint64_t part, uint64_t whole)
{
	const __uint128_t product = (__uint128_t)events * part;

	return (uint64_t)((product + whole - 1) / whole);
}

void handed_lose(const struct handed *handed, uint64_t first, uint64_t last,
		 struct handed_lost *lost)
{
	for (size_t i = 0; i < handed->n_runs; i++) {
		const struct handed_run *run = &handed->runs[i];
		const uint64_t n = overlap(run, first, last);
		const uint64_t events = share(run->events, n, run->n);

		lost->entries += n;
		if (!events)
			continue;
		if (!lost->events) {
			lost->since_usec = run->since_usec;
			lost->until_usec = run->until_usec;
		}
		lost->events += events;
		widen(&lost->since_usec, &lost->until_usec, run->since_usec,
		      run->until_usec);
	}
	for (size_t i = 0; i < handed->trails.n; i++) {
		const struct handed_trail *trail = &handed->trails.of[i];

		if (trail->first <= last && trail->last >= first)
			handed_trails_add(&lost->trails, trail);
	}
}

static void shorten(struct handed_run *run, uint64_t number)
{
	const uint64_t n = overlap(run, run->first, number);

	run->events -= share(run->events, n, run->n);
	run->first += n;
	run->n -= n;
}

void handed_settle(struct handed *handed, uint64_t number)
{
	struct handed_trails *trails = &handed->trails;
	size_t gone = 0, kept = 0;

	if (number <= handed->settled)
		return;
	handed->settled = number;
	while (gone < handed->n_runs &&
	       handed->runs[gone].first + handed->runs[gone].n - 1 <= number)
		gone++;
	handed->n_runs -= gone;
	memmove(handed->runs, handed->runs + gone,
		handed->n_runs * sizeof(handed->runs[0]));
	if (handed->n_runs && handed->runs[0].first <= number)
		shorten(&handed->runs[0], number);
	for (size_t i = 0; i < trails->n; i++)
		if (trails->of[i].last > number)
			trails->of[kept++] = trails->of[i];
	trails->n = kept;
}

void handed_trail_event(const struct handed_trail *trail, struct signal_event *ev)
{
	event_init_trail(ev, trail->trail.event, trail->time_usec);
	ev->trail = trail->trail;
	ev->trail.by.comm = *trail->comm ? trail->comm : NULL;
	ev->trail.by.exe = *trail->exe ? trail->exe : NULL;
	ev->trail.detail = *trail->detail ? trail->detail : NULL;
}
