/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* differ: what two ways of reading the same records make different. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "core/event.h"

enum differ_side { DIFFER_OWN, DIFFER_AUPARSE };

struct differ;

/* Prints to out, which stays the caller's. 0 or -ENOMEM. */
int differ_new(struct differ **differ, FILE *out);
struct differ *differ_free(struct differ *differ);

/* One side's next event; the two need not come in one order. An event that waits for its
 * like while 65,536 others came is printed as a difference. Notes aren't compared: they
 * hang on the order of events. */
void differ_add(struct differ *differ, enum differ_side side,
		const struct signal_event *ev);

/* No more events come: prints those that the other side hasn't got. */
void differ_finish(struct differ *differ);

/* Events of one side, and differences printed. */
uint64_t differ_events(const struct differ *differ, enum differ_side side);
uint64_t differ_differences(const struct differ *differ);
