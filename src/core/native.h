/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* native: an event as the fields of a journal entry, framed as journald's socket and its
 * export format want them (https://systemd.io/JOURNAL_EXPORT_FORMATS/). */
#pragma once

#include <stddef.h>

#include "core/buffer.h"
#include "core/event.h"

/* Adds "NAME=data\n", or where the data has a newline "NAME\n", the length as 64 bits
 * little-endian, the data and "\n". */
void native_field(struct buffer *out, const char *name, const void *data, size_t len);
void native_string(struct buffer *out, const char *name, const char *value);

/* The fields of the processes that entries were about last, ready-made: who sends once
 * mostly sends again, and most of an entry is about who that is. */
struct native_memo;

int native_memo_new(struct native_memo **memo);
struct native_memo *native_memo_free(struct native_memo *memo);

/* Adds all fields of the event; text is room for work, memo may be NULL. 0 or -ENOMEM. */
int native_entry(struct buffer *out, struct buffer *text, struct native_memo *memo,
		 const struct signal_event *ev);
