/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rulecheck: are our rules loaded, and do they record? */
#pragma once

#include "core/rule.h"
#include "io/rules.h"

/* What is wrong with one of our rules. */
struct rule_fault {
	const struct audit_rule_data *rule;
	const struct audit_rule_data *front; /* what hides it; NULL: it isn't loaded */
	size_t place;			     /* of front in auditctl -l, from 1 */
	enum rule_effect effect;
};

typedef void rule_fault_fn(const struct rule_fault *fault, void *userdata);

/* Calls fn for each fault; how many there are. */
size_t rulecheck(const struct rules *loaded, const struct rules *wanted,
		 rule_fault_fn *fn, void *userdata);

/* Adds "rule 3 of auditctl -l (key foo)" for the rule in this place. */
void rulecheck_add_place(struct buffer *out, const struct audit_rule_data *rule,
			 size_t place);
