/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* count: how many events there were of each kind, as a table: log --count. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "core/event.h"
#include "core/reason.h"

struct count;

/* keys: of core/fields, commas between them; sender, target and signal are short for the
 * name of it, unit for target.unit. *count is the caller's. 0, -EINVAL with the reason,
 * -ENOMEM. */
int count_new(struct count **count, const char *keys, struct reason *reason);
struct count *count_free(struct count *count);

/* 0 or -ENOMEM. Beyond 100,000 different ones all others count as one.
 * Entries of the trail about itself count where a key is theirs (trail.cause). */
int count_add(struct count *count, const struct signal_event *ev);

/* Prints a line for each, the most frequent first: a table, or an object of JSON a line.
 * 0 or -errno. */
int count_print(struct count *count, FILE *out, bool json);
