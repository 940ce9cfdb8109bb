/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

#define BOOT "0f0f0f0f-1111-2222-3333-444444444444"

static int parse(struct ledger *ledger, const char *text)
{
	struct reason reason = { "" };
	int r = ledger_parse(ledger, text, strlen(text), BOOT, &reason);

	ck_assert((r == -EBADMSG) == (reason.text[0] != '\0'));
	return r;
}

START_TEST(ledger_reads_back_what_it_wrote)
{
	struct ledger ledger = { .enabled = true,
				 .enabled_by_other = true,
				 .backlog = true,
				 .backlog_old = 64,
				 .backlog_new = 8192 };
	struct ledger back = { 0 }, wanted = { 0 };
	struct buffer text = { 0 };

	ck_assert_int_eq(ledger_add_rule(&wanted, "-a two"), 0);
	ck_assert_int_eq(ledger_add_rule(&wanted, "-a three"), 0);
	ck_assert_int_eq(ledger_add_rule(&ledger, "-a always,exit -F a1!=0 -k x"), 0);
	ck_assert_int_eq(ledger_add_rule(&ledger, "-a two"), 0);
	ck_assert_int_eq(ledger_set_wants(&ledger, 7, &wanted), 0);
	ledger_keep_wanted(&ledger, 7);
	ledger_format(&ledger, BOOT, &text);
	ck_assert_str_eq(text.data, "boot " BOOT "\n"
				    "enabled 0\n"
				    "enabled-by-other\n"
				    "backlog_limit 64 8192\n"
				    "rule -a always,exit -F a1!=0 -k x\n"
				    "kept -a two\n"
				    "want 7 -a two\n"
				    "want 7 -a three\n");
	ck_assert_int_eq(parse(&back, text.data), 0);
	ck_assert(back.enabled && back.enabled_by_other && back.backlog);
	ck_assert_uint_eq(back.backlog_old, 64);
	ck_assert_uint_eq(back.backlog_new, 8192);
	ck_assert_uint_eq(back.n_rules, 2);
	ck_assert_str_eq(back.rule[1].text, "-a two");
	ck_assert(back.rule[1].kept && !back.rule[0].kept);
	ck_assert_uint_eq(back.n_wants, 2);
	ck_assert_uint_eq(back.want[1].holder, 7);
	ck_assert_str_eq(back.want[1].rule, "-a three");
	ledger_clear(&wanted);
	ledger_clear(&ledger);
	ledger_clear(&back);
	buffer_free(&text);
}
END_TEST

START_TEST(ledger_of_another_boot_is_void)
{
	struct ledger ledger = { 0 };

	ck_assert_int_eq(parse(&ledger, "boot 00000000-0000-0000-0000-000000000000\n"
					"enabled 0\nbacklog_limit 64 8192\nrule -a x\n"),
			 0);
	ck_assert(ledger_empty(&ledger));
}
END_TEST

START_TEST(ledger_refuses_what_it_never_writes)
{
	static const char *const bad[] = {
		"",
		"boot",
		"boot " BOOT,
		"rule -a x\n",
		"boot " BOOT "\nrule \n",
		"boot " BOOT "\nrule -a x",
		"boot " BOOT "\nenabled 1\n",
		"boot " BOOT "\nbacklog_limit 64\n",
		"boot " BOOT "\nbacklog_limit 64 8192 1\n",
		"boot " BOOT "\n\n",
		"boot " BOOT "\nkept \n",
		"boot " BOOT "\nwant 1\n",
		"boot " BOOT "\nwant 1 \n",
		"boot " BOOT "\nwant -a x\n",
		"boot " BOOT "\nwant 1-a x\n",
		"boot " BOOT "\nrule -a x\nsomething\n",
	};
	struct ledger ledger = { 0 };
	char long_line[4096];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(parse(&ledger, bad[i]) == -EBADMSG, "%s", bad[i]);
		ck_assert(ledger_empty(&ledger));
	}
	ck_assert_int_eq(ledger_parse(&ledger, "boot " BOOT "\nrule a\0b\n",
				      sizeof("boot " BOOT "\nrule a\0b\n") - 1, BOOT,
				      NULL),
			 -EBADMSG);
	memset(long_line, 'x', sizeof(long_line));
	memcpy(long_line, "boot " BOOT "\nrule ", strlen("boot " BOOT "\nrule "));
	long_line[sizeof(long_line) - 1] = '\n';
	ck_assert_int_eq(ledger_parse(&ledger, long_line, sizeof(long_line), BOOT, NULL),
			 -EBADMSG);
}
END_TEST

START_TEST(ledger_has_each_rule_once_and_keeps_their_order)
{
	struct ledger ledger = { 0 };
	struct ledger copy = { 0 };

	ck_assert(ledger_empty(&ledger));
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(ledger_add_rule(&ledger, "one"), 0);
		ck_assert_int_eq(ledger_add_rule(&ledger, "two"), 0);
		ck_assert_int_eq(ledger_add_rule(&ledger, "three"), 0);
	}
	ck_assert_uint_eq(ledger.n_rules, 3);
	ck_assert_int_eq(ledger_copy(&copy, &ledger), 0);
	ledger_remove_rule(&ledger, 0);
	ledger_strike_rule(&ledger, "four");
	ck_assert_uint_eq(ledger.n_rules, 2);
	ck_assert_str_eq(ledger.rule[0].text, "two");
	ck_assert(!ledger_has_rule(&ledger, "one"));
	ck_assert(ledger_has_rule(&copy, "one"));
	ledger_strike_rule(&ledger, "three");
	ledger_strike_rule(&ledger, "two");
	ck_assert(ledger_empty(&ledger));
	ledger_clear(&ledger);
	ledger_clear(&copy);
}
END_TEST

START_TEST(ledger_has_the_wants_of_each_holder)
{
	struct ledger ledger = { 0 }, one = { 0 }, two = { 0 }, copy = { 0 };
	const struct ledger nothing = { 0 };

	ck_assert_int_eq(ledger_add_rule(&one, "-a one"), 0);
	ck_assert_int_eq(ledger_add_rule(&one, "-a both"), 0);
	ck_assert_int_eq(ledger_add_rule(&two, "-a both"), 0);
	ck_assert_int_eq(ledger_set_wants(&ledger, 1, &one), 0);
	ck_assert_int_eq(ledger_set_wants(&ledger, 2, &two), 0);
	ck_assert_int_eq(ledger_set_wants(&ledger, 1, &one), 0);
	ck_assert_uint_eq(ledger.n_wants, 3);
	/* A wish is nothing to put back, and none to keep. */
	ledger_keep_wanted(&ledger, 1);
	ck_assert(ledger_empty(&ledger));
	ck_assert_int_eq(ledger_copy(&copy, &ledger), 0);
	ck_assert_int_eq(ledger_set_wants(&ledger, 1, &nothing), 0);
	ck_assert(!ledger_is_wanted(&ledger, "-a one"));
	ck_assert(ledger_is_wanted(&ledger, "-a both"));
	ck_assert_int_eq(ledger_set_wants(&ledger, 2, &nothing), 0);
	ck_assert(!ledger_is_wanted(&ledger, "-a both"));
	ck_assert(ledger_is_wanted(&copy, "-a one"));
	ledger_clear(&ledger);
	ledger_clear(&copy);
	ledger_clear(&one);
	ledger_clear(&two);
}
END_TEST

START_TEST(ledger_is_bounded)
{
	struct ledger ledger = { 0 }, wanting = { 0 };
	char rule[16];

	for (int i = 0; i < LEDGER_RULES_MAX; i++) {
		snprintf(rule, sizeof(rule), "%d", i);
		ck_assert_int_eq(ledger_add_rule(&ledger, rule), 0);
	}
	ck_assert_int_eq(ledger_add_rule(&ledger, "one more"), -E2BIG);
	ck_assert_int_eq(ledger_add_rule(&ledger, "0"), 0);
	for (unsigned i = 0; i < LEDGER_WANTS_MAX / LEDGER_RULES_MAX; i++)
		ck_assert_int_eq(ledger_set_wants(&wanting, i, &ledger), 0);
	ck_assert_int_eq(ledger_set_wants(&wanting, 9999, &ledger), -E2BIG);
	ck_assert_uint_eq(wanting.n_wants, LEDGER_WANTS_MAX);
	ledger_clear(&ledger);
	ledger_clear(&wanting);
}
END_TEST

SUITE("ledger", ledger_has_the_wants_of_each_holder, ledger_reads_back_what_it_wrote,
      ledger_of_another_boot_is_void, ledger_refuses_what_it_never_writes,
      ledger_has_each_rule_once_and_keeps_their_order, ledger_is_bounded)
