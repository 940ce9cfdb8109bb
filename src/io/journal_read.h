/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal_read: reads journals through sd-journal(3). Matches go to the journal's index:
 * nothing is scanned that doesn't match. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/entry.h"
#include "core/reason.h"

/* Which journals. All zero: this host's own. */
struct journal_where {
	bool merge; /* all in the default directories, other hosts' too */
	const char *directory;
	const char *const *files;
	size_t n_files;
};

struct journal_read;

/* *journal is the caller's. 0; -errno with the reason (no such directory, no permission
 * and what to do: a member of adm or systemd-journal may read all ...). */
int journal_read_open(struct journal_read **journal, const struct journal_where *where,
		      struct reason *reason);
struct journal_read *journal_read_close(struct journal_read *journal);

/* Are there journal files beside those read that we may not read? */
bool journal_read_is_partial(const struct journal_read *journal);

/* --- which entries: the semantics of sd_journal_add_match(3): matches of one field are
 * alternatives, of different fields must all hold; or, and as there --- */

void journal_read_flush_matches(struct journal_read *journal);
/* 0 or -errno. */
int journal_read_match(struct journal_read *journal, const char *key, const char *value);
int journal_read_or(struct journal_read *journal);
int journal_read_and(struct journal_read *journal);

/* Adds the match "what sigtraild wrote": its MESSAGE_IDs of these kinds (enum event_kind,
 * or-ed), from uid 0. */
int journal_read_match_ours(struct journal_read *journal, unsigned kinds);

/* Calls value() for each value that this field has anywhere in the journals (index only).
 * 0 or -errno. */
typedef void journal_read_value_fn(const char *value, size_t len, void *userdata);
int journal_read_values(struct journal_read *journal, const char *key,
			journal_read_value_fn *value, void *userdata);

/* --- where: the next entry read is the one after (or before) this place --- */

int journal_read_seek_head(struct journal_read *journal);
int journal_read_seek_tail(struct journal_read *journal);
/* CLOCK_REALTIME. */
int journal_read_seek(struct journal_read *journal, int64_t realtime_usec);

/* Moves on and reads that entry. 1; 0: there is none (any more, or yet); -errno. Entries
 * that can't be read (a damaged file) are skipped and counted. */
int journal_read_next(struct journal_read *journal, struct entry *entry);
int journal_read_previous(struct journal_read *journal, struct entry *entry);

/* The same without reading them, so many of them at once. How many there were, at most n,
 * or -errno; the last of them is the one that journal_read_number() reads. */
int64_t journal_read_skip_previous(struct journal_read *journal, uint64_t n);
int64_t journal_read_skip_next(struct journal_read *journal, uint64_t n);

/* The number in this field of the entry there. 0; -ENOENT: it has none; -errno. */
int journal_read_number(struct journal_read *journal, const char *key, int64_t *number);
uint64_t journal_read_damaged(const struct journal_read *journal);

/* Adds the place of the entry that was read last, as the lines that begin it in journal
 * export format. 0 or -errno. */
int journal_read_address(struct journal_read *journal, struct buffer *out);

/* To wait for new entries: poll fd for events (poll(2)), no longer than timeout_usec
 * (CLOCK_MONOTONIC, absolute; UINT64_MAX: no bound), then journal_read_process(): has
 * anything been added? 0 or more, or -errno. */
int journal_read_fd(struct journal_read *journal);
int journal_read_events(struct journal_read *journal);
uint64_t journal_read_timeout(struct journal_read *journal);
int journal_read_process(struct journal_read *journal);

/* This boot's id, 32 digits, for a match of _BOOT_ID. 0 or -errno. */
int journal_read_boot(char boot[33]);
