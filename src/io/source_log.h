/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source_log: the records of one audit log: auditd's, raw or enriched, `ausearch --raw`
 * or plain `ausearch`, of one host or several; also compressed (io/unpack.h). */
#pragma once

#include <stdint.h>

#include "io/source.h"

/* Reads from fd, which stays the caller's. *source is the caller's. 0 or -ENOMEM.
 *
 * source_read() blocks and never gives -EAGAIN. A line `----` ends the event before it
 * and is handed on as its EOE. counts.malformed: lines that are no records (too long,
 * NULs, two records run into each other, a last line without its end, which may be cut).
 * Errors: as unpack_read(); -EPROTO: `ausearch -i` wrote this, and that has lost what it
 * interpreted. */
int source_log_new(struct source **source, int fd);

/* How a log begins: its first record, all zero but for the time where none stands in the
 * first 64 KiB. */
struct source_log_first {
	int64_t time_usec; /* CLOCK_REALTIME; NUMBER_ABSENT: no record */
	uint64_t serial;
	bool has_node; /* does it name its host? */
};

/* Looks at the first record without taking it. 0 or an error as above. */
int source_log_peek(struct source *source, struct source_log_first *first);

/* The number of the first line that is no record; 0: there was none. */
uint64_t source_log_first_malformed(const struct source *source);

/* Records so far. */
uint64_t source_log_records(const struct source *source);

/* The program that can decompress what we can't, after -ENOTSUP. */
const char *source_log_tool(const struct source *source);
