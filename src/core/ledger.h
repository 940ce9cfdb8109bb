/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ledger: what we changed in the host's audit, and who of us still wants which rules, as
 * it is written down for the next of us. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/reason.h"

#define LEDGER_RULES_MAX 1024
#define LEDGER_WANTS_MAX 4096
#define LEDGER_TEXT_MAX	 (1024 * 1024)

/* A rule that we added, as auditctl(8) would be given it. */
struct ledger_rule {
	char *text;
	bool kept; /* it is to stay when those go that want it */
};

/* That a holder wants a rule, whoever added it. */
struct ledger_want {
	unsigned holder;
	char *rule;
};

/* All zero is an empty one. */
struct ledger {
	bool enabled;	       /* audit was off and we enabled it */
	bool enabled_by_other; /* so did somebody else since */
	bool backlog;	       /* backlog_limit was backlog_old, we made it backlog_new */
	uint32_t backlog_old;
	uint32_t backlog_new;
	struct ledger_rule *rule;
	size_t n_rules;
	size_t rules_room;
	struct ledger_want *want;
	size_t n_wants;
	size_t wants_room;
};

/* Is there nothing to put back? (Wants may be there.) */
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

/* From now on the holder wants the rules of this other ledger, which may be empty, and no
 * others. 0, -ENOMEM, -E2BIG at LEDGER_WANTS_MAX; then it may want some of them. */
int ledger_set_wants(struct ledger *ledger, unsigned holder, const struct ledger *rules);

bool ledger_is_wanted(const struct ledger *ledger, const char *rule);

/* Marks those of our rules as kept that the holder wants. */
void ledger_keep_wanted(struct ledger *ledger, unsigned holder);

/* Reads what ledger_format() wrote into an empty ledger. What another boot wrote is void:
 * the ledger stays empty. 0, -ENOMEM, or -EBADMSG with the reason for what we never
 * write. */
int ledger_parse(struct ledger *ledger, const char *text, size_t len, const char *boot_id,
		 struct reason *reason);

/* Appends the text. */
void ledger_format(const struct ledger *ledger, const char *boot_id, struct buffer *out);
