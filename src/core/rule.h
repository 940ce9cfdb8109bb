/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rule: what an audit rule of the kernel says, and what it does to another one. The first
 * rule of a list that matches counts (kernel/auditsc.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libaudit.h>

#include "core/bytes.h"

/* Is this field's value the length of a string? */
bool rule_field_is_string(uint32_t field);

/* The string of the rule's field i; NULL if the rule is damaged. */
const char *rule_string(const struct audit_rule_data *rule, uint32_t i);

/* The rule's key (-k), no data where it has none. */
struct bytes rule_key(const struct audit_rule_data *rule);

enum rule_effect {
	RULE_NONE, /* nothing */
	RULE_PART, /* under conditions of its own, or of some calls only */
	RULE_ALL,
};

/* What does a rule that stands in front take from one that records calls? Only one that
 * leaves calls out (never,exit) does: one that records gives them another key. */
enum rule_effect rule_hides(const struct audit_rule_data *front,
			    const struct audit_rule_data *rule);

/* Does the rule keep records of this type (AUDIT_*) from everybody (exclude filter)? */
enum rule_effect rule_excludes(const struct audit_rule_data *rule, uint32_t type);

/* Does the rule keep new processes from ever being audited (task,never)? */
enum rule_effect rule_blinds(const struct audit_rule_data *rule);
