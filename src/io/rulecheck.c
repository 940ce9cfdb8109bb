/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/rulecheck.h"

#include "core/escape.h"

void rulecheck_add_place(struct buffer *out, const struct audit_rule_data *rule,
			 size_t place)
{
	struct bytes key = rule_key(rule);

	buffer_printf(out, "rule %zu of auditctl -l", place);
	if (!key.len)
		return;
	buffer_add_string(out, " (key ");
	escape_add_name(out, key.data, key.len);
	buffer_add_char(out, ')');
}

size_t rulecheck(const struct rules *loaded, const struct rules *wanted,
		 rule_fault_fn *fn, void *userdata)
{
	size_t faults = 0;

	for (size_t i = 0; i < wanted->n; i++) {
		struct rule_fault fault = { .rule = wanted->rule[i] };
		const struct audit_rule_data *ours = rules_find(loaded, fault.rule);

		if (!ours) {
			fn(&fault, userdata);
			faults++;
		}
		/* It would be added behind all others. */
		for (size_t k = 0; k < loaded->n && loaded->rule[k] != ours; k++) {
			fault.front = loaded->rule[k];
			fault.place = k + 1;
			fault.effect = rule_hides(fault.front, fault.rule);
			if (fault.effect == RULE_NONE)
				continue;
			fn(&fault, userdata);
			faults++;
		}
	}
	return faults;
}
