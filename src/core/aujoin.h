/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* aujoin: libauparse's joining in the place of join's, for comparison. It wants an
 * event's records in the kernel's order, and needs quadratic time behind an event that
 * lost its end. */
#pragma once

#include <auparse.h>

#include "core/join.h"

struct aujoin;

/* parser: a state from auparse_init(AUSOURCE_FEED) that nobody else uses; it stays the
 * caller's and must outlive *aujoin, which is the caller's too. What is called as in
 * join_new(). 0 or -ENOMEM. */
int aujoin_new(struct aujoin **aujoin, auparse_state_t *parser, join_event_fn *event,
	       join_incomplete_fn *incomplete, void *userdata);
struct aujoin *aujoin_free(struct aujoin *aujoin);

/* As join_feed() and join_flush(). */
int aujoin_feed(struct aujoin *aujoin, const struct record *record);
void aujoin_flush(struct aujoin *aujoin);
