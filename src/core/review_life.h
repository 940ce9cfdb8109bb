/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* review_life: the incarnations of a unit, from its start to its end, as its service
 * manager told of them. */
#pragma once

#include "core/review.h"

/* One incarnation; NULL and absent for what wasn't told. */
struct life {
	int64_t start_usec;
	int64_t from_usec; /* its processes may have got signals from here on */
	const struct ending *end;
	const char *result;	       /* with which it failed */
	const struct ending *stopping; /* before its end, all of them */
	const struct ending *limit;    /* watchdog, runtime, start timeout */
	const struct ending *timeout;
	const struct ending *client; /* the last that was sent on a client's request */
	const struct ending *kill;   /* likewise by the manager itself */
	const struct ending *unit_oom;
	const struct ending *oom; /* the kernel's */
};

struct lives {
	struct life last;   /* the newest that ended; no end: none did */
	int64_t again_usec; /* it was started after that (or at all); absent: it wasn't */
	size_t n_ends;
};

/* Reads the items that are about the unit. after_usec (may be absent): the first
 * incarnation that ended later is the one that is asked for, not the newest. */
void lives_read(struct lives *lives, const struct review *review, const char *unit,
		int64_t after_usec);
