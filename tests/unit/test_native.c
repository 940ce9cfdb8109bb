/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/native.h"

#include <stdint.h>
#include <string.h>

#include "core/fields.h"
#include "core/number.h"
#include "suite.h"

static struct native_memo *memo;
static struct buffer again, whole, work;
static struct signal_event ev;
static struct ancestor ancestors[2];

static void fill(struct party *party, int64_t pid)
{
	party->pid = pid;
	party->uid = 0;
	party->comm = "sh";
	party->exe = "/bin/sh";
	party->cmdline = (struct bytes){ "sh\0-c", 6 };
	party->ancestry = (struct ancestry){ ancestors, 2 };
}

static void begin(void)
{
	ancestors[0] = (struct ancestor){ 7, "cron", "/sbin/cron", "cron.service" };
	ancestors[1] = (struct ancestor){ 1, "init", NULL, NULL };
	event_init(&ev, EVENT_SIGNAL, 1);
	ev.signo = 15;
	ev.has_target = true;
	fill(&ev.sender, 10);
	fill(&ev.target, 11);
	if (!memo)
		ck_assert_int_eq(native_memo_new(&memo), 0);
}

/* What was kept makes no other entry than what is there. */
static void check_same(const char *after)
{
	buffer_reset(&again);
	buffer_reset(&whole);
	ck_assert_int_eq(native_entry(&again, &work, memo, &ev), 0);
	ck_assert_int_eq(native_entry(&whole, &work, NULL, &ev), 0);
	ck_assert_msg(again.len == whole.len &&
			      memcmp(again.data, whole.data, whole.len) == 0,
		      "after %s:\n%s\ninstead of:\n%s", after, again.data, whole.data);
}

static void check_string(const char *name, const char **string)
{
	const char *const old = *string;
	char other[] = "other";

	*string = other;
	check_same(name);
	/* The same memory is another process's by now. */
	memcpy(other, "OTHER", sizeof(other));
	check_same(name);
	*string = "";
	check_same(name);
	*string = NULL;
	check_same(name);
	*string = old;
	check_same(name);
}

static void check_number(const char *name, int64_t *number)
{
	static const int64_t others[] = { 3, 4, NUMBER_NULL, NUMBER_ABSENT };
	const int64_t old = *number;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		*number = others[i];
		check_same(name);
	}
	*number = old;
	check_same(name);
}

static void check_args(const char *name, struct bytes *args)
{
	const struct bytes old = *args;

	args->len--;
	check_same(name);
	*args = (struct bytes){ "ls\0-l", 6 };
	check_same(name);
	*args = (struct bytes){ NULL, 0 };
	check_same(name);
	*args = old;
	check_same(name);
}

static void check_ancestry(const char *name, struct ancestry *ancestry)
{
	const struct ancestry old = *ancestry;

	ancestry->n = 1;
	check_same(name);
	ancestry->n = 0;
	check_same(name);
	*ancestry = old;
	check_same(name);
	for (size_t i = 0; i < old.n; i++) {
		check_number(name, &ancestors[i].pid);
		check_string(name, &ancestors[i].comm);
		check_string(name, &ancestors[i].exe);
		check_string(name, &ancestors[i].unit);
	}
}

static void check_field(const struct field *field)
{
	void *at = (char *)&ev + field->offset;

	switch (field->type) {
	case FIELD_NUMBER:
		check_number(field->key, at);
		break;
	case FIELD_STRING:
		check_string(field->key, at);
		break;
	case FIELD_ARGS:
		check_args(field->key, at);
		break;
	case FIELD_ANCESTRY:
		check_ancestry(field->key, at);
		break;
	case FIELD_TRUE:
		*(bool *)at = !*(bool *)at;
		check_same(field->key);
		*(bool *)at = !*(bool *)at;
		check_same(field->key);
		break;
	default:
		ck_abort_msg("%s is of a new kind", field->key);
	}
}

START_TEST(native_memo_sees_each_field_of_a_party_change)
{
	size_t n, seen = 0;
	const struct field *table = fields_table(&n);

	begin();
	check_same("nothing");
	for (size_t i = 0; i < n; i++) {
		if (strncmp(table[i].key, "sender.", 7) != 0 &&
		    strncmp(table[i].key, "target.", 7) != 0)
			continue;
		check_field(&table[i]);
		seen++;
	}
	ck_assert_uint_gt(seen, 30);
}
END_TEST

START_TEST(native_memo_tells_sender_and_target_and_kinds_apart)
{
	begin();
	check_same("a signal");
	fill(&ev.sender, 11);
	fill(&ev.target, 10);
	check_same("the way back");
	ev.has_target = false;
	check_same("a signal to nobody");
	ev.has_target = true;
	ev.kind = EVENT_DEATH;
	check_same("a death");
	event_init_trail(&ev, TRAIL_STARTED, 1);
	check_same("an entry of the trail");
	begin();
	check_same("a signal again");
}
END_TEST

START_TEST(native_memo_keeps_many_processes_apart)
{
	begin();
	for (int64_t i = 0; i < 100; i++) {
		ev.sender.pid = 10 + i % 20;
		ev.target.pid = 10 + i % 7;
		check_same("another process");
	}
}
END_TEST

START_TEST(native_memo_leaves_what_is_too_long_alone)
{
	static char exe[20000];

	begin();
	memset(exe, 'x', sizeof(exe) - 1);
	ev.sender.exe = exe;
	check_same("a long name");
	exe[0] = 'y';
	check_same("another long name");
}
END_TEST

SUITE("native", native_memo_sees_each_field_of_a_party_change,
      native_memo_tells_sender_and_target_and_kinds_apart,
      native_memo_keeps_many_processes_apart, native_memo_leaves_what_is_too_long_alone)
