/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/survey.h"

#include <libaudit.h>
#include <stdio.h>

#include "core/rule.h"
#include "io/audit_status.h"
#include "io/now.h"
#include "io/plan.h"
#include "io/rulecheck.h"

/* The first one that is in the way is named. */
static void add_in_the_way(struct guard_found *found, const struct audit_rule_data *rule,
			   size_t place)
{
	struct bytes key = rule_key(rule);

	if (found->wrong[GUARD_ORDER])
		return;
	found->wrong[GUARD_ORDER] = true;
	snprintf(found->detail[GUARD_ORDER], GUARD_DETAIL_SIZE,
		 key.len ? "rule %zu of auditctl -l, key %.*s"
			 : "rule %zu of auditctl -l",
		 place, (int)key.len, key.len ? key.data : "");
}

static void on_fault(const struct rule_fault *fault, void *userdata)
{
	if (fault->front)
		add_in_the_way(userdata, fault->front, fault->place);
}

static void find_in_the_way(struct guard_found *found, const struct rules *loaded,
			    const struct rules *wanted)
{
	rulecheck(loaded, wanted, on_fault, found);
	for (size_t i = 0; i < loaded->n; i++) {
		const struct audit_rule_data *rule = loaded->rule[i];

		if (rule_blinds(rule) != RULE_NONE ||
		    rule_excludes(rule, AUDIT_SYSCALL) != RULE_NONE ||
		    rule_excludes(rule, AUDIT_OBJ_PID) != RULE_NONE)
			add_in_the_way(found, rule, i + 1);
	}
}

static void compare(struct guard_found *found, const struct audit_state *state,
		    const struct rules *loaded, const struct rules *wanted)
{
	struct hold_report report = { 0 };
	size_t uncovered = plan_count(wanted, loaded, &report);

	found->locked = state->enabled == AUDIT_IMMUTABLE;
	found->wrong[GUARD_AUDIT] = state->enabled == AUDIT_OFF;
	found->wrong[GUARD_RULES] = report.missing > 0;
	if (uncovered)
		snprintf(found->detail[GUARD_RULES], GUARD_DETAIL_SIZE,
			 "no rule covers %s", report.uncovered);
	else if (report.missing)
		snprintf(found->detail[GUARD_RULES], GUARD_DETAIL_SIZE,
			 "%zu of %zu rules are not loaded", report.missing, wanted->n);
	/* 0 is no limit. */
	found->wrong[GUARD_BACKLOG] = !found->locked && state->backlog_limit &&
				      state->backlog_limit < PLAN_BACKLOG_LIMIT;
	if (found->wrong[GUARD_BACKLOG])
		snprintf(found->detail[GUARD_BACKLOG], GUARD_DETAIL_SIZE,
			 "backlog_limit %u", state->backlog_limit);
	find_in_the_way(found, loaded, wanted);
}

int survey_take(int audit_fd, const struct rules_want *want, struct guard_found *found,
		struct reason *reason)
{
	struct rules wanted, loaded = { 0 };
	struct audit_state state;
	int r;

	*found = (struct guard_found){ .begin_usec = now_read_usec(CLOCK_REALTIME) };
	r = rules_make(&wanted, want, reason);
	if (!r)
		r = audit_status_read(audit_fd, &state, reason);
	if (!r)
		r = rules_list(audit_fd, &loaded, reason);
	if (!r)
		compare(found, &state, &loaded, &wanted);
	found->end_usec = now_read_usec(CLOCK_REALTIME);
	rules_clear(&loaded);
	rules_clear(&wanted);
	return r;
}
