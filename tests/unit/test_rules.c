/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define FIRST  "kill,tkill,rt_sigqueueinfo,pidfd_send_signal"
#define SECOND "tgkill,rt_tgsigqueueinfo"
#define RULE   "-a always,exit -F arch=b64 -S "

static const struct rules_want all = { .all = true, .failed = true };

/* The rules of the 64-bit arch, one a line. */
static char *native_text(const struct rules_want *want)
{
	struct buffer out = { 0 };
	struct rules rules;

	ck_assert_int_eq(rules_make(&rules, want, NULL), 0);
	for (size_t i = 0; i < rules.n; i++) {
		if (!(rules.rule[i]->values[0] & __AUDIT_ARCH_64BIT))
			continue;
		ck_assert_int_eq(rules_format(rules.rule[i], &out), 0);
		buffer_add_char(&out, '\n');
	}
	rules_clear(&rules);
	return out.data;
}

static void ck_rules(const struct rules_want *want, const char *text)
{
	char *made = native_text(want);

	ck_assert_str_eq(made, text);
	free(made);
}

static void ck_signals(const char *signals, struct rules_want want, const char *text)
{
	ck_assert_int_eq(signal_set_parse(signals, &want.signals, NULL), 0);
	ck_rules(&want, text);
}

START_TEST(rules_of_all_signals_keep_probes_and_noise_out)
{
	ck_rules(&all,
		 RULE FIRST " -F a1!=0 -k sigtrail\n" RULE SECOND
			    " -F a2!=23 -F a2!=32 -F a2!=33 -F a2!=0 -k sigtrail\n");
}
END_TEST

START_TEST(rules_want_lets_probes_and_noise_and_only_successes_in)
{
	struct rules_want want = all;

	want.probes = true;
	ck_rules(&want, RULE FIRST " -k sigtrail\n" RULE SECOND
				   " -F a2!=23 -F a2!=32 -F a2!=33 -k sigtrail\n");
	want.runtime_noise = true;
	ck_rules(&want, RULE FIRST " -k sigtrail\n" RULE SECOND " -k sigtrail\n");
	want.failed = false;
	ck_rules(&want, RULE FIRST " -F success=1 -k sigtrail\n" RULE SECOND
				   " -F success=1 -k sigtrail\n");
}
END_TEST

START_TEST(rules_of_a_signal_set_are_one_for_each_range)
{
	const struct rules_want want = { .failed = true };

	ck_signals("TERM,1-3,KILL,RTMIN+30", want,
		   RULE FIRST " -F a1>=1 -F a1<=3 -k sigtrail\n" RULE FIRST
			      " -F a1=9 -k sigtrail\n" RULE FIRST
			      " -F a1=15 -k sigtrail\n" RULE FIRST
			      " -F a1=64 -k sigtrail\n" RULE SECOND
			      " -F a2>=1 -F a2<=3 -k sigtrail\n" RULE SECOND
			      " -F a2=9 -k sigtrail\n" RULE SECOND
			      " -F a2=15 -k sigtrail\n" RULE SECOND
			      " -F a2=64 -k sigtrail\n");
}
END_TEST

START_TEST(rules_of_a_range_keep_noise_out_inside_and_at_its_ends)
{
	const struct rules_want want = { .failed = true };

	ck_signals("22-34", want,
		   RULE FIRST " -F a1>=22 -F a1<=34 -k sigtrail\n" RULE SECOND
			      " -F a2!=23 -F a2!=32 -F a2!=33 -F a2>=22 -F a2<=34"
			      " -k sigtrail\n");
	ck_signals("23-24", want,
		   RULE FIRST " -F a1>=23 -F a1<=24 -k sigtrail\n" RULE SECOND
			      " -F a2=24 -k sigtrail\n");
	ck_signals("31-33", want,
		   RULE FIRST " -F a1>=31 -F a1<=33 -k sigtrail\n" RULE SECOND
			      " -F a2=31 -k sigtrail\n");
	ck_signals("URG", want, RULE FIRST " -F a1=23 -k sigtrail\n");
}
END_TEST

START_TEST(rules_of_a_set_with_noise_wanted_have_it)
{
	const struct rules_want want = { .failed = true, .runtime_noise = true };

	ck_signals("URG", want,
		   RULE FIRST " -F a1=23 -k sigtrail\n" RULE SECOND
			      " -F a2=23 -k sigtrail\n");
}
END_TEST

START_TEST(rules_of_a_set_have_probes_where_either_asks_for_them)
{
	struct rules_want want = { .failed = true };
	static const char *const text = RULE FIRST
		" -F a1=0 -k sigtrail\n" RULE FIRST " -F a1=15 -k sigtrail\n" RULE SECOND
		" -F a2=0 -k sigtrail\n" RULE SECOND " -F a2=15 -k sigtrail\n";

	ck_signals("0,TERM", want, text);
	want.probes = true;
	ck_signals("TERM", want, text);
}
END_TEST

START_TEST(rules_of_each_signal_by_name_are_those_of_all)
{
	const struct rules_want none = { .failed = true };
	struct rules_want want = all;
	char *text = native_text(&want);

	ck_signals("all", none, text);
	free(text);
	want.probes = true;
	text = native_text(&want);
	ck_signals("0-64", none, text);
	free(text);
}
END_TEST

START_TEST(rules_of_no_signal_are_refused)
{
	const struct rules_want want = { .failed = true };
	struct reason reason = { "" };
	struct rules rules;

	ck_assert_int_eq(rules_make(&rules, &want, &reason), -EINVAL);
	ck_assert_uint_eq(rules.n, 0);
	ck_assert_str_ne(reason.text, "");
}
END_TEST

START_TEST(rules_of_every_other_signal_fit)
{
	struct rules_want want = { .failed = true, .runtime_noise = true };
	struct rules rules;

	for (int signo = 0; signo <= SIGNAL_MAX; signo += 2)
		signal_set_add(&want.signals, signo);
	ck_assert_int_eq(rules_make(&rules, &want, NULL), 0);
	ck_assert_uint_eq(rules.n, rules_native_arch()->compat ? 132 : 66);
	rules_clear(&rules);
}
END_TEST

START_TEST(rules_of_the_32_bit_arch_are_the_same_with_its_numbers)
{
	struct buffer native = { 0 }, compat = { 0 };
	struct rules rules;

	if (!rules_native_arch()->compat)
		return;
	ck_assert_int_eq(rules_make(&rules, &all, NULL), 0);
	ck_assert_uint_eq(rules.n, 4);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_ne(memcmp(rules.rule[i]->mask, rules.rule[i + 2]->mask,
					sizeof(rules.rule[i]->mask)),
				 0);
		ck_assert_int_eq(rules_format(rules.rule[i], &native), 0);
		ck_assert_int_eq(rules_format(rules.rule[i + 2], &compat), 0);
	}
	memcpy(strstr(native.data, "b64"), "b32", 3);
	memcpy(strstr(native.data, "b64"), "b32", 3);
	ck_assert_str_eq(native.data, compat.data);
	rules_clear(&rules);
	buffer_free(&native);
	buffer_free(&compat);
}
END_TEST

/* The lines of a rules file that are rules, each with a newline. */
static char *file_rules(const char *name)
{
	const char *root = getenv("SOURCE_ROOT");
	struct buffer out = { 0 };
	char path[4096], line[1024];
	FILE *f;

	ck_assert_ptr_nonnull(root);
	snprintf(path, sizeof(path), "%s/rules/%s", root, name);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		if (line[0] != '#' && line[0] != '\n')
			buffer_add_string(&out, line);
	fclose(f);
	return out.data;
}

static void ck_file(const char *name, const struct rules_want *want)
{
	char *text = file_rules(name);
	struct buffer made = { 0 };
	struct rules rules;

	ck_assert_int_eq(rules_make(&rules, want, NULL), 0);
	for (size_t i = 0; i < rules.n; i++) {
		ck_assert_int_eq(rules_format(rules.rule[i], &made), 0);
		buffer_add_char(&made, '\n');
	}
	if (rules_native_arch()->compat)
		ck_assert_str_eq(made.data, text);
	else
		ck_assert_ptr_eq(strstr(text, made.data), text);
	rules_clear(&rules);
	buffer_free(&made);
	free(text);
}

START_TEST(rules_files_say_what_rules_make_makes)
{
	struct rules_want want = all;

	ck_file("40-sigtrail.rules", &want);
	want.probes = true;
	ck_file("40-sigtrail-probes.rules", &want);
}
END_TEST

static struct audit_rule_data *first_rule(const struct rules_want *want)
{
	struct audit_rule_data *rule;
	struct rules rules;

	ck_assert_int_eq(rules_make(&rules, want, NULL), 0);
	rule = malloc(sizeof(*rule) + 64);
	ck_assert_ptr_nonnull(rule);
	memset(rule, 0, sizeof(*rule) + 64);
	memcpy(rule, rules.rule[0], sizeof(*rule) + rules.rule[0]->buflen);
	rules_clear(&rules);
	return rule;
}

static void swap_fields(struct audit_rule_data *rule, int i, int k)
{
	uint32_t field = rule->fields[i], op = rule->fieldflags[i],
		 value = rule->values[i];

	rule->fields[i] = rule->fields[k];
	rule->fieldflags[i] = rule->fieldflags[k];
	rule->values[i] = rule->values[k];
	rule->fields[k] = field;
	rule->fieldflags[k] = op;
	rule->values[k] = value;
}

START_TEST(rules_equal_whatever_the_order_of_fields)
{
	struct audit_rule_data *a = first_rule(&all), *b = first_rule(&all);

	ck_assert(rules_equal(a, b));
	swap_fields(b, 0, 2);
	ck_assert(rules_equal(a, b));
	b->flags |= AUDIT_FILTER_PREPEND;
	ck_assert(rules_equal(a, b));
	free(a);
	free(b);
}
END_TEST

START_TEST(rules_differ_in_anything_else)
{
	struct audit_rule_data *a = first_rule(&all);

#define ck_differs(change)                                                               \
	do {                                                                             \
		struct audit_rule_data *b = first_rule(&all);                            \
		change;                                                                  \
		ck_assert(!rules_equal(a, b));                                           \
		ck_assert(!rules_equal(b, a));                                           \
		free(b);                                                                 \
	} while (0)
	ck_differs(b->values[1] = 1);
	ck_differs(b->fieldflags[1] = AUDIT_EQUAL);
	ck_differs(b->fields[1] = AUDIT_ARG2);
	ck_differs(b->mask[0] |= 1);
	ck_differs(b->action = AUDIT_NEVER);
	ck_differs(b->flags = AUDIT_FILTER_EXCLUDE);
	ck_differs(b->field_count--);
	ck_differs(b->buf[0] = 'S');
	ck_differs(b->buflen = 0);
	free(a);
}
END_TEST

/* The same fields as a set, another as a bag. */
START_TEST(rules_differ_when_a_field_is_there_twice_in_one)
{
	struct audit_rule_data *a = first_rule(&all), *b = first_rule(&all);

	a->field_count = b->field_count = 3;
	a->fields[2] = b->fields[2] = AUDIT_ARG1;
	a->fieldflags[2] = b->fieldflags[2] = AUDIT_NOT_EQUAL;
	a->values[1] = 1, a->values[2] = 1;
	b->values[1] = 1, b->values[2] = 2;
	ck_assert(!rules_equal(a, b));
	ck_assert(!rules_equal(b, a));
	free(a);
	free(b);
}
END_TEST

START_TEST(rules_format_refuses_what_we_never_use)
{
	struct buffer out = { 0 };

	buffer_add_string(&out, "before");
#define ck_refused(change)                                                               \
	do {                                                                             \
		struct audit_rule_data *b = first_rule(&all);                            \
		change;                                                                  \
		ck_assert_int_eq(rules_format(b, &out), -ENOTSUP);                       \
		ck_assert_str_eq(out.data, "before");                                    \
		free(b);                                                                 \
	} while (0)
	ck_refused(b->fields[1] = AUDIT_UID);
	ck_refused(b->action = AUDIT_NEVER);
	ck_refused(b->flags = AUDIT_FILTER_USER);
	ck_refused(b->mask[0] |= 1);
	ck_refused(memset(b->mask, 0, sizeof(b->mask)));
	ck_refused(b->values[0] = AUDIT_ARCH_SPARC);
	ck_refused(b->field_count = 0);
	ck_refused(b->buf[3] = '\n');
	ck_refused(b->buf[3] = ' ');
	ck_refused(b->values[2] = 1000);
	ck_refused(swap_fields(b, 1, 2));
	buffer_free(&out);
}
END_TEST

START_TEST(rules_covers_tells_calls_and_arches)
{
	const struct sigarch *arch = rules_native_arch();
	struct audit_rule_data *rule = first_rule(&all);
	const struct sigcall *calls;
	size_t n;

	calls = sigcall_table(&n);
	for (size_t i = 0; i < n; i++)
		ck_assert(rules_covers(rule, arch, &calls[i]) ==
			  (calls[i].signal_arg == 1));
	rule->values[0] = AUDIT_ARCH_SPARC;
	ck_assert(!rules_covers(rule, arch, &calls[0]));
	rule->fieldflags[0] = AUDIT_NOT_EQUAL;
	ck_assert(rules_covers(rule, arch, &calls[0]));
	rule->fields[0] = AUDIT_UID;
	ck_assert(rules_covers(rule, arch, &calls[0]));
	rule->action = AUDIT_NEVER;
	ck_assert(!rules_covers(rule, arch, &calls[0]));
	free(rule);
}
END_TEST

START_TEST(rules_find_gives_the_first_that_is_equal)
{
	struct audit_rule_data *rule = first_rule(&all);
	struct rules rules;

	ck_assert_int_eq(rules_make(&rules, &all, NULL), 0);
	ck_assert_ptr_eq(rules_find(&rules, rule), rules.rule[0]);
	rule->values[1] = 5;
	ck_assert_ptr_null(rules_find(&rules, rule));
	rules_clear(&rules);
	free(rule);
}
END_TEST

SUITE("rules", rules_of_all_signals_keep_probes_and_noise_out,
      rules_want_lets_probes_and_noise_and_only_successes_in,
      rules_of_a_signal_set_are_one_for_each_range,
      rules_of_a_range_keep_noise_out_inside_and_at_its_ends,
      rules_of_a_set_with_noise_wanted_have_it,
      rules_of_a_set_have_probes_where_either_asks_for_them,
      rules_of_each_signal_by_name_are_those_of_all, rules_of_no_signal_are_refused,
      rules_of_every_other_signal_fit,
      rules_of_the_32_bit_arch_are_the_same_with_its_numbers,
      rules_files_say_what_rules_make_makes, rules_equal_whatever_the_order_of_fields,
      rules_differ_in_anything_else, rules_differ_when_a_field_is_there_twice_in_one,
      rules_format_refuses_what_we_never_use, rules_covers_tells_calls_and_arches,
      rules_find_gives_the_first_that_is_equal)
