/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/remark.h"

#include <syslog.h>

#include "cli/match.h"
#include "trail/say.h"

/* No more are counted: what matters is that there are. */
#define GAPS_MAX 1000

void remark_damage(const struct trailread *read)
{
	const unsigned long long damaged = journal_read_damaged(read->journal);
	const unsigned long long unreadable = read->unreadable;

	if (damaged)
		say(LOG_WARNING,
		    "%llu %s of the journal can't be read: journalctl --verify tells of "
		    "damage",
		    damaged, damaged == 1 ? "entry" : "entries");
	if (unreadable)
		say(LOG_WARNING,
		    "%llu %s left out: a field says what this version of sigtraild never "
		    "writes",
		    unreadable, unreadable == 1 ? "entry is" : "entries are");
}

void remark_partial(const struct journal_read *journal)
{
	if (journal_read_is_partial(journal))
		say(LOG_WARNING,
		    "not all journals may be read by you: a member of adm or "
		    "systemd-journal may, and root");
}

/* Is there any trail, whatever was asked for? */
static bool has_trail(struct trailread *read)
{
	struct signal_event ev;

	if (match_ours(read->journal, EVENT_SIGNAL | EVENT_DEATH | EVENT_TRAIL, false) <
		    0 ||
	    journal_read_seek_tail(read->journal) < 0)
		return false;
	while (journal_read_previous(read->journal, read->entry) > 0) {
		if (entry_event(read->entry, &ev) == 0)
			return true;
	}
	return false;
}

void remark_nothing(struct trailread *read)
{
	if (has_trail(read))
		say(LOG_NOTICE, "nothing in the trail passes what was asked for");
	else if (journal_read_is_partial(read->journal))
		say(LOG_NOTICE, "no trail in what you may read: root and members of the "
				"groups systemd-journal and adm may read all");
	else
		say(LOG_NOTICE, "the journal has no trail: is sigtraild running? "
				"systemctl status sigtraild tells");
}

/* How many entries of gaps there are up to GAPS_MAX, of them stops. */
static unsigned count_gaps(struct trailread *read, int64_t from_usec, unsigned *stops)
{
	struct select times;
	struct trailread gaps = *read;
	struct signal_event ev;
	bool said_stop = false;
	unsigned n = 0;

	select_init(&times);
	times.since_usec = from_usec;
	times.until_usec = read->select->until_usec;
	gaps.select = &times;
	gaps.no_later_usec = 0;
	if (trailread_match_kinds(&gaps, EVENT_TRAIL) < 0 ||
	    trailread_seek_first(&gaps) < 0)
		return 0;
	*stops = 0;
	while (n < GAPS_MAX && trailread_next(&gaps, &ev) > 0) {
		bool absent = ev.trail.event == TRAIL_INCOMPLETE &&
			      ev.trail.cause == CAUSE_NOT_RUNNING;
		/* The start after a stop says it again, that after a kill alone. */
		bool stop = absent ? !said_stop : ev.trail.event == TRAIL_STOPPED;

		said_stop = ev.trail.event == TRAIL_STOPPED;
		n += stop || (ev.trail.event == TRAIL_INCOMPLETE && !absent);
		*stops += stop;
	}
	return n;
}

void remark_gaps(struct trailread *read, int64_t from_usec)
{
	const int64_t since_usec = read->select->since_usec;
	unsigned stops = 0;
	unsigned n;

	if (select_is_any(read->select))
		return;
	if (number_known(since_usec) &&
	    !(number_known(from_usec) && from_usec > since_usec))
		from_usec = since_usec;
	n = count_gaps(read, from_usec, &stops);
	if (n)
		say(LOG_NOTICE,
		    "the trail has gaps in that time: losses: %u, stops of sigtraild: "
		    "%u%s; "
		    "without filters they are shown",
		    n - stops, stops, n == GAPS_MAX ? ", and more" : "");
}
