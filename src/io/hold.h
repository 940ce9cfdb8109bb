/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hold: our hold on the host's audit: what we changed, shared by all who use it (daemon,
 * watch, run), put back by the last one. It is written down in RUNDIR/rules, so that it
 * outlives a crash. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/reason.h"
#include "io/rules.h"

#define HOLD_RUNDIR "/run/sigtrail"

struct hold;

struct hold_report {
	bool enabled_audit;   /* audit was off and is on now */
	size_t added;         /* rules that were not there */
	size_t present;       /* rules that were there */
	size_t missing;       /* immutable: rules that can't be added; their calls are not seen */
	char uncovered[128];  /* immutable: names of the calls that no loaded rule covers */
};

/* Takes hold: enables audit if it is off, raises backlog_limit to 8,192 if it is lower, adds
 * each rule of want that isn't there, and writes down what was changed, under a lock. With manage
 * false it adds no rule and expects others to have done so. audit_fd: of audit_open(); it
 * stays the caller's and must outlive *hold. -errno with the reason (one sentence that says
 * what to do) when it can't: then everything is as before. Immutable: goes on with what is
 * loaded if that covers any of our calls. */
int hold_take(struct hold **hold, int audit_fd, const char *rundir, const struct rules_want *want,
	      bool manage, struct hold_report *report, struct reason *reason);

/* Other rules from now on: the new ones are in before the old ones go. Rules that others
 * share stay until the last one releases. */
int hold_change(struct hold *hold, const struct rules_want *want, struct reason *reason);

/* Somebody else has switched auditing on meanwhile: it stays on. */
void hold_enabled_by_other(struct hold *hold);

/* Lets go. If nobody else holds: removes the rules that are written down, puts backlog_limit
 * back if nobody changed it since, and enabled=0 only if we enabled it, no audit daemon is
 * registered, no other rule is loaded and nobody else enabled it. keep: changes nothing in
 * the kernel; what is written down stays for later. 0 or -errno with the reason; hold is
 * given back (freed) either way. */
int hold_release(struct hold *hold, bool keep, struct reason *reason);
