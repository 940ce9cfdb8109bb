/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/plan.h"

#include <errno.h>
#include <string.h>

const char *plan_rule_text(const struct audit_rule_data *rule, struct buffer *line,
			   struct reason *reason)
{
	buffer_reset(line);
	if (!rules_format(rule, line) && !line->failed)
		return line->data;
	reason_set(reason, "can't write an audit rule down: out of memory");
	return NULL;
}

int plan_rules(struct ledger *ledger, const struct rules *wanted,
	       const struct rules *loaded, struct hold_report *report,
	       struct reason *reason)
{
	struct buffer line = { 0 };
	int r = 0;

	for (size_t i = 0; !r && i < wanted->n; i++) {
		const char *text;

		if (rules_find(loaded, wanted->rule[i])) {
			report->present++;
			continue;
		}
		report->added++;
		text = plan_rule_text(wanted->rule[i], &line, reason);
		r = text ? ledger_add_rule(ledger, text) : -ENOMEM;
		if (r < 0 && text)
			reason_set(reason, "can't write an audit rule down: %s",
				   strerror(-r));
	}
	buffer_free(&line);
	return r;
}

size_t plan_count(const struct rules *wanted, const struct rules *loaded,
		  struct hold_report *report)
{
	for (size_t i = 0; i < wanted->n; i++)
		if (rules_find(loaded, wanted->rule[i]))
			report->present++;
		else
			report->missing++;
	return rules_uncovered(loaded, report->uncovered, sizeof(report->uncovered));
}

int plan_immutable(const struct rules *wanted, const struct rules *loaded,
		   struct hold_report *report, struct reason *reason)
{
	report->immutable = true;
	if (plan_count(wanted, loaded, report) < SIGCALL_COUNT)
		return 0;
	reason_set(reason,
		   "the audit rules are locked until the next boot (enabled 2) and none "
		   "of those loaded records kill or another call that sends signals; "
		   "copy 40-sigtrail.rules to /etc/audit/rules.d and reboot");
	return -EPERM;
}

void plan_state(struct ledger *ledger, const struct audit_state *state)
{
	if (state->enabled == AUDIT_OFF)
		ledger->enabled = true;
	if (state->backlog_limit < PLAN_BACKLOG_LIMIT) {
		ledger->backlog = true;
		ledger->backlog_old = state->backlog_limit;
		ledger->backlog_new = PLAN_BACKLOG_LIMIT;
	}
}
