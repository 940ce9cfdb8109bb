/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hold: our hold on the host's audit, shared by all who use it (daemon, watch, run,
 * doctor). What we changed and who wants which rule is written down in RUNDIR/rules, so
 * that it outlives a crash. Whoever lets go removes those of our rules that nobody else
 * wants; the last one puts the rest back. Who was killed wants nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/reason.h"
#include "io/audit_status.h"
#include "io/rules.h"

#define HOLD_RUNDIR "/run/sigtrail"

struct hold;

struct hold_report {
	struct audit_state before;
	bool enabled_audit; /* audit was off and is on now */
	bool immutable;	    /* audit is locked until the next boot: nothing was changed */
	size_t added;	    /* rules that were not there */
	size_t present;	    /* rules that were there */
	size_t left; /* rules that were written down and are there; others may want them
		      */
	size_t removed; /* rules that were written down and that somebody has removed */
	size_t missing; /* immutable or manage false: wanted rules that aren't there */
	char uncovered[128]; /* names of the calls that no loaded rule covers on the
				native arch */
};

/* Takes hold: enables audit if it is off, raises backlog_limit to 8,192 if it is lower,
 * adds each rule of want that isn't there, and writes down what is to be changed before
 * it is done, under a lock. With manage false it adds no rule and expects others to have
 * done so. audit_fd: of audit_status_open(); it stays the caller's and must outlive
 * *hold, and nobody else may read from it meanwhile. report may be NULL. -errno with the
 * reason (one sentence that says what to do) when it can't: then everything is as before.
 * Immutable: goes on with what is loaded if that covers any of our calls, -EPERM if not.
 * What is still written down from one that crashed goes with the next who lets go, what
 * was released with keep with the last one. */
int hold_take(struct hold **hold, int audit_fd, const char *rundir,
	      const struct rules_want *want, bool manage, struct hold_report *report,
	      struct reason *reason);

/* Other rules from now on: the new ones are in before the old ones go. Of these stay what
 * others want and, while others hold, what was kept. 0, also where there is nothing to do
 * (immutable, manage false); 1 with the reason: an old one couldn't be removed; -errno
 * with the reason, then the old ones stay. */
int hold_change(struct hold *hold, const struct rules_want *want, struct reason *reason);

/* Puts back what others undid: auditing on, the backlog limit and, with rules, the rules
 * of want, which hold_take() or hold_change() was given; what is added is written down
 * first. Never waits: -EBUSY while another of us changes something. 0 or -errno with the
 * reason. */
int hold_again(struct hold *hold, const struct rules_want *want, bool rules,
	       struct reason *reason);

/* Somebody else has loaded these rules anew: they stay, unless others hold: then it may
 * have been one of us. Never waits. */
void hold_rules_by_other(struct hold *hold, const struct rules_want *want);

/* Somebody else has switched auditing on meanwhile: it stays on, unless others hold.
 * Never waits. */
void hold_enabled_by_other(struct hold *hold);

/* The first half of letting go, for one who has yet to read what was recorded: wants no
 * rule any more and removes those that hold_release() would; auditing stays on. 0, or
 * -errno with the reason. hold_release() must follow, without keep. */
int hold_withdraw(struct hold *hold, struct reason *reason);

/* Lets go: removes the rules that are written down and that no other holder wants and
 * nobody kept. If nobody else holds: removes also those that were kept, puts
 * backlog_limit back if nobody changed it since, and enabled=0 only if we enabled it, no
 * audit daemon is registered, no other rule is loaded and nobody else enabled it; then
 * removes the files. keep: changes nothing in the kernel; what is written down stays, and
 * what we wanted of it is kept until the last one lets go or hold_unload(). 0 or -errno
 * with the reason (what could not be put back stays written down); hold is given back
 * (freed) either way, NULL is allowed. */
int hold_release(struct hold *hold, bool keep, struct reason *reason);

/* Lets go like hold_release(), but what nobody wanted of that which was written down when
 * *hold was taken stays, and auditing is off again if it was: the host is as hold_take()
 * found it, but for what others who hold want, or wanted and no longer do. */
int hold_restore(struct hold *hold, struct reason *reason);

struct hold_unloaded {
	size_t rules; /* how many were removed */
	bool backlog; /* whether backlog_limit, enabled were written down */
	bool enabled;
};

/* Puts back what is written down without having held: what one left with keep, or by a
 * crash. Not while others hold, unless force: -EBUSY. 0, also with nothing to do; -errno
 * with the reason. */
int hold_unload(int audit_fd, const char *rundir, bool force,
		struct hold_unloaded *unloaded, struct reason *reason);
