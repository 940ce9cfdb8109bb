/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* match: what was asked for as matches for the journal's index. */
#pragma once

#include <stdbool.h>

#include "core/select.h"
#include "io/journal_read.h"

/* Sets the matches: at least the entries that select_matches() lets pass, by an index
 * nearly no others; times are not among them. boot: this boot's entries alone. growing:
 * for entries that are yet to come, whose exes and errors the index doesn't know. 0 or
 * -errno. */
int match_select(struct journal_read *journal, const struct select *select, bool boot,
		 bool growing);

/* All of ours of these kinds (enum event_kind, or-ed). 0 or -errno. */
int match_ours(struct journal_read *journal, unsigned kinds, bool boot);

/* Does growing change anything? */
bool match_depends_on_values(const struct select *select);
