/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* people: names of user ids and where a login session came from, on the reader's side.
 * Answers are remembered, a bounded number of them. */
#pragma once

#include <stdint.h>

#include "core/event.h"
#include "io/journal_read.h"

struct people;

/* 0 or -ENOMEM. *people is the caller's. */
int people_new(struct people **people);
struct people *people_free(struct people *people);

/* The name that this host gives the user id, NULL where it has none; raw bytes, valid
 * until the next call. */
const char *people_user(struct people *people, int64_t uid);

/* Lets people_session() look into these journals, which are opened when it is first
 * asked; what where points to must stay. */
void people_look_in(struct people *people, const struct journal_where *where);

/* The boot (32 digits, _BOOT_ID) that the events to come are of: the numbers of audit
 * sessions begin again with each. NULL: not known, then no session is. */
void people_set_boot(struct people *people, const char *boot);

/* Where the audit session came from, as "by sshd from 10.0.0.5 port 50022", "by cron";
 * NULL where the journal doesn't say. Only what root wrote is believed. Raw bytes, valid
 * until the next call. Some lookups in the journal's index for each session. */
const char *people_session(struct people *people, int64_t session);
