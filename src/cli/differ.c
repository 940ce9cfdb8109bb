/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/differ.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
/* Without memory an element isn't added, and has no table: not the end of the process. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "core/buffer.h"
#include "core/json.h"

#define WAITING_MAX_EVENTS 65536

/* Lines that one side has more of than the other. */
struct line {
	int64_t more; /* above 0: so many more of own; below: of auparse */
	UT_hash_handle hh;
	char text[];
};

struct differ {
	FILE *out;
	struct line *waiting; /* the oldest first */
	struct buffer text;
	uint64_t events[2];
	uint64_t differences;
};

static void print(struct differ *d, const struct line *line)
{
	int64_t n = llabs(line->more);

	d->differences += (uint64_t)n;
	for (int64_t i = 0; i < n; i++)
		fprintf(d->out, "only %s: %s", line->more > 0 ? "own" : "auparse",
			line->text);
}

static void forget(struct differ *d, struct line *line)
{
	HASH_DEL(d->waiting, line);
	free(line);
}

static struct line *add(struct differ *d)
{
	struct line *line;

	if (HASH_COUNT(d->waiting) >= WAITING_MAX_EVENTS) {
		print(d, d->waiting);
		forget(d, d->waiting);
	}
	line = calloc(1, sizeof(*line) + d->text.len + 1);
	if (!line)
		return NULL;
	memcpy(line->text, d->text.data, d->text.len);
	HASH_ADD_KEYPTR(hh, d->waiting, line->text, d->text.len, line);
	if (line->hh.tbl)
		return line;
	free(line);
	return NULL;
}

void differ_add(struct differ *d, enum differ_side side, const struct signal_event *ev)
{
	struct signal_event plain = *ev;
	struct line *line;

	plain.n_notes = 0;
	d->events[side]++;
	buffer_reset(&d->text);
	if (json_line(&d->text, &plain) < 0) {
		d->differences++;
		return;
	}
	HASH_FIND(hh, d->waiting, d->text.data, d->text.len, line);
	if (!line)
		line = add(d);
	if (!line) {
		d->differences++;
		return;
	}
	line->more += side == DIFFER_OWN ? 1 : -1;
	if (!line->more)
		forget(d, line);
}

void differ_finish(struct differ *d)
{
	struct line *line, *next;

	HASH_ITER (hh, d->waiting, line, next) {
		print(d, line);
		forget(d, line);
	}
}

uint64_t differ_events(const struct differ *d, enum differ_side side)
{
	return d->events[side];
}

uint64_t differ_differences(const struct differ *d)
{
	return d->differences;
}

int differ_new(struct differ **differ, FILE *out)
{
	struct differ *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->out = out;
	*differ = d;
	return 0;
}

struct differ *differ_free(struct differ *d)
{
	struct line *line, *next;

	if (!d)
		return NULL;
	HASH_ITER (hh, d->waiting, line, next)
		forget(d, line);
	buffer_free(&d->text);
	free(d);
	return NULL;
}
