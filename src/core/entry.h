/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* entry: one entry of a journal as its fields, and the event that sigtraild wrote as it:
 * the way back of sink_journal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/event.h"

/* What an entry may have. */
#define ENTRY_FIELDS_MAX 512
#define ENTRY_BYTES_MAX	 (1024 * 1024)

struct entry;

/* An empty one, which is the caller's; it is used for one entry after another. 0 or
 * -ENOMEM. */
int entry_new(struct entry **entry);
struct entry *entry_free(struct entry *entry);

/* Forgets the fields; what was handed out is void. realtime_usec: when the journal got
 * the entry. */
void entry_clear(struct entry *entry, int64_t realtime_usec);

/* Adds a copy of one field, "KEY=bytes" (raw, any bytes in the value); what was handed
 * out before is void. 0; -ENOMEM; -EINVAL without "="; -E2BIG above the bound on fields
 * and bytes of an entry: the field is left out. */
int entry_add(struct entry *entry, const char *field, size_t len);

int64_t entry_realtime_usec(const struct entry *entry);

/* The first value of a field, a NUL behind it; no data where the entry hasn't got it. */
struct bytes entry_get(const struct entry *entry, const char *key);

/* The value as C string up to its first NUL; NULL where the entry hasn't got it. */
const char *entry_string(const struct entry *entry, const char *key);

/* The value as a decimal number of any sign; NUMBER_ABSENT where it is none. */
int64_t entry_number(const struct entry *entry, const char *key);

/* All of them, in order: value i of *n "KEY=bytes". For export. */
struct bytes entry_field(const struct entry *entry, size_t i);
size_t entry_n_fields(const struct entry *entry);

/* Reads the event back out of the fields; what it points to is the entry's, valid until
 * entry_clear(). 0; -ENOENT: none of ours (no MESSAGE_ID of message.h, or not written by
 * uid 0: the trusted field _UID says so, and anybody else may forge the rest); -EBADMSG:
 * ours by its id, but a field says what we never write. */
int entry_event(struct entry *entry, struct signal_event *ev);
