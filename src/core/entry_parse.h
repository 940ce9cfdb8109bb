/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* entry_parse: what sink_journal wrote into the fields of an entry, read back: one field
 * after another, in any order. */
#pragma once

#include "core/bytes.h"
#include "core/event.h"

struct entry_parse;

/* *parse is the caller's. 0 or -ENOMEM. */
int entry_parse_new(struct entry_parse **parse);
struct entry_parse *entry_parse_free(struct entry_parse *parse);

/* Begins an event of the kind that the MESSAGE_ID names. What the event comes to point to
 * belongs to parse and the fields, and is valid until the next begin. 0; -ENOENT: none of
 * ours (see entry_event()). */
int entry_parse_begin(struct entry_parse *parse, struct bytes uid, struct bytes id,
		      struct signal_event *ev);

/* Takes in a field; a NUL stands behind the value. Fields that an event of this kind
 * hasn't got are passed over. 0; -EBADMSG; -ENOMEM. */
int entry_parse_field(struct entry_parse *parse, struct bytes key, struct bytes value,
		      struct signal_event *ev);

/* Checks what must be there, and puts in order what the journal sorted. 0 or -EBADMSG. */
int entry_parse_end(struct entry_parse *parse, struct signal_event *ev);
