/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ledger: what we changed in the host's audit, as it is written down for the next of us.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/reason.h"

#define LEDGER_RULES_MAX 1024
#define LEDGER_TEXT_MAX	 (256 * 1024)

/* All zero is an empty one. */
struct ledger {
	bool enabled;	       /* audit was off and we enabled it */
	bool enabled_by_other; /* so did somebody else since */
	bool backlog;	       /* backlog_limit was backlog_old, we made it backlog_new */
	uint32_t backlog_old;
	uint32_t backlog_new;
	char **rule; /* rules that we added, as auditctl(8) would be given them */
	size_t n_rules;
	size_t room;
};

bool ledger_empty(const struct ledger *ledger);
void ledger_clear(struct ledger *ledger);

/* Makes an empty one equal to another. 0 or -ENOMEM. */
int ledger_copy(struct ledger *to, const struct ledger *from);

bool ledger_has_rule(const struct ledger *ledger, const char *rule);

/* Adds a copy of the rule if it isn't there. 0, -ENOMEM, -E2BIG at LEDGER_RULES_MAX. */
int ledger_add_rule(struct ledger *ledger, const char *rule);

/* Removes rule number i; the others keep their order. */
void ledger_remove_rule(struct ledger *ledger, size_t i);

/* Removes this rule if it is there. */
void ledger_strike_rule(struct ledger *ledger, const char *rule);

/* Reads what ledger_format() wrote into an empty ledger. What another boot wrote is void:
 * the ledger stays empty. 0, -ENOMEM, or -EBADMSG with the reason for what we never
 * write. */
int ledger_parse(struct ledger *ledger, const char *text, size_t len, const char *boot_id,
		 struct reason *reason);

/* Appends the text. */
void ledger_format(const struct ledger *ledger, const char *boot_id, struct buffer *out);
