/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gather: what the journal holds about a subject, for core/review. */
#pragma once

#include <stdbool.h>

#include "core/review.h"
#include "io/journal_read.h"

#define BOOT_ID_SIZE 33

struct gather;

/* Of which boot and host an entry has to be: 32 digits each, empty: of any. The
 * containers of a host may share its boot id, and each has a journal of its own. */
struct gather_place {
	char boot[BOOT_ID_SIZE];
	char machine[BOOT_ID_SIZE];
};

/* Whose end, and when. */
struct gather_want {
	int64_t since_usec; /* absent: no bound */
	int64_t until_usec;
	const struct gather_place *place; /* NULL: any */
	bool last_only; /* the history before the newest end isn't needed */
};

/* *gather is the caller's; the journal must outlive it. 0 or -ENOMEM. */
int gather_new(struct gather **gather, struct journal_read *journal);
struct gather *gather_free(struct gather *gather);

/* Finds the subject by what a person calls it (digits are a pid; a unit's name; else
 * NAME.service if the journal knows it; else the container with that id, 12 characters or
 * more of it; else the newest process of that name). Strings are gather's. 0 or -errno.
 */
int gather_find(struct gather *gather, const char *name, const struct gather_want *want,
		struct review_subject *subject);

/* Reads what is needed to judge the newest end of the subject: the endings and events of
 * it, what the trail says about itself in that boot, and what the kernel said around the
 * end. Every list is bounded. local: the journal is this host's own, so that what runs
 * now can be seen. What *review points to is gather's until the next call. 0 or -errno.
 */
int gather_read(struct gather *gather, struct review_subject *subject,
		const struct gather_want *want, bool local, struct review *review);

/* The boot that was read last, 32 digits; NULL: none. */
const char *gather_boot(const struct gather *gather);

/* The ends of units that their managers told in that time, and the deaths that the kernel
 * recorded, the newest first: calls end() for each until it gives anything but 0, and
 * gives that back. At most max of both. */
typedef int gather_end_fn(const struct review_item *item,
			  const struct gather_place *place, void *userdata);
int gather_ends(struct gather *gather, const struct gather_want *want, size_t max,
		gather_end_fn *end, void *userdata);
