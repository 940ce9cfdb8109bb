/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* undo: puts back in the kernel what a ledger says that we changed. */
#pragma once

#include "core/ledger.h"
#include "core/reason.h"
#include "io/audit_status.h"
#include "io/rules.h"

/* Strikes out of the ledger what is no longer in the kernel as we made it: somebody else
 * has changed it since, and if it comes back it is theirs. How many rules that were. */
size_t undo_reconcile(struct ledger *ledger, const struct audit_state *state,
		      const struct rules *loaded);

/* Removes the rules that the ledger has and keep has not, and strikes them out, as far as
 * it goes. 0, or the first -errno with the reason. */
int undo_rules(int fd, struct ledger *ledger, const struct ledger *keep,
	       struct reason *reason);

/* The same with all that the ledger has and keep has not: rules; backlog_limit if it is
 * still ours; enabled=0 if no audit daemon is registered, no rule is loaded and nobody
 * else has enabled it. */
int undo_all(int fd, struct ledger *ledger, const struct ledger *keep,
	     struct reason *reason);
