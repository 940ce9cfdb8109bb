/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trailread.h"

#include <errno.h>

#include "cli/match.h"

/* An entry that stands for a flood is written when that ends, and all of them late where
 * the journal was down: so long after its time we look for one. */
#define LATE_USEC (60 * 1000000LL)

int trailread_match(struct trailread *read)
{
	return match_select(read->journal, read->select, read->boot, read->growing);
}

int trailread_match_kinds(struct trailread *read, unsigned kinds)
{
	return match_ours(read->journal, kinds, read->boot);
}

int trailread_seek_first(struct trailread *read)
{
	if (number_known(read->select->since_usec))
		return journal_read_seek(read->journal, read->select->since_usec);
	return journal_read_seek_head(read->journal);
}

int trailread_seek_last(struct trailread *read)
{
	if (number_known(read->select->until_usec))
		return journal_read_seek(read->journal,
					 read->select->until_usec + LATE_USEC);
	return journal_read_seek_tail(read->journal);
}

/* Events come to the journal after they happened, never before. */
static bool is_too_early(const struct trailread *read)
{
	return number_known(read->select->since_usec) &&
	       entry_realtime_usec(read->entry) < read->select->since_usec;
}

static bool is_too_late(const struct trailread *read)
{
	const int64_t at_usec = entry_realtime_usec(read->entry);

	if (read->no_later_usec && at_usec > read->no_later_usec)
		return true;
	return number_known(read->select->until_usec) &&
	       at_usec > read->select->until_usec + LATE_USEC;
}

/* Is the entry that was read one that was asked for? */
static bool accept(struct trailread *read, struct signal_event *ev)
{
	int r = entry_event(read->entry, ev);

	if (r < 0) {
		read->unreadable += r != -ENOENT;
		return false;
	}
	if (read->hosts && !ev->node)
		ev->node = entry_string(read->entry, "_HOSTNAME");
	return select_matches(read->select, ev);
}

int trailread_next(struct trailread *read, struct signal_event *ev)
{
	int r;

	while ((r = journal_read_next(read->journal, read->entry)) > 0) {
		if (is_too_late(read))
			return 0;
		if (accept(read, ev))
			return 1;
	}
	return r;
}

int trailread_previous(struct trailread *read, struct signal_event *ev)
{
	int r;

	while ((r = journal_read_previous(read->journal, read->entry)) > 0) {
		if (is_too_early(read))
			return 0;
		if (accept(read, ev))
			return 1;
	}
	return r;
}

int trailread_go_back(struct trailread *read, int64_t n, struct signal_event *ev)
{
	int r = trailread_seek_last(read);

	/* The place behind the last needs one step, so that what comes is the next. */
	if (r >= 0 && n == 0) {
		r = journal_read_previous(read->journal, read->entry);
		return r > 0 ? 0 : r;
	}
	for (int64_t i = 0; r >= 0 && i < n; i++) {
		r = trailread_previous(read, ev);
		if (r == 0) {
			r = trailread_seek_first(read);
			return r < 0 ? r : 0;
		}
	}
	return r < 0 ? r : 1;
}
