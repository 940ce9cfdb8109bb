/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/hold.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ledger.h"
#include "io/audit_status.h"
#include "io/hold_book.h"
#include "io/plan.h"
#include "io/undo.h"

struct hold {
	struct hold_book book;
	int audit_fd;
	bool manage;
	bool enabled_by_other;
	bool enabled_audit;  /* it was us */
	size_t removed;	     /* by others, of those that were written down */
	struct ledger found; /* what was there when we came and isn't others' to undo */
};

static int out_of_memory(struct reason *reason)
{
	reason_set(reason, "out of memory");
	return -ENOMEM;
}

/* Reads what is written down and what the kernel says. Under the mutex. */
static int look(struct hold *hold, struct audit_state *state, struct rules *loaded,
		struct reason *reason)
{
	int r = hold_book_read(&hold->book, reason);

	if (!r)
		r = audit_status_read(hold->audit_fd, state, reason);
	if (!r)
		r = rules_list(hold->audit_fd, loaded, reason);
	if (!r)
		hold->removed = undo_reconcile(&hold->book.ledger, state, loaded);
	return r;
}

/* The same where only the ledger is to be as the kernel is. */
static int look_only(struct hold *hold, struct reason *reason)
{
	struct audit_state state;
	struct rules loaded = { 0 };
	int r = look(hold, &state, &loaded, reason);

	rules_clear(&loaded);
	return r;
}

static int add_rules(struct hold *hold, const struct rules *wanted,
		     const struct rules *loaded, struct reason *reason)
{
	struct buffer line = { 0 };
	int r = 0;

	for (size_t i = 0; !r && i < wanted->n; i++) {
		const char *text;

		if (rules_find(loaded, wanted->rule[i]))
			continue;
		r = rules_add(hold->audit_fd, wanted->rule[i], reason);
		if (r != -EEXIST)
			continue;
		/* Somebody has loaded it since we looked: it is theirs. */
		text = plan_rule_text(wanted->rule[i], &line, reason);
		if (text)
			ledger_strike_rule(&hold->book.ledger, text);
		r = text ? hold_book_write(&hold->book, reason) : -ENOMEM;
	}
	buffer_free(&line);
	return r;
}

/* Brings what is planned in the ledger into the kernel. */
static int apply(struct hold *hold, const struct audit_state *state,
		 const struct rules *wanted, const struct rules *loaded,
		 struct reason *reason)
{
	int r = 0;

	if (state && state->enabled == AUDIT_OFF)
		r = audit_status_enable(hold->audit_fd, AUDIT_ON, reason);
	if (!r && state && state->backlog_limit < PLAN_BACKLOG_LIMIT)
		r = audit_status_set_backlog(hold->audit_fd, PLAN_BACKLOG_LIMIT, reason);
	if (!r)
		r = add_rules(hold, wanted, loaded, reason);
	return r;
}

/* Writes the plan down, then does it, or nothing. state is NULL if only rules change. */
static int plan_and_apply(struct hold *hold, const struct audit_state *state,
			  const struct rules *wanted, const struct rules *loaded,
			  struct hold_report *report, struct reason *reason)
{
	struct ledger before = { 0 };
	int r;

	if (ledger_copy(&before, &hold->book.ledger) < 0)
		return out_of_memory(reason);
	if (state)
		plan_state(&hold->book.ledger, state);
	r = plan_rules(&hold->book.ledger, wanted, loaded, report, reason);
	if (!r)
		r = hold_book_write(&hold->book, reason);
	if (!r)
		r = apply(hold, state, wanted, loaded, reason);
	if (r < 0) {
		/* undo_all() leaves auditing on where others have rules. */
		if (state && state->enabled == AUDIT_OFF)
			audit_status_enable(hold->audit_fd, AUDIT_OFF, NULL);
		undo_all(hold->audit_fd, &hold->book.ledger, &before, NULL);
	}
	ledger_clear(&before);
	return r;
}

/* Writes down what is wanted and planned, then does it; on failure all is as before, in
 * the kernel and in the ledger. */
static int change(struct hold *hold, const struct audit_state *state,
		  const struct rules *wanted, const struct rules *loaded,
		  struct hold_report *report, struct reason *reason)
{
	const struct rules none = { 0 };
	struct hold_report ignored = { 0 };
	struct ledger wants = { 0 };
	int r;

	r = plan_rules(&wants, wanted, &none, &ignored, reason);
	if (!r)
		r = hold_book_want(&hold->book, &wants, reason);
	if (r < 0)
		goto out;
	r = plan_and_apply(hold, state, wanted, loaded, report, reason);
	if (r < 0) {
		hold_book_want(&hold->book, &wants, NULL);
		hold_book_write(&hold->book, NULL);
	}
out:
	ledger_clear(&wants);
	return r;
}

/* Under the mutex. */
static int take(struct hold *hold, const struct rules *wanted, struct hold_report *report,
		struct reason *reason)
{
	const struct rules none = { 0 };
	struct audit_state state = { 0 };
	struct rules loaded = { 0 };
	int r = look(hold, &state, &loaded, reason);

	report->left = hold->book.ledger.n_rules;
	report->removed = hold->removed;
	report->before = state;
	if (!r)
		r = hold_book_found(&hold->book, &hold->found, reason);
	if (!r)
		r = hold_book_join(&hold->book, reason);
	if (r < 0)
		goto out;
	if (state.enabled == AUDIT_IMMUTABLE) {
		r = plan_immutable(wanted, &loaded, report, reason);
		/* That the file is there says that its directory is. */
		if (!r)
			r = hold_book_write(&hold->book, reason);
	} else {
		r = change(hold, &state, hold->manage ? wanted : &none, &loaded, report,
			   reason);
		report->enabled_audit = !r && state.enabled == AUDIT_OFF;
		hold->enabled_audit = report->enabled_audit;
		if (!r && !hold->manage)
			plan_count(wanted, &loaded, report);
	}
out:
	rules_clear(&loaded);
	return r;
}

static void hold_free(struct hold *hold)
{
	hold_book_close(&hold->book);
	ledger_clear(&hold->found);
	free(hold);
}

int hold_take(struct hold **hold, int audit_fd, const char *rundir,
	      const struct rules_want *want, bool manage, struct hold_report *report,
	      struct reason *reason)
{
	struct hold_report ignored = { 0 };
	struct rules wanted;
	struct hold *new;
	int r;

	report = report ? report : &ignored;
	*report = (struct hold_report){ 0 };
	r = rules_make(&wanted, want, reason);
	if (r < 0)
		return r;
	new = calloc(1, sizeof(*new));
	if (!new) {
		r = out_of_memory(reason);
		goto out;
	}
	new->audit_fd = audit_fd;
	new->manage = manage;
	r = hold_book_init(&new->book, rundir, reason);
	if (!r)
		r = hold_file_lock(&new->book.file, reason);
	if (!r) {
		r = take(new, &wanted, report, reason);
		if (r < 0)
			hold_book_tidy(&new->book);
		hold_file_unlock(&new->book.file);
	}
	if (r < 0)
		hold_free(new);
	else
		*hold = new;
out:
	rules_clear(&wanted);
	return r;
}

/* Removes the rules that are written down and that nobody wants. Under the mutex. */
static int drop_unwanted(struct hold *hold, struct reason *reason)
{
	struct ledger stays = { 0 };
	int r, written;

	r = hold_book_stays(&hold->book, &stays, reason);
	if (!r)
		r = undo_rules(hold->audit_fd, &hold->book.ledger, &stays, reason);
	written = hold_book_write(&hold->book, r ? NULL : reason);
	ledger_clear(&stays);
	return r ? r : written;
}

/* Under the mutex. */
static int change_rules(struct hold *hold, const struct rules *wanted,
			struct reason *reason)
{
	struct hold_report ignored = { 0 };
	struct audit_state state;
	struct rules loaded = { 0 };
	int r;

	r = look(hold, &state, &loaded, reason);
	if (r < 0 || state.enabled == AUDIT_IMMUTABLE)
		goto out;
	r = change(hold, NULL, wanted, &loaded, &ignored, reason);
	if (!r)
		r = drop_unwanted(hold, reason) ? 1 : 0;
out:
	rules_clear(&loaded);
	return r;
}

int hold_change(struct hold *hold, const struct rules_want *want, struct reason *reason)
{
	struct rules wanted;
	int r;

	r = rules_make(&wanted, want, reason);
	if (r < 0 || !hold->manage)
		goto out;
	r = hold_file_lock(&hold->book.file, reason);
	if (!r) {
		r = change_rules(hold, &wanted, reason);
		hold_file_unlock(&hold->book.file);
	}
out:
	rules_clear(&wanted);
	return r;
}

/* Under the mutex. */
static int again(struct hold *hold, const struct rules *wanted, struct reason *reason)
{
	struct hold_report ignored = { 0 };
	struct audit_state state;
	struct rules loaded = { 0 };
	int r;

	r = look(hold, &state, &loaded, reason);
	if (!r)
		r = plan_and_apply(hold, &state, wanted, &loaded, &ignored, reason);
	if (!r && state.enabled == AUDIT_OFF)
		hold->enabled_by_other = false;
	rules_clear(&loaded);
	return r;
}

int hold_again(struct hold *hold, const struct rules_want *want, bool rules,
	       struct reason *reason)
{
	struct rules wanted = { 0 };
	int r;

	r = rules && hold->manage ? rules_make(&wanted, want, reason) : 0;
	if (!r)
		r = hold_file_lock_at_once(&hold->book.file, reason);
	if (!r) {
		r = again(hold, &wanted, reason);
		hold_file_unlock(&hold->book.file);
	}
	rules_clear(&wanted);
	return r;
}

void hold_rules_by_other(struct hold *hold, const struct rules_want *want)
{
	struct rules wanted;

	if (rules_make(&wanted, want, NULL) == 0)
		hold_book_disown(&hold->book, &wanted);
	rules_clear(&wanted);
}

/* Under the mutex. */
static void write_enabled_by_other(struct hold *hold)
{
	if (!hold->enabled_by_other || !hold->book.ledger.enabled ||
	    hold->book.ledger.enabled_by_other)
		return;
	hold->book.ledger.enabled_by_other = true;
	hold_book_write(&hold->book, NULL);
}

void hold_enabled_by_other(struct hold *hold)
{
	if (hold->enabled_by_other || !hold_file_alone(&hold->book.file))
		return;
	hold->enabled_by_other = true;
	/* At the latest it is written down at the release. */
	if (hold_file_try_lock(&hold->book.file) < 0)
		return;
	if (hold_book_read(&hold->book, NULL) == 0)
		write_enabled_by_other(hold);
	hold_file_unlock(&hold->book.file);
}

/* Undoes what is written down and not in stays. Under the mutex, after look(). */
static int put_back(struct hold *hold, const struct ledger *stays, struct reason *reason)
{
	int r, written;

	r = undo_all(hold->audit_fd, &hold->book.ledger, stays, reason);
	written = hold_book_write(&hold->book, r ? NULL : reason);
	hold_book_tidy(&hold->book);
	return r ? r : written;
}

/* Wants nothing any more, and undoes what nobody else wants and isn't in stays, to which
 * the rest is added. Under the mutex. */
static int let_go(struct hold *hold, struct ledger *stays, struct reason *reason)
{
	int r = look_only(hold, reason);

	if (r < 0)
		return r;
	write_enabled_by_other(hold);
	hold_book_want_nothing(&hold->book);
	r = hold_book_stays(&hold->book, stays, reason);
	return r ? r : put_back(hold, stays, reason);
}

/* Undoes nothing: what we want is kept. Under the mutex. */
static int keep_all(struct hold *hold, struct reason *reason)
{
	int r = look_only(hold, reason);

	if (r < 0)
		return r;
	write_enabled_by_other(hold);
	ledger_keep_wanted(&hold->book.ledger, hold->book.file.holder);
	hold_book_want_nothing(&hold->book);
	r = hold_book_write(&hold->book, reason);
	hold_book_tidy(&hold->book);
	return r;
}

int hold_withdraw(struct hold *hold, struct reason *reason)
{
	int r = hold_file_lock(&hold->book.file, reason);

	if (r < 0)
		return r;
	r = look_only(hold, reason);
	if (!r) {
		hold_book_want_nothing(&hold->book);
		r = drop_unwanted(hold, reason);
	}
	hold_file_unlock(&hold->book.file);
	return r;
}

int hold_release(struct hold *hold, bool keep, struct reason *reason)
{
	struct ledger stays = { 0 };
	int r;

	if (!hold)
		return 0;
	r = hold_file_lock(&hold->book.file, reason);
	if (!r) {
		r = keep ? keep_all(hold, reason) : let_go(hold, &stays, reason);
		hold_file_unlock(&hold->book.file);
	}
	ledger_clear(&stays);
	hold_free(hold);
	return r;
}

/* Rules that stay keep auditing on elsewhere; here it was off beside them. Under the
 * mutex. */
static int switch_off_again(struct hold *hold, struct reason *reason)
{
	struct audit_state state;
	int r;

	if (!hold->enabled_audit || hold->enabled_by_other)
		return 0;
	r = audit_status_read(hold->audit_fd, &state, reason);
	if (r < 0 || state.enabled != AUDIT_ON || state.pid)
		return r;
	return audit_status_enable(hold->audit_fd, AUDIT_OFF, reason);
}

int hold_restore(struct hold *hold, struct reason *reason)
{
	bool alone;
	int r;

	if (!hold)
		return 0;
	r = hold_file_lock(&hold->book.file, reason);
	if (!r) {
		alone = hold_file_alone(&hold->book.file);
		r = let_go(hold, &hold->found, reason);
		if (!r && alone)
			r = switch_off_again(hold, reason);
		hold_file_unlock(&hold->book.file);
	}
	hold_free(hold);
	return r;
}

/* Under the mutex. */
static int unload(struct hold *hold, bool force, struct hold_unloaded *unloaded,
		  struct reason *reason)
{
	const struct ledger nothing = { 0 };
	int r;

	if (!force && !hold_file_alone(&hold->book.file)) {
		reason_set(reason,
			   "another sigtrail process uses the rules (sigtraild, watch or "
			   "run; fuser -v %s/lock names it): end it, or add --force",
			   hold->book.file.path);
		return -EBUSY;
	}
	r = look_only(hold, reason);
	if (r < 0)
		return r;
	unloaded->rules = hold->book.ledger.n_rules;
	unloaded->backlog = hold->book.ledger.backlog;
	unloaded->enabled = hold->book.ledger.enabled;
	r = put_back(hold, &nothing, reason);
	unloaded->rules -= hold->book.ledger.n_rules;
	return r;
}

int hold_unload(int audit_fd, const char *rundir, bool force,
		struct hold_unloaded *unloaded, struct reason *reason)
{
	struct hold *hold = calloc(1, sizeof(*hold));
	int r;

	*unloaded = (struct hold_unloaded){ 0 };
	if (!hold)
		return out_of_memory(reason);
	hold->audit_fd = audit_fd;
	r = hold_book_init(&hold->book, rundir, reason);
	if (!r)
		r = hold_file_lock(&hold->book.file, reason);
	if (!r) {
		r = unload(hold, force, unloaded, reason);
		hold_file_unlock(&hold->book.file);
	}
	hold_free(hold);
	return r;
}
