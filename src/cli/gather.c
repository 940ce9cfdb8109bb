/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/gather.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gather_items.h"
#include "core/message.h"
#include "io/audit_status.h"

#define SEC 1000000LL
/* Bounds of each list. */
#define ENDINGS_MAX	 1000
#define LAST_ENDINGS_MAX 64
#define LAST_EVENTS_MAX	 500
#define EVENTS_MAX	 4000
#define SIGNS_MAX	 100
#define TRAIL_MAX	 1000
#define KERNEL_MAX	 5000
/* The kernel's first lines say how it was booted. */
#define BOOT_LINES_MAX 100
/* Entries may come into the journal so long after what they tell of. */
#define LATE_USEC (60 * SEC)
/* How far before an end the OOM killer may have been the reason. */
#define OOM_USEC (95 * SEC)

/* The journal reads the kernel's lines when it comes to them. */
#define KERNEL_LATE_USEC (5 * SEC)

#define OWN_UNIT "sigtraild.service"

/* --- one query: matches of the place, read backwards --- */

static void in_place(struct gather *g)
{
	items_match_place(g, &g->place);
}

/* Reads the newest that match and are no older than since_usec into items, at most max.
 */
static int read_back(struct gather *g, int64_t since_usec, int64_t until_usec, size_t max,
		     bool context)
{
	int r = number_known(until_usec)
			? journal_read_seek(g->journal, until_usec + LATE_USEC)
			: journal_read_seek_tail(g->journal);

	g->cut_usec = NUMBER_ABSENT;
	for (size_t i = 0; r >= 0; i++) {
		r = journal_read_previous(g->journal, g->entry);
		if (r <= 0)
			break;
		if (i == max) {
			g->cut_usec = entry_realtime_usec(g->entry);
			break;
		}
		if (number_known(since_usec) &&
		    entry_realtime_usec(g->entry) < since_usec)
			break;
		r = items_take(g, until_usec, context);
	}
	journal_read_flush_matches(g->journal);
	return r < 0 ? r : 0;
}

/* Entries of ours in which one of these fields has that value. */
static void match_events(struct gather *g, const char *const *keys, size_t n,
			 const char *value)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			(void)journal_read_or(g->journal);
		in_place(g);
		(void)journal_read_match_ours(g->journal, EVENT_SIGNAL | EVENT_DEATH);
		(void)journal_read_match(g->journal, keys[i], value);
	}
}

/* What a field says counts only beside one that says who wrote it: what others write, as
 * much as they like, must not push that out of a list that has a bound. */
struct told_by {
	const char *key, *who, *is;
};

static void match_told(struct gather *g, const struct told_by *by, size_t n,
		       const char *value)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			(void)journal_read_or(g->journal);
		in_place(g);
		(void)journal_read_match(g->journal, by[i].who, by[i].is);
		(void)journal_read_match(g->journal, by[i].key, value);
	}
}

/* --- what it is made of --- */

static int read_endings(struct gather *g, const char *unit, int64_t until_usec,
			bool context)
{
	static const struct told_by managers[] = {
		{ "UNIT", "_PID", "1" },
		{ "USER_UNIT", "_SYSTEMD_USER_UNIT", "init.scope" },
	};
	static const struct told_by dumps[] = {
		{ "COREDUMP_UNIT", "MESSAGE_ID", ENDING_ID_COREDUMP },
		{ "COREDUMP_USER_UNIT", "MESSAGE_ID", ENDING_ID_COREDUMP },
	};
	int r;

	match_told(g, dumps, 2, unit);
	r = read_back(g, NUMBER_ABSENT, until_usec, g->endings_max, context);
	match_told(g, managers, 2, unit);
	return r < 0 ? r
		     : read_back(g, NUMBER_ABSENT, until_usec, g->endings_max, context);
}

static int read_events(struct gather *g, const struct review_subject *subject,
		       int64_t until_usec)
{
	static const char *const unit_keys[] = { "TARGET_UNIT", "TARGET_USER_UNIT" };
	static const char *const container_keys[] = { "TARGET_CONTAINER" };
	static const char *const target_keys[] = { "TARGET_PID" };
	static const char *const sender_keys[] = { "SENDER_PID" };
	char pid[24];
	int r;

	switch (subject->kind) {
	case SUBJECT_UNIT:
		match_events(g, unit_keys, 2, subject->name);
		return read_back(g, NUMBER_ABSENT, until_usec, g->events_max, false);
	case SUBJECT_CONTAINER:
		match_events(g, container_keys, 1, subject->name);
		return read_back(g, NUMBER_ABSENT, until_usec, g->events_max, false);
	default:
		break;
	}
	snprintf(pid, sizeof(pid), "%lld", (long long)subject->pid);
	match_events(g, sender_keys, 1, pid);
	r = read_back(g, NUMBER_ABSENT, until_usec, SIGNS_MAX, false);
	match_events(g, target_keys, 1, pid);
	return r < 0 ? r : read_back(g, NUMBER_ABSENT, until_usec, g->events_max, false);
}

static int read_ids(struct gather *g, const char *const *ids, size_t n,
		    int64_t since_usec, int64_t until_usec)
{
	for (size_t i = 0; i < n; i++)
		(void)journal_read_match(g->journal, "MESSAGE_ID", ids[i]);
	(void)journal_read_match(g->journal, "_UID", "0");
	in_place(g);
	return read_back(g, since_usec, until_usec, TRAIL_MAX, true);
}

/* What the guard says, where it began and ended however long ago. */
static int read_changes(struct gather *g)
{
	static const char *const ids[] = { MESSAGE_INCOMPLETE, MESSAGE_RULES };
	static const enum trail_cause causes[] = { CAUSE_RULES_CHANGED,
						   CAUSE_RULES_SHADOWED,
						   CAUSE_AUDIT_DISABLED };

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		(void)journal_read_match(g->journal, "SIGTRAIL_CAUSE",
					 trail_cause_name(causes[i]));
	return read_ids(g, ids, 2, NUMBER_ABSENT, NUMBER_ABSENT);
}

/* What the trail says of itself: from the first start of the boot on; losses only those
 * near the end. */
static int read_trail(struct gather *g, int64_t end_usec)
{
	static const char *const runs[] = { MESSAGE_STARTED, MESSAGE_STOPPED };
	static const char *const losses[] = { MESSAGE_INCOMPLETE };
	int r;

	r = read_ids(g, runs, 2, NUMBER_ABSENT, end_usec);
	if (r == 0)
		r = read_ids(g, losses, 1, end_usec - REVIEW_WINDOW_USEC - LATE_USEC,
			     NUMBER_ABSENT);
	if (r == 0)
		r = read_changes(g);
	return r < 0 ? r : read_endings(g, OWN_UNIT, end_usec, true);
}

/* The kernel's own words around the end. */
static int read_kernel(struct gather *g, int64_t end_usec)
{
	in_place(g);
	(void)journal_read_match(g->journal, "_TRANSPORT", "kernel");
	return read_back(g, end_usec - OOM_USEC, end_usec + KERNEL_LATE_USEC, KERNEL_MAX,
			 true);
}

/* Was this boot with audit=1? */
static bool says_audited(struct gather *g)
{
	bool audited = false;
	int r;

	in_place(g);
	(void)journal_read_match(g->journal, "_TRANSPORT", "kernel");
	r = journal_read_seek_head(g->journal);
	for (int i = 0; r >= 0 && i < BOOT_LINES_MAX; i++) {
		r = journal_read_next(g->journal, g->entry);
		if (r <= 0)
			break;
		r = ending_read_boot(g->entry);
		if (r >= 0) {
			audited = r > 0;
			break;
		}
		r = 0;
	}
	journal_read_flush_matches(g->journal);
	return audited;
}

/* Has process 1 left a record in that boot? Then everybody does. */
static bool is_manager_seen(struct gather *g)
{
	bool seen;

	in_place(g);
	(void)journal_read_match_ours(g->journal, EVENT_SIGNAL);
	(void)journal_read_match(g->journal, "SENDER_PID", "1");
	seen = journal_read_seek_tail(g->journal) >= 0 &&
	       journal_read_previous(g->journal, g->entry) > 0;
	journal_read_flush_matches(g->journal);
	return seen;
}

static bool is_this_boot(const struct gather *g)
{
	char boot[BOOT_ID_SIZE];

	return journal_read_boot(boot) >= 0 && strcmp(boot, g->place.boot) == 0;
}

/* --- which end --- */

/* The newest entry that tells an end of the unit decides which boot of which host it
 * is; else the newest that is about the subject at all. */
static int choose_place(struct gather *g, const struct review_subject *subject,
			const struct gather_want *want)
{
	int r = 0;

	g->place = want->place && want->place->boot[0] ? *want->place : g->found;
	if (g->place.machine[0])
		return 0;
	if (subject->unit)
		r = read_endings(g, subject->unit, want->until_usec, false);
	if (r == 0 && !items_place(g, true, want->since_usec, &g->place)) {
		r = read_events(g, subject, want->until_usec);
		(void)items_place(g, false, want->since_usec, &g->place);
	}
	items_clear(g);
	return r;
}

/* Whose manager "user@1000.service" is. */
static int64_t manager_of(const char *unit)
{
	long long uid;

	return unit && sscanf(unit, "user@%lld.service", &uid) == 1 ? uid : NUMBER_ABSENT;
}

/* Where the process ran whose id or name was given. */
static void find_unit(struct gather *g, struct review_subject *subject)
{
	for (size_t i = g->n; i > 0 && !subject->unit; i--) {
		const struct signal_event *ev = g->items[i - 1].event;

		if (!ev || !review_is_about(subject, ev))
			continue;
		subject->unit =
			ev->target.user_unit ? ev->target.user_unit : ev->target.unit;
		subject->is_owned = true;
		subject->owner = ev->target.user_unit ? manager_of(ev->target.unit)
						      : NUMBER_ABSENT;
		snprintf(g->unit, sizeof(g->unit), "%s",
			 subject->unit ? subject->unit : "");
		if (subject->unit)
			subject->unit = g->unit;
	}
}

int gather_read(struct gather *g, struct review_subject *subject,
		const struct gather_want *want, bool local, struct review *review)
{
	int64_t end, cut;
	int r;

	items_clear(g);
	g->endings_max = want->last_only ? LAST_ENDINGS_MAX : ENDINGS_MAX;
	g->events_max = want->last_only ? LAST_EVENTS_MAX : EVENTS_MAX;
	r = choose_place(g, subject, want);
	if (r == 0)
		r = read_events(g, subject, want->until_usec);
	cut = g->cut_usec;
	items_sort(g);
	find_unit(g, subject);
	if (r == 0 && subject->unit)
		r = read_endings(g, subject->unit, want->until_usec, false);
	items_sort(g);
	if (subject->unit && !subject->is_owned)
		subject->is_owned = items_owner(g, subject->unit, &subject->owner);
	if (g->n > 0)
		subject->known = true;
	end = items_end(g, want->since_usec, want->until_usec);
	if (r == 0)
		r = read_trail(g, end);
	if (r == 0)
		r = read_kernel(g, end);
	items_sort(g);
	if (local && (!g->place.boot[0] || is_this_boot(g)))
		subject->lives = gather_lives(g, subject);
	*review = (struct review){
		.subject = *subject,
		.items = g->items,
		.n_items = g->n,
		.since_usec = want->since_usec,
		.cut_usec = cut,
		.host = local ? NULL : items_host(g),
		.all_audited = is_manager_seen(g) || says_audited(g) ||
			       (local && is_this_boot(g) && audit_status_since_boot()),
	};
	return r;
}

const char *gather_boot(const struct gather *g)
{
	return g->place.boot[0] ? g->place.boot : NULL;
}

int gather_ends(struct gather *g, const struct gather_want *want, size_t max,
		gather_end_fn *end, void *userdata)
{
	static const char *const ids[] = { ENDING_ID_PROCESS_ENDED, ENDING_ID_SUCCEEDED,
					   ENDING_ID_FAILED };
	size_t found = 0;
	int r;

	items_clear(g);
	g->place = want->place ? *want->place : (struct gather_place){ "" };
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		(void)journal_read_match(g->journal, "MESSAGE_ID", ids[i]);
	in_place(g);
	r = read_back(g, want->since_usec, want->until_usec, max, false);
	(void)journal_read_match_ours(g->journal, EVENT_DEATH);
	in_place(g);
	if (r == 0)
		r = read_back(g, want->since_usec, want->until_usec, max, false);
	items_sort(g);
	for (size_t i = g->n; r == 0 && i > 0 && found < max; i--, found++) {
		struct gather_place place = { "" };

		(void)items_place_at(g, i - 1, &place);
		r = end(&g->items[i - 1], &place, userdata);
	}
	return r;
}

/* --- making and freeing --- */

int gather_new(struct gather **gather, struct journal_read *journal)
{
	struct gather *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return -ENOMEM;
	g->journal = journal;
	r = entry_new(&g->entry);
	if (r < 0)
		gather_free(g);
	else
		*gather = g;
	return r;
}

struct gather *gather_free(struct gather *g)
{
	if (!g)
		return NULL;
	items_clear(g);
	free(g->items);
	free(g->kept);
	entry_free(g->entry);
	free(g);
	return NULL;
}
