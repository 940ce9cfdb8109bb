/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plan: what a hold is going to change, entered into its ledger first. */
#pragma once

#include "core/ledger.h"
#include "core/reason.h"
#include "io/audit_status.h"
#include "io/hold.h"
#include "io/rules.h"

/* What the kernel's backlog limit is raised to. */
#define PLAN_BACKLOG_LIMIT 8192

/* The rule's text, valid until the next call with this buffer; NULL with the reason. */
const char *plan_rule_text(const struct audit_rule_data *rule, struct buffer *line,
			   struct reason *reason);

/* Enters the rules of wanted that aren't loaded into the ledger, and counts both kinds in
 * the report. 0 or -errno with the reason. */
int plan_rules(struct ledger *ledger, const struct rules *wanted,
	       const struct rules *loaded, struct hold_report *report,
	       struct reason *reason);

/* Where rules don't change: counts what of the wanted is there and what isn't, and names
 * the calls that nothing covers; how many these are. */
size_t plan_count(const struct rules *wanted, const struct rules *loaded,
		  struct hold_report *report);

/* The same for immutable rules: 0 if they cover any of our calls, else -EPERM with the
 * reason. */
int plan_immutable(const struct rules *wanted, const struct rules *loaded,
		   struct hold_report *report, struct reason *reason);

/* Enters that auditing is to be on and the backlog limit high. */
void plan_state(struct ledger *ledger, const struct audit_state *state);
