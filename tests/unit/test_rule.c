/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/rule.h"

#include <string.h>

#include "suite.h"

#define KILL   62
#define TGKILL 234

struct condition {
	uint32_t field, op, value;
};

#define N(conditions) (sizeof(conditions) / sizeof((conditions)[0]))

/* Rules with room for a key; two at a time. */
static struct audit_rule_data *make(uint32_t list, uint32_t action, const int *calls,
				    size_t n_calls, const struct condition *conditions,
				    size_t n)
{
	static _Alignas(8) char room[2][sizeof(struct audit_rule_data) + 64];
	static int turn;
	struct audit_rule_data *rule = (void *)room[turn++ % 2];

	memset(rule, 0, sizeof(room[0]));
	rule->flags = list;
	rule->action = action;
	for (size_t i = 0; i < n_calls; i++)
		rule->mask[AUDIT_WORD(calls[i])] |= AUDIT_BIT(calls[i]);
	for (size_t i = 0; i < n; i++) {
		rule->fields[i] = conditions[i].field;
		rule->fieldflags[i] = conditions[i].op;
		rule->values[i] = conditions[i].value;
		if (rule_field_is_string(conditions[i].field))
			rule->buflen += conditions[i].value;
	}
	memset(rule->buf, 'x', rule->buflen);
	rule->field_count = n;
	return rule;
}

static const int kill_only[] = { KILL }, both[] = { KILL, TGKILL }, other[] = { 0 };
static const struct condition ours[] = {
	{ AUDIT_ARCH, AUDIT_EQUAL, AUDIT_ARCH_X86_64 },
	{ AUDIT_ARG1, AUDIT_NOT_EQUAL, 0 },
	{ AUDIT_FILTERKEY, AUDIT_EQUAL, 8 },
};

/* What a never,exit rule for these calls with these conditions does to ours for kill and
 * tgkill. */
#define HIDES(calls, ...)                                                                \
	__extension__({                                                                  \
		const struct condition c[] = { __VA_ARGS__ };                            \
		rule_hides(                                                              \
			make(AUDIT_FILTER_EXIT, AUDIT_NEVER, calls, N(calls), c, N(c)),  \
			make(AUDIT_FILTER_EXIT, AUDIT_ALWAYS, both, N(both), ours,       \
			     N(ours)));                                                  \
	})
#define B64                                                                              \
	{                                                                                \
		AUDIT_ARCH, AUDIT_EQUAL, AUDIT_ARCH_X86_64                               \
	}

START_TEST(rule_in_front_hides_all_or_some_calls)
{
	ck_assert_int_eq(HIDES(both, B64), RULE_ALL);
	ck_assert_int_eq(HIDES(both, B64, { AUDIT_FILTERKEY, AUDIT_EQUAL, 4 }), RULE_ALL);
	ck_assert_int_eq(HIDES(kill_only, B64), RULE_PART);
	ck_assert_int_eq(HIDES(other, B64), RULE_NONE);
	ck_assert_int_eq(HIDES(both, { AUDIT_ARCH, AUDIT_EQUAL, AUDIT_ARCH_I386 }),
			 RULE_NONE);
	ck_assert_int_eq(HIDES(both, { AUDIT_ARCH, AUDIT_NOT_EQUAL, AUDIT_ARCH_I386 }),
			 RULE_ALL);
}
END_TEST

START_TEST(rule_in_front_that_matches_nothing_of_ours_hides_nothing)
{
	/* What ours leaves out by itself. */
	ck_assert_int_eq(HIDES(both, B64, { AUDIT_ARG1, AUDIT_EQUAL, 0 }), RULE_NONE);
	ck_assert_int_eq(HIDES(both, B64, { AUDIT_ARG1, AUDIT_LESS_THAN, 1 }), RULE_NONE);
	/* Everything that ours has. */
	ck_assert_int_eq(HIDES(both, B64, { AUDIT_ARG1, AUDIT_GREATER_THAN, 0 }),
			 RULE_ALL);
	ck_assert_int_eq(HIDES(both, B64, { AUDIT_ARG1, AUDIT_EQUAL, 15 }), RULE_PART);
	/* A call for a signal names no file. */
	ck_assert_int_eq(HIDES(both, B64, { AUDIT_DIR, AUDIT_EQUAL, 8 }), RULE_NONE);
	ck_assert_int_eq(HIDES(both, { AUDIT_PERM, AUDIT_EQUAL, 4 }), RULE_NONE);
}
END_TEST

START_TEST(rule_in_front_with_conditions_of_its_own_hides_a_part)
{
	ck_assert_int_eq(HIDES(both, B64, { AUDIT_LOGINUID, AUDIT_EQUAL, 4294967295u }),
			 RULE_PART);
	ck_assert_int_eq(HIDES(both, { AUDIT_EXE, AUDIT_EQUAL, 12 }), RULE_PART);
	ck_assert_int_eq(HIDES(both, { AUDIT_ARG1, AUDIT_BIT_MASK, 8 }), RULE_PART);
}
END_TEST

START_TEST(rule_that_records_hides_nothing)
{
	const struct condition c[] = { B64 };

	ck_assert_int_eq(
		rule_hides(make(AUDIT_FILTER_EXIT, AUDIT_ALWAYS, both, N(both), c, N(c)),
			   make(AUDIT_FILTER_EXIT, AUDIT_ALWAYS, both, N(both), ours,
				N(ours))),
		RULE_NONE);
}
END_TEST

#define EXCLUDES(type, ...)                                                              \
	__extension__({                                                                  \
		const struct condition c[] = { __VA_ARGS__ };                            \
		rule_excludes(                                                           \
			make(AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, NULL, 0, c, N(c)),      \
			type);                                                           \
	})

START_TEST(rule_excludes_the_types_that_it_names)
{
	ck_assert_int_eq(
		EXCLUDES(AUDIT_OBJ_PID, { AUDIT_MSGTYPE, AUDIT_EQUAL, AUDIT_OBJ_PID }),
		RULE_ALL);
	ck_assert_int_eq(
		EXCLUDES(AUDIT_SYSCALL, { AUDIT_MSGTYPE, AUDIT_EQUAL, AUDIT_OBJ_PID }),
		RULE_NONE);
	ck_assert_int_eq(EXCLUDES(AUDIT_SYSCALL,
				  { AUDIT_MSGTYPE, AUDIT_GREATER_THAN_OR_EQUAL, 1300 },
				  { AUDIT_MSGTYPE, AUDIT_LESS_THAN, 1301 }),
			 RULE_ALL);
	ck_assert_int_eq(EXCLUDES(AUDIT_OBJ_PID,
				  { AUDIT_MSGTYPE, AUDIT_EQUAL, AUDIT_OBJ_PID },
				  { AUDIT_UID, AUDIT_EQUAL, 5 }),
			 RULE_PART);
	/* Without a type it is all of somebody's. */
	ck_assert_int_eq(EXCLUDES(AUDIT_SYSCALL, { AUDIT_UID, AUDIT_EQUAL, 5 }),
			 RULE_PART);
}
END_TEST

START_TEST(rule_blinds_new_processes)
{
	const struct condition c[] = { { AUDIT_UID, AUDIT_EQUAL, 5 } };

	ck_assert_int_eq(rule_blinds(make(AUDIT_FILTER_TASK, AUDIT_NEVER, NULL, 0, c, 0)),
			 RULE_ALL);
	ck_assert_int_eq(rule_blinds(make(AUDIT_FILTER_TASK, AUDIT_NEVER, NULL, 0, c, 1)),
			 RULE_PART);
	ck_assert_int_eq(
		rule_blinds(make(AUDIT_FILTER_TASK, AUDIT_ALWAYS, NULL, 0, c, 0)),
		RULE_NONE);
	ck_assert_int_eq(rule_blinds(make(AUDIT_FILTER_EXIT, AUDIT_NEVER, NULL, 0, c, 0)),
			 RULE_NONE);
}
END_TEST

START_TEST(rule_key_is_what_the_rule_has)
{
	const struct condition c[] = { { AUDIT_EXE, AUDIT_EQUAL, 3 },
				       { AUDIT_FILTERKEY, AUDIT_EQUAL, 4 } };
	struct audit_rule_data *rule =
		make(AUDIT_FILTER_EXIT, AUDIT_ALWAYS, NULL, 0, c, N(c));

	memcpy(rule->buf, "/ab", 3);
	memcpy(rule->buf + 3, "keys", 4);
	ck_assert_uint_eq(rule_key(rule).len, 4);
	ck_assert_int_eq(memcmp(rule_key(rule).data, "keys", 4), 0);
	/* A damaged rule. */
	rule->values[1] = 5;
	ck_assert_uint_eq(rule_key(rule).len, 0);
	ck_assert_uint_eq(
		rule_key(make(AUDIT_FILTER_EXIT, AUDIT_ALWAYS, NULL, 0, c, 0)).len, 0);
}
END_TEST

SUITE("rule", rule_in_front_hides_all_or_some_calls,
      rule_in_front_that_matches_nothing_of_ours_hides_nothing,
      rule_in_front_with_conditions_of_its_own_hides_a_part,
      rule_that_records_hides_nothing, rule_excludes_the_types_that_it_names,
      rule_blinds_new_processes, rule_key_is_what_the_rule_has)
