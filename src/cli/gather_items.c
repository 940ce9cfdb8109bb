/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/gather_items.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct kept *kept_free(struct kept *kept)
{
	if (kept)
		entry_free(kept->entry);
	free(kept);
	return NULL;
}

void items_clear(struct gather *g)
{
	for (size_t i = 0; i < g->n; i++)
		g->kept[i] = kept_free(g->kept[i]);
	g->n = 0;
}

static int grow(struct gather *g)
{
	size_t size = g->size ? 2 * g->size : 64;
	struct review_item *items;
	struct kept **kept;

	if (g->n < g->size)
		return 0;
	items = reallocarray(g->items, size, sizeof(*items));
	if (items)
		g->items = items;
	kept = reallocarray(g->kept, size, sizeof(struct kept *));
	if (kept)
		g->kept = kept;
	if (!items || !kept)
		return -ENOMEM;
	g->size = size;
	return 0;
}

/* Two queries may find one entry: then what they read is the same throughout. */
static bool is_kept(const struct gather *g, const struct entry *entry, int64_t time_usec)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct entry *other = g->kept[i]->entry;
		const char *said, *message;

		if (g->items[i].time_usec != time_usec ||
		    entry_realtime_usec(other) != entry_realtime_usec(entry))
			continue;
		said = entry_string(other, "MESSAGE");
		message = entry_string(entry, "MESSAGE");
		if (said && message && strcmp(said, message) == 0)
			return true;
	}
	return false;
}

static int read_item(struct review_item *item, struct kept *kept)
{
	int r = ending_read(&item->ending, kept->entry);

	if (r == 0) {
		item->time_usec = item->ending.time_usec;
		return 0;
	}
	item->ending = (struct ending){ 0 };
	r = entry_event(kept->entry, &kept->event);
	if (r == 0) {
		item->event = &kept->event;
		item->time_usec = kept->event.time_usec;
	}
	return r;
}

static bool is_wanted(const struct review_item *item, int64_t until_usec)
{
	if (item->event && item->event->kind == EVENT_TRAIL)
		return true;
	return !number_known(until_usec) || item->time_usec <= until_usec;
}

int items_take(struct gather *g, int64_t until_usec, bool context)
{
	struct review_item item = { .context = context };
	struct kept *kept = calloc(1, sizeof(*kept));
	int r = kept ? grow(g) : -ENOMEM;

	if (r < 0) {
		kept_free(kept);
		return r;
	}
	/* The entry moves into the list, and a new one is read into. */
	kept->entry = g->entry;
	r = read_item(&item, kept);
	if (r < 0 || !is_wanted(&item, until_usec) ||
	    is_kept(g, kept->entry, item.time_usec)) {
		free(kept);
		return r == -ENOMEM ? r : 0;
	}
	r = entry_new(&g->entry);
	if (r < 0) {
		g->entry = NULL;
		kept_free(kept);
		return r;
	}
	g->items[g->n] = item;
	g->kept[g->n++] = kept;
	return 0;
}

struct pair {
	struct review_item item;
	struct kept *kept;
	size_t place;
};

static int compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->item.time_usec != y->item.time_usec)
		return x->item.time_usec < y->item.time_usec ? -1 : 1;
	return x->place < y->place ? 1 : -1;
}

void items_sort(struct gather *g)
{
	struct pair *pairs = calloc(g->n + 1, sizeof(*pairs));

	if (!pairs)
		return;
	for (size_t i = 0; i < g->n; i++)
		pairs[i] = (struct pair){ g->items[i], g->kept[i], i };
	qsort(pairs, g->n, sizeof(*pairs), compare);
	for (size_t i = 0; i < g->n; i++) {
		g->items[i] = pairs[i].item;
		g->kept[i] = pairs[i].kept;
	}
	free(pairs);
}

static bool tells_end(const struct review_item *item)
{
	return item->ending.kind == ENDING_MAIN_ENDED ||
	       item->ending.kind == ENDING_SUCCEEDED ||
	       item->ending.kind == ENDING_FAILED || item->ending.kind == ENDING_STOPPED;
}

void items_match_place(struct gather *g, const struct gather_place *place)
{
	if (place && place->boot[0])
		(void)journal_read_match(g->journal, "_BOOT_ID", place->boot);
	if (place && place->machine[0])
		(void)journal_read_match(g->journal, "_MACHINE_ID", place->machine);
}

bool items_place_of(const struct entry *entry, struct gather_place *place)
{
	const char *boot = entry_string(entry, "_BOOT_ID");
	const char *machine = entry_string(entry, "_MACHINE_ID");

	if (!boot)
		return false;
	snprintf(place->boot, sizeof(place->boot), "%s", boot);
	snprintf(place->machine, sizeof(place->machine), "%s", machine ? machine : "");
	return true;
}

bool items_place_at(const struct gather *g, size_t i, struct gather_place *place)
{
	return items_place_of(g->kept[i]->entry, place);
}

bool items_place(const struct gather *g, bool ends, int64_t since_usec,
		 struct gather_place *place)
{
	int64_t newest = INT64_MIN;

	for (size_t i = 0; i < g->n; i++) {
		if (g->items[i].time_usec < newest ||
		    (ends && !tells_end(&g->items[i])) ||
		    (number_known(since_usec) && g->items[i].time_usec < since_usec) ||
		    !items_place_at(g, i, place))
			continue;
		newest = g->items[i].time_usec;
	}
	return newest != INT64_MIN;
}

const char *items_host(const struct gather *g)
{
	for (size_t i = g->n; i > 0; i--) {
		if (!g->items[i - 1].context)
			return entry_string(g->kept[i - 1]->entry, "_HOSTNAME");
	}
	return NULL;
}

bool items_owner(const struct gather *g, const char *unit, int64_t *owner)
{
	bool found = false, found_end = false;

	for (size_t i = 0; i < g->n; i++) {
		const struct ending *e = &g->items[i].ending;
		bool end = tells_end(&g->items[i]);

		if (!e->kind || e->kind == ENDING_COREDUMP || !e->unit ||
		    strcmp(e->unit, unit) != 0 || (found_end && !end))
			continue;
		*owner = e->owner;
		found = true;
		found_end |= end;
	}
	return found;
}

int64_t items_end(const struct gather *g, int64_t since_usec, int64_t until_usec)
{
	int64_t end = NUMBER_ABSENT, last = NUMBER_ABSENT;

	for (size_t i = 0; i < g->n; i++) {
		last = g->items[i].time_usec;
		if (tells_end(&g->items[i]))
			end = last;
	}
	if (number_known(end))
		return end;
	if (number_known(last))
		return last;
	return number_known(until_usec)	  ? until_usec
	       : number_known(since_usec) ? since_usec
					  : 0;
}
