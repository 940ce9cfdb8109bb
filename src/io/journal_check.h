/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal_check: has journald kept what it was given? It takes a datagram, drops it where
 * its disk is full, and tells nobody. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/reason.h"

struct journal_check;
struct journal_where;

/* path: the journal's socket; run_id: of the entries that are ours, as the sink wrote it.
 * *check is the caller's. 0, -ENOMEM or -ENAMETOOLONG. */
int journal_check_new(struct journal_check **check, const char *path, const char *run_id);
struct journal_check *journal_check_free(struct journal_check *check);

/* Puts a datagram behind all that is in journald's socket, on a socket of its own. It is
 * empty, which journald passes over (journald-server.c, server_process_datagram). 0;
 * -EAGAIN: there is no room; other -errno: nobody listens ... */
int journal_check_ping(struct journal_check *check);

/* Has journald taken it? Then it has dealt with all that was in front, as it takes one
 * after the other. 1; 0: not yet; -errno. The socket is closed when it has. */
int journal_check_answered(struct journal_check *check);

/* So many entries are looked at in a part of a look, at the most. */
#define JOURNAL_CHECK_PART 2048

/* Begins to look for the entries with the numbers behind after up to barrier, and gives
 * up a look that isn't at its end. The journal (where: all zero for this host's own) is
 * open until that. 0; -errno with the reason: it can't be read. */
int journal_check_begin(struct journal_check *check, const struct journal_where *where,
			uint64_t after, uint64_t barrier, struct reason *reason);

/* Goes on with it for some milliseconds, and calls hole() for the numbers that no entry
 * has, from the newest to the oldest. -EINPROGRESS: there are more, call it again. 1:
 * that were all; 0: no entry of ours is there at all, and hole() wasn't called; other
 * -errno with the reason: it can't be read. *newest, at the end: all after barrier up to
 * it are there. */
typedef void journal_hole_fn(uint64_t first, uint64_t last, void *userdata);
int journal_check_read(struct journal_check *check, uint64_t *newest,
		       journal_hole_fn *hole, void *userdata, struct reason *reason);
