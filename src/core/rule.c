/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/rule.h"

#include <stddef.h>

/* What a condition may say of one value, and of its neighbours. */
#define CANDIDATES 3

bool rule_field_is_string(uint32_t field)
{
	switch (field) {
	case AUDIT_SUBJ_USER:
	case AUDIT_SUBJ_ROLE:
	case AUDIT_SUBJ_TYPE:
	case AUDIT_SUBJ_SEN:
	case AUDIT_SUBJ_CLR:
	case AUDIT_OBJ_USER:
	case AUDIT_OBJ_ROLE:
	case AUDIT_OBJ_TYPE:
	case AUDIT_OBJ_LEV_LOW:
	case AUDIT_OBJ_LEV_HIGH:
	case AUDIT_WATCH:
	case AUDIT_DIR:
	case AUDIT_FILTERKEY:
	case AUDIT_EXE:
		return true;
	default:
		return false;
	}
}

const char *rule_string(const struct audit_rule_data *rule, uint32_t i)
{
	size_t offset = 0;

	for (uint32_t k = 0; k < i; k++)
		if (rule_field_is_string(rule->fields[k]))
			offset += rule->values[k];
	if (offset + rule->values[i] > rule->buflen)
		return NULL;
	return rule->buf + offset;
}

struct bytes rule_key(const struct audit_rule_data *rule)
{
	for (uint32_t i = 0; i < rule->field_count; i++)
		if (rule->fields[i] == AUDIT_FILTERKEY && rule_string(rule, i))
			return (struct bytes){ rule_string(rule, i), rule->values[i] };
	return (struct bytes){ 0 };
}

/* Is the rule of this list? */
static bool is_of(const struct audit_rule_data *rule, uint32_t list)
{
	return (rule->flags & ~(uint32_t)AUDIT_FILTER_PREPEND) == list &&
	       rule->field_count <= AUDIT_MAX_FIELDS;
}

/* Does the value meet the rule's condition i? Numbers are compared unsigned, as the
 * kernel does (audit_comparator()). */
static bool meets(const struct audit_rule_data *rule, uint32_t i, uint32_t value)
{
	uint32_t bound = rule->values[i];

	switch (rule->fieldflags[i]) {
	case AUDIT_EQUAL:
		return value == bound;
	case AUDIT_NOT_EQUAL:
		return value != bound;
	case AUDIT_LESS_THAN:
		return value < bound;
	case AUDIT_LESS_THAN_OR_EQUAL:
		return value <= bound;
	case AUDIT_GREATER_THAN:
		return value > bound;
	case AUDIT_GREATER_THAN_OR_EQUAL:
		return value >= bound;
	case AUDIT_BIT_MASK:
		return value & bound;
	case AUDIT_BIT_TEST:
		return (value & bound) == bound;
	default:
		return true;
	}
}

/* Does the value meet all conditions of the rule on this field? */
static bool meets_all(const struct audit_rule_data *rule, uint32_t field, uint32_t value)
{
	for (uint32_t i = 0; i < rule->field_count; i++)
		if (rule->fields[i] == field && !meets(rule, i, value))
			return false;
	return true;
}

/* Of the values around the bounds that either rule names for the field: is there one that
 * rule b allows and for which rule a holds (or doesn't)? Between bounds nothing changes,
 * so these stand for all. */
static bool some_value(const struct audit_rule_data *a, const struct audit_rule_data *b,
		       uint32_t field, bool holds)
{
	const struct audit_rule_data *const rules[] = { a, b };

	for (size_t r = 0; r < 2; r++)
		for (uint32_t i = 0; i < rules[r]->field_count; i++)
			for (uint32_t k = 0; k < CANDIDATES; k++) {
				uint32_t value = rules[r]->values[i] + k - 1;

				if (rules[r]->fields[i] == field &&
				    meets_all(b, field, value) &&
				    meets_all(a, field, value) == holds)
					return true;
			}
	return false;
}

/* Conditions that no call for a signal ever meets: it names no file, no socket. */
static bool needs_file(uint32_t field)
{
	switch (field) {
	case AUDIT_WATCH:
	case AUDIT_DIR:
	case AUDIT_INODE:
	case AUDIT_DEVMAJOR:
	case AUDIT_DEVMINOR:
	case AUDIT_PERM:
	case AUDIT_FILETYPE:
	case AUDIT_OBJ_UID:
	case AUDIT_OBJ_GID:
	case AUDIT_OBJ_USER:
	case AUDIT_OBJ_ROLE:
	case AUDIT_OBJ_TYPE:
	case AUDIT_OBJ_LEV_LOW:
	case AUDIT_OBJ_LEV_HIGH:
	case AUDIT_SADDR_FAM:
		return true;
	default:
		return false;
	}
}

/* What the conditions of the rule in front leave of the other's. */
static enum rule_effect compare(const struct audit_rule_data *front,
				const struct audit_rule_data *rule)
{
	enum rule_effect effect = RULE_ALL;

	for (uint32_t i = 0; i < front->field_count; i++) {
		uint32_t field = front->fields[i];

		if (field == AUDIT_FILTERKEY)
			continue;
		if (needs_file(field))
			return RULE_NONE;
		if (rule_field_is_string(field) || field == AUDIT_FIELD_COMPARE ||
		    front->fieldflags[i] == AUDIT_BIT_MASK ||
		    front->fieldflags[i] == AUDIT_BIT_TEST) {
			effect = RULE_PART;
			continue;
		}
		if (!some_value(front, rule, field, true))
			return RULE_NONE;
		if (some_value(front, rule, field, false))
			effect = RULE_PART;
	}
	return effect;
}

enum rule_effect rule_hides(const struct audit_rule_data *front,
			    const struct audit_rule_data *rule)
{
	bool some = false, all = true;
	enum rule_effect effect;

	if (!is_of(front, AUDIT_FILTER_EXIT) || !is_of(rule, AUDIT_FILTER_EXIT) ||
	    front->action != AUDIT_NEVER)
		return RULE_NONE;
	for (size_t i = 0; i < AUDIT_BITMASK_SIZE; i++) {
		some = some || (front->mask[i] & rule->mask[i]);
		all = all && !(rule->mask[i] & ~front->mask[i]);
	}
	if (!some)
		return RULE_NONE;
	effect = compare(front, rule);
	return effect == RULE_ALL && !all ? RULE_PART : effect;
}

/* RULE_ALL, or RULE_PART where the rule has conditions but this field and its key. */
static enum rule_effect effect_beside(const struct audit_rule_data *rule, uint32_t field)
{
	for (uint32_t i = 0; i < rule->field_count; i++)
		if (rule->fields[i] != field && rule->fields[i] != AUDIT_FILTERKEY)
			return RULE_PART;
	return RULE_ALL;
}

enum rule_effect rule_excludes(const struct audit_rule_data *rule, uint32_t type)
{
	/* Whatever its action says (audit_filter()). */
	if (!is_of(rule, AUDIT_FILTER_EXCLUDE) || !meets_all(rule, AUDIT_MSGTYPE, type))
		return RULE_NONE;
	return effect_beside(rule, AUDIT_MSGTYPE);
}

enum rule_effect rule_blinds(const struct audit_rule_data *rule)
{
	if (!is_of(rule, AUDIT_FILTER_TASK) || rule->action != AUDIT_NEVER)
		return RULE_NONE;
	return effect_beside(rule, AUDIT_FILTERKEY);
}
