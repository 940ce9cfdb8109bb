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
		free(ledger->rule[i]);
	free(ledger->rule);
	*ledger = (struct ledger){ 0 };
}

int ledger_copy(struct ledger *to, const struct ledger *from)
{
	int r = 0;

	*to = *from;
	to->rule = NULL;
	to->n_rules = to->room = 0;
	for (size_t i = 0; !r && i < from->n_rules; i++)
		r = ledger_add_rule(to, from->rule[i]);
	if (r < 0)
		ledger_clear(to);
	return r;
}

bool ledger_has_rule(const struct ledger *ledger, const char *rule)
{
	for (size_t i = 0; i < ledger->n_rules; i++)
		if (!strcmp(ledger->rule[i], rule))
			return true;
	return false;
}

int ledger_add_rule(struct ledger *ledger, const char *rule)
{
	char *copy;

	if (ledger_has_rule(ledger, rule))
		return 0;
	if (ledger->n_rules == LEDGER_RULES_MAX)
		return -E2BIG;
	if (ledger->n_rules == ledger->room) {
		size_t room = ledger->room ? ledger->room * 2 : 8;
		char **all = reallocarray(ledger->rule, room, sizeof(*all));

		if (!all)
			return -ENOMEM;
		ledger->rule = all;
		ledger->room = room;
	}
	copy = strdup(rule);
	if (!copy)
		return -ENOMEM;
	ledger->rule[ledger->n_rules++] = copy;
	return 0;
}

void ledger_remove_rule(struct ledger *ledger, size_t i)
{
	free(ledger->rule[i]);
	ledger->n_rules--;
	memmove(&ledger->rule[i], &ledger->rule[i + 1],
		(ledger->n_rules - i) * sizeof(ledger->rule[0]));
}

void ledger_strike_rule(struct ledger *ledger, const char *rule)
{
	for (size_t i = ledger->n_rules; i-- > 0;)
		if (!strcmp(ledger->rule[i], rule))
			ledger_remove_rule(ledger, i);
}

static int parse_line(struct ledger *ledger, const char *line)
{
	int end = -1;

	if (!strncmp(line, "rule ", 5) && line[5])
		return ledger_add_rule(ledger, line + 5);
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
		buffer_printf(out, "rule %s\n", ledger->rule[i]);
}
