/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/journal_last.h"

#include "core/event.h"
#include "io/journal_read.h"

int64_t journal_last_usec(void)
{
	const struct journal_where here = { 0 };
	struct journal_read *journal = NULL;
	struct reason reason = { "" };
	struct entry *entry = NULL;
	int64_t usec = NUMBER_ABSENT;
	int r;

	r = entry_new(&entry);
	if (r >= 0)
		r = journal_read_open(&journal, &here, &reason);
	if (r >= 0)
		r = journal_read_match_ours(journal,
					    EVENT_SIGNAL | EVENT_DEATH | EVENT_TRAIL);
	if (r >= 0)
		r = journal_read_seek_tail(journal);
	if (r >= 0)
		r = journal_read_previous(journal, entry);
	if (r > 0)
		usec = entry_realtime_usec(entry);
	if (journal)
		journal_read_close(journal);
	entry_free(entry);
	return usec;
}
