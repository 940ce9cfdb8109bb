/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 1024

bool ledger_empty(const struct ledger *ledger)
{
	return !ledger->enabled && !ledger->enabled_by_other && !ledger->backlog &&
	       !ledger->n_rules;
}

void ledger_clear(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->n_rules; i++)
		free(ledger->rule[i].text);
	free(ledger->rule);
	for (size_t i = 0; i < ledger->n_wants; i++)
		free(ledger->want[i].rule);
	free(ledger->want);
	*ledger = (struct ledger){ 0 };
}

/* The array with room for one more, NULL without memory; then it stays as it is. */
static void *make_room(void *array, size_t n, size_t *room, size_t item_bytes)
{
	size_t more = *room ? *room * 2 : 8;
	void *all;

	if (n < *room)
		return array;
	all = reallocarray(array, more, item_bytes);
	if (all)
		*room = more;
	return all;
}

static struct ledger_rule *find_rule(const struct ledger *ledger, const char *rule)
{
	for (size_t i = 0; i < ledger->n_rules; i++)
		if (!strcmp(ledger->rule[i].text, rule))
			return &ledger->rule[i];
	return NULL;
}

static int add_rule(struct ledger *ledger, const char *rule, bool kept)
{
	struct ledger_rule *all;
	char *copy;

	if (find_rule(ledger, rule))
		return 0;
	if (ledger->n_rules == LEDGER_RULES_MAX)
		return -E2BIG;
	all = make_room(ledger->rule, ledger->n_rules, &ledger->rules_room, sizeof(*all));
	if (!all)
		return -ENOMEM;
	ledger->rule = all;
	copy = strdup(rule);
	if (!copy)
		return -ENOMEM;
	all[ledger->n_rules++] = (struct ledger_rule){ .text = copy, .kept = kept };
	return 0;
}

static int add_want(struct ledger *ledger, unsigned holder, const char *rule)
{
	struct ledger_want *all;
	char *copy;

	if (ledger->n_wants == LEDGER_WANTS_MAX)
		return -E2BIG;
	all = make_room(ledger->want, ledger->n_wants, &ledger->wants_room, sizeof(*all));
	if (!all)
		return -ENOMEM;
	ledger->want = all;
	copy = strdup(rule);
	if (!copy)
		return -ENOMEM;
	all[ledger->n_wants++] = (struct ledger_want){ .holder = holder, .rule = copy };
	return 0;
}

int ledger_copy(struct ledger *to, const struct ledger *from)
{
	int r = 0;

	*to = *from;
	to->rule = NULL;
	to->n_rules = to->rules_room = 0;
	to->want = NULL;
	to->n_wants = to->wants_room = 0;
	for (size_t i = 0; !r && i < from->n_rules; i++)
		r = add_rule(to, from->rule[i].text, from->rule[i].kept);
	for (size_t i = 0; !r && i < from->n_wants; i++)
		r = add_want(to, from->want[i].holder, from->want[i].rule);
	if (r < 0)
		ledger_clear(to);
	return r;
}

bool ledger_has_rule(const struct ledger *ledger, const char *rule)
{
	return find_rule(ledger, rule) != NULL;
}

int ledger_add_rule(struct ledger *ledger, const char *rule)
{
	return add_rule(ledger, rule, false);
}

void ledger_remove_rule(struct ledger *ledger, size_t i)
{
	free(ledger->rule[i].text);
	ledger->n_rules--;
	memmove(&ledger->rule[i], &ledger->rule[i + 1],
		(ledger->n_rules - i) * sizeof(ledger->rule[0]));
}

void ledger_strike_rule(struct ledger *ledger, const char *rule)
{
	for (size_t i = ledger->n_rules; i-- > 0;)
		if (!strcmp(ledger->rule[i].text, rule))
			ledger_remove_rule(ledger, i);
}

int ledger_set_wants(struct ledger *ledger, unsigned holder, const struct ledger *rules)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < ledger->n_wants; i++)
		if (ledger->want[i].holder == holder)
			free(ledger->want[i].rule);
		else
			ledger->want[n++] = ledger->want[i];
	ledger->n_wants = n;
	for (size_t i = 0; !r && i < rules->n_rules; i++)
		r = add_want(ledger, holder, rules->rule[i].text);
	return r;
}

bool ledger_is_wanted(const struct ledger *ledger, const char *rule)
{
	for (size_t i = 0; i < ledger->n_wants; i++)
		if (!strcmp(ledger->want[i].rule, rule))
			return true;
	return false;
}

void ledger_keep_wanted(struct ledger *ledger, unsigned holder)
{
	for (size_t i = 0; i < ledger->n_wants; i++) {
		struct ledger_rule *rule = find_rule(ledger, ledger->want[i].rule);

		if (rule && ledger->want[i].holder == holder)
			rule->kept = true;
	}
}

/* "want HOLDER RULE". */
static int parse_want(struct ledger *ledger, const char *line)
{
	unsigned holder;
	int end = -1;

	if (sscanf(line, "want %u%n", &holder, &end) != 1 || end < 0 ||
	    line[end] != ' ' || !line[end + 1])
		return -EBADMSG;
	return add_want(ledger, holder, line + end + 1);
}

static int parse_line(struct ledger *ledger, const char *line)
{
	int end = -1;

	if (!strncmp(line, "rule ", 5) && line[5])
		return add_rule(ledger, line + 5, false);
	if (!strncmp(line, "kept ", 5) && line[5])
		return add_rule(ledger, line + 5, true);
	if (!strncmp(line, "want ", 5))
		return parse_want(ledger, line);
	if (!strcmp(line, "enabled 0")) {
		ledger->enabled = true;
		return 0;
	}
	if (!strcmp(line, "enabled-by-other")) {
		ledger->enabled_by_other = true;
		return 0;
	}
	if (sscanf(line, "backlog_limit %" SCNu32 " %" SCNu32 "%n", &ledger->backlog_old,
		   &ledger->backlog_new, &end) == 2 &&
	    end >= 0 && !line[end]) {
		ledger->backlog = true;
		return 0;
	}
	return -EBADMSG;
}

/* The first line says which boot wrote the rest. 0: another one; 1: this one. */
static int parse_boot(const char *line, const char *boot_id)
{
	if (strncmp(line, "boot ", 5))
		return -EBADMSG;
	return !strcmp(line + 5, boot_id);
}

int ledger_parse(struct ledger *ledger, const char *text, size_t len, const char *boot_id,
		 struct reason *reason)
{
	char line[LINE_MAX_BYTES];
	const char *end = text + len;
	int r = 1;

	for (int number = 1; r == 1 && (text < end || number == 1); number++) {
		const char *newline = len ? memchr(text, '\n', end - text) : NULL;
		size_t n = newline ? (size_t)(newline - text) : 0;

		if (!newline || n >= sizeof(line) || memchr(text, '\0', n)) {
			r = -EBADMSG;
		} else {
			memcpy(line, text, n);
			line[n] = '\0';
			text = newline + 1;
			if (number == 1)
				r = parse_boot(line, boot_id);
			else
				r = parse_line(ledger, line) ?: 1;
		}
		if (r == -EBADMSG)
			reason_set(reason, "line %d is damaged", number);
	}
	if (r < 0)
		ledger_clear(ledger);
	return r < 0 ? r : 0;
}

void ledger_format(const struct ledger *ledger, const char *boot_id, struct buffer *out)
{
	buffer_printf(out, "boot %s\n", boot_id);
	if (ledger->enabled)
		buffer_add_string(out, "enabled 0\n");
	if (ledger->enabled_by_other)
		buffer_add_string(out, "enabled-by-other\n");
	if (ledger->backlog)
		buffer_printf(out, "backlog_limit %" PRIu32 " %" PRIu32 "\n",
			      ledger->backlog_old, ledger->backlog_new);
	for (size_t i = 0; i < ledger->n_rules; i++)
		buffer_printf(out, "%s %s\n", ledger->rule[i].kept ? "kept" : "rule",
			      ledger->rule[i].text);
	for (size_t i = 0; i < ledger->n_wants; i++)
		buffer_printf(out, "want %u %s\n", ledger->want[i].holder,
			      ledger->want[i].rule);
}
