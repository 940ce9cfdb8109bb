/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/undo.h"

#include <errno.h>
#include <string.h>

/* The loaded rule that has this text, NULL if there is none. */
static const struct audit_rule_data *find_text(const struct rules *loaded,
					       const char *text)
{
	const struct audit_rule_data *found = NULL;
	struct buffer line = { 0 };

	for (size_t i = 0; !found && i < loaded->n; i++) {
		buffer_reset(&line);
		if (!rules_format(loaded->rule[i], &line) && !line.failed &&
		    !strcmp(line.data, text))
			found = loaded->rule[i];
	}
	buffer_free(&line);
	return found;
}

size_t undo_reconcile(struct ledger *ledger, const struct audit_state *state,
		      const struct rules *loaded)
{
	const size_t before = ledger->n_rules;

	for (size_t i = ledger->n_rules; i-- > 0;)
		if (!find_text(loaded, ledger->rule[i].text))
			ledger_remove_rule(ledger, i);
	if (ledger->backlog && state->backlog_limit != ledger->backlog_new)
		ledger->backlog = false;
	if (state->enabled == AUDIT_OFF)
		ledger->enabled = ledger->enabled_by_other = false;
	return before - ledger->n_rules;
}

int undo_rules(int fd, struct ledger *ledger, const struct ledger *keep,
	       struct reason *reason)
{
	struct rules loaded;
	int result = 0;
	int r;

	r = rules_list(fd, &loaded, reason);
	if (r < 0)
		return r;
	for (size_t i = ledger->n_rules; i-- > 0;) {
		const char *text = ledger->rule[i].text;
		const struct audit_rule_data *rule = find_text(&loaded, text);

		if (ledger_has_rule(keep, text))
			continue;
		r = rule ? rules_delete(fd, rule, reason) : 0;
		if (!r || r == -ENOENT)
			ledger_remove_rule(ledger, i);
		else
			result = r;
	}
	rules_clear(&loaded);
	return result;
}

/* Nobody else relies on auditing: no daemon, no rule, no word of one who enabled it. */
static int may_disable(int fd, const struct ledger *ledger,
		       const struct audit_state *state, bool *may, struct reason *reason)
{
	struct rules loaded;
	int r;

	r = rules_list(fd, &loaded, reason);
	if (r < 0)
		return r;
	*may = !loaded.n && !state->pid && state->enabled == AUDIT_ON &&
	       !ledger->enabled_by_other;
	rules_clear(&loaded);
	return 0;
}

static int restore_backlog(int fd, struct ledger *ledger, const struct audit_state *state,
			   struct reason *reason)
{
	int r = 0;

	if (state->backlog_limit == ledger->backlog_new)
		r = audit_status_set_backlog(fd, ledger->backlog_old, reason);
	if (!r)
		ledger->backlog = false;
	return r;
}

static int restore_enabled(int fd, struct ledger *ledger, const struct audit_state *state,
			   struct reason *reason)
{
	bool may = false;
	int r = may_disable(fd, ledger, state, &may, reason);

	if (!r && may)
		r = audit_status_enable(fd, AUDIT_OFF, reason);
	if (!r)
		ledger->enabled = ledger->enabled_by_other = false;
	return r;
}

int undo_all(int fd, struct ledger *ledger, const struct ledger *keep,
	     struct reason *reason)
{
	struct audit_state state;
	int result, r;

	result = undo_rules(fd, ledger, keep, reason);
	r = audit_status_read(fd, &state, result ? NULL : reason);
	if (r < 0)
		return result ? result : r;
	if (ledger->backlog && !keep->backlog) {
		r = restore_backlog(fd, ledger, &state, result ? NULL : reason);
		result = result ? result : r;
	}
	if (ledger->enabled && !keep->enabled) {
		r = restore_enabled(fd, ledger, &state, result ? NULL : reason);
		result = result ? result : r;
	}
	return result;
}
