/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sink_journal: entries to journald by its native protocol
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/) on a socket that never blocks;
 * sd_journal_sendv(3) blocks when nobody reads and says nothing when nobody is there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "io/sink.h"

/* path: the journal's socket, normally SINK_JOURNAL_SOCKET. Connects when there is
 * something to write, and again after journald was away. 0 or -errno. */
#define SINK_JOURNAL_SOCKET "/run/systemd/journal/socket"
int sink_journal_new(struct sink **sink, const char *path, size_t queue_bytes);

/* From now on each entry has the fields SIGTRAIL_RUN, an id that no other sink has, and
 * SIGTRAIL_ENTRY, its number from 1, and sink->handed keeps what it stands for. 0 or
 * -errno. */
#define SINK_JOURNAL_RUN   "SIGTRAIL_RUN"
#define SINK_JOURNAL_ENTRY "SIGTRAIL_ENTRY"
int sink_journal_number(struct sink *sink);

/* The id, 32 digits; it is the sink's. "" without sink_journal_number(). */
const char *sink_journal_run(const struct sink *sink);

/* Does somebody listen there now? */
bool sink_journal_listens(const char *path);
