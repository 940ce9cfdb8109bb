/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/fields.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/buffer.h"
#include "suite.h"

static struct signal_event ev;
static struct field_value value;

static void get(const char *key)
{
	const struct field *field = field_find(key);

	ck_assert_msg(field != NULL, "%s", key);
	field_get(field, &ev, &value);
}

#define ASSERT_STRING(key, string)                                                       \
	do {                                                                             \
		get(key);                                                                \
		ck_assert_int_eq(value.type, VALUE_STRING);                              \
		ck_assert_uint_eq(value.text.len, strlen(string));                       \
		ck_assert_mem_eq(value.text.data, string, strlen(string));               \
	} while (0)

#define ASSERT_TYPE(key, expected)                                                       \
	do {                                                                             \
		get(key);                                                                \
		ck_assert_int_eq(value.type, expected);                                  \
	} while (0)

START_TEST(fields_come_in_the_order_of_the_contract)
{
	static const char expected[] =
		"time serial node syscall arch result signal.number signal.name scope "
		"argument "
		"targets index notes repeated since died.signal died.number died.reason "
		"sender.pid sender.ppid sender.uid sender.euid sender.gid sender.auid "
		"sender.session sender.tty sender.comm sender.thread sender.exe "
		"sender.cmdline "
		"sender.cmdline_cut sender.unit sender.user_unit sender.slice "
		"sender.container sender.ancestry sender.subject target.pid target.tid "
		"target.thread "
		"target.uid target.auid target.session target.comm target.exe "
		"target.cmdline target.cmdline_cut target.unit target.user_unit "
		"target.slice "
		"target.container target.namespace_pid target.ancestry target.subject "
		"trail.event "
		"trail.cause trail.lost trail.of trail.since trail.until trail.unseen "
		"trail.by_pid trail.by_uid trail.by_auid trail.by_comm trail.by_exe "
		"trail.detail trail.seen trail.lines trail.repeats trail.ignored ";
	struct buffer keys = { 0 };
	size_t n;
	const struct field *table = fields_table(&n);

	for (size_t i = 0; i < n; i++)
		buffer_printf(&keys, "%s ", table[i].key);
	ck_assert_str_eq(keys.data, expected);
	buffer_free(&keys);
}
END_TEST

/* What the contract says: SIGTRAIL_, SENDER_ or TARGET_ and the key in capitals. */
static void journal_name(const struct field *field, char *name, size_t size)
{
	const char *dot = strchr(field->key, '.');
	const char *last = dot ? dot + 1 : field->key;

	snprintf(name, size, "%s%s%s",
		 strncmp(field->key, "sender.", 7) == 0	  ? "SENDER_"
		 : strncmp(field->key, "target.", 7) == 0 ? "TARGET_"
							  : "SIGTRAIL_",
		 strcmp(field->key, "signal.name") == 0 ? "signal"
		 : strcmp(last, "number") == 0		? "signo"
							: last,
		 field->type == FIELD_TIME ? "_USEC" : "");
	for (char *p = name; *p; p++)
		*p = toupper((unsigned char)*p);
}

START_TEST(fields_have_the_journal_names_of_the_contract)
{
	size_t n;
	const struct field *table = fields_table(&n);
	char name[64];

	for (size_t i = 0; i < n; i++) {
		journal_name(&table[i], name, sizeof(name));
		ck_assert_str_eq(table[i].journal, name);
		ck_assert_uint_gt(strlen(table[i].meaning), 2);
		for (size_t k = 0; k < i; k++) {
			ck_assert_str_ne(table[i].key, table[k].key);
			if (table[i].kinds & table[k].kinds)
				ck_assert_str_ne(table[i].journal, table[k].journal);
		}
	}
}
END_TEST

START_TEST(fields_are_found_by_key)
{
	ck_assert_str_eq(field_find("sender.exe")->journal, "SENDER_EXE");
	ck_assert_ptr_null(field_find("sender"));
	ck_assert_ptr_null(field_find("sender.ex"));
	ck_assert_ptr_null(field_find(""));
}
END_TEST

START_TEST(fields_of_an_event_without_anything_are_absent)
{
	static const enum event_kind kinds[] = { EVENT_SIGNAL, EVENT_DEATH, EVENT_TRAIL };
	size_t n;
	const struct field *table = fields_table(&n);

	for (size_t k = 0; k < 3; k++) {
		event_init(&ev, kinds[k], 1);
		ev.has_target = true;
		for (size_t i = 0; i < n; i++) {
			field_get(&table[i], &ev, &value);
			ck_assert_int_eq(value.type, strcmp(table[i].key, "time")
							     ? VALUE_ABSENT
							     : VALUE_TIME);
		}
	}
}
END_TEST

START_TEST(fields_give_words_for_tables_and_enums)
{
	size_t n;

	event_init(&ev, EVENT_SIGNAL, 1);
	ev.call = sigcall_table(&n);
	ev.arch = sigarch_of_name("x86_64");
	ev.result = 0;
	ev.signo = SIGTERM;
	ev.scope = SCOPE_GROUP;
	ASSERT_STRING("syscall", "kill");
	ASSERT_STRING("arch", "x86_64");
	ASSERT_STRING("result", "success");
	ASSERT_STRING("signal.name", "SIGTERM");
	ASSERT_STRING("scope", "group");
	ev.result = EPERM;
	ASSERT_STRING("result", "EPERM");
	ev.result = 4000;
	ASSERT_STRING("result", "4000");
	ev.signo = 70;
	ASSERT_STRING("signal.name", "70");
	event_init_trail(&ev, TRAIL_INCOMPLETE, 1);
	ev.trail.cause = CAUSE_SOCKET_OVERRUN;
	ev.trail.of = OF_RECORDS;
	ASSERT_STRING("trail.event", "incomplete");
	ASSERT_STRING("trail.cause", "socket-overrun");
	ASSERT_STRING("trail.of", "records");
	ASSERT_TYPE("trail.unseen", VALUE_ABSENT);
	ev.trail.unseen = UNSEEN_OLDER;
	ASSERT_STRING("trail.unseen", "older-processes");
}
END_TEST

START_TEST(fields_give_numbers_times_and_null)
{
	event_init(&ev, EVENT_SIGNAL, 1795300047191000);
	ev.serial = 7;
	ev.argument = NUMBER_NULL;
	ev.sender.auid = NUMBER_NULL;
	ev.sender.uid = 0;
	ASSERT_TYPE("time", VALUE_TIME);
	ck_assert_int_eq(value.number, 1795300047191000);
	ASSERT_TYPE("serial", VALUE_NUMBER);
	ck_assert_int_eq(value.number, 7);
	ASSERT_TYPE("argument", VALUE_NULL);
	ASSERT_TYPE("sender.auid", VALUE_NULL);
	ASSERT_TYPE("sender.uid", VALUE_NUMBER);
	ck_assert_int_eq(value.number, 0);
}
END_TEST

START_TEST(fields_give_command_lines_flags_and_sets)
{
	event_init(&ev, EVENT_SIGNAL, 1);
	ev.sender.cmdline = (struct bytes){ "a\0b\0", 4 };
	ev.sender.cmdline_cut = true;
	ev.notes[ev.n_notes++] = "escalation";
	ev.notes[ev.n_notes++] = "thread-target";
	ASSERT_TYPE("sender.cmdline", VALUE_ARGS);
	ck_assert_uint_eq(value.text.len, 4);
	ASSERT_TYPE("sender.cmdline_cut", VALUE_TRUE);
	ASSERT_TYPE("notes", VALUE_SET);
	ck_assert_uint_eq(value.n_set, 2);
	ck_assert_str_eq(value.set[1], "thread-target");
	ev.sender.cmdline.len = 0;
	ASSERT_TYPE("sender.cmdline", VALUE_ABSENT);
}
END_TEST

START_TEST(fields_belong_to_their_kinds_of_event)
{
	event_init(&ev, EVENT_SIGNAL, 1);
	ev.signo = SIGSEGV;
	ev.reason = "core dump";
	ev.sender.pid = 5;
	ev.target.pid = 6;
	ev.trail.lost = 1;
	ASSERT_TYPE("signal.name", VALUE_STRING);
	ASSERT_TYPE("died.signal", VALUE_ABSENT);
	ASSERT_TYPE("trail.lost", VALUE_ABSENT);
	ASSERT_TYPE("sender.pid", VALUE_NUMBER);
	ASSERT_TYPE("target.pid", VALUE_ABSENT);
	ev.has_target = true;
	ASSERT_TYPE("target.pid", VALUE_NUMBER);
	ev.kind = EVENT_DEATH;
	ASSERT_TYPE("signal.name", VALUE_ABSENT);
	ASSERT_STRING("died.signal", "SIGSEGV");
	ASSERT_STRING("died.reason", "core dump");
	ASSERT_TYPE("sender.pid", VALUE_ABSENT);
	ASSERT_TYPE("target.pid", VALUE_NUMBER);
	ev.kind = EVENT_TRAIL;
	ASSERT_TYPE("target.pid", VALUE_ABSENT);
	ASSERT_TYPE("trail.lost", VALUE_NUMBER);
	/* The journals of several hosts are read together: whose trail is it? */
	ev.node = "web2";
	ASSERT_STRING("node", "web2");
	ASSERT_TYPE("serial", VALUE_ABSENT);
}
END_TEST

SUITE("fields", fields_come_in_the_order_of_the_contract,
      fields_have_the_journal_names_of_the_contract, fields_are_found_by_key,
      fields_of_an_event_without_anything_are_absent,
      fields_give_words_for_tables_and_enums, fields_give_numbers_times_and_null,
      fields_give_command_lines_flags_and_sets, fields_belong_to_their_kinds_of_event)
