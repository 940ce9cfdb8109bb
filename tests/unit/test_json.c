/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/json.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>

#include "core/fields.h"
#include "suite.h"

static struct buffer out;
static struct signal_event ev;

static const char *line(void)
{
	buffer_reset(&out);
	ck_assert_int_eq(json_line(&out, &ev), 0);
	return out.data;
}

static void set_call(void)
{
	size_t n;

	event_init(&ev, EVENT_SIGNAL, 1795300047191000);
	ev.serial = 17;
	ev.node = "host";
	ev.call = sigcall_table(&n);
	ev.arch = sigarch_of_name("x86_64");
	ev.result = 0;
	ev.signo = SIGTERM;
	ev.scope = SCOPE_PROCESS;
	ev.argument = 684;
	ev.targets = 1;
	ev.index = 1;
	ev.notes[ev.n_notes++] = "escalation";
	ev.repeated = 2;
	ev.since_usec = 1795300040001000;
	ev.has_target = true;
}

static void set_parties(void)
{
	ev.sender = (struct party){
		.pid = 1,
		.tid = NUMBER_ABSENT,
		.ppid = 2,
		.namespace_pid = 9,
		.uid = 3,
		.euid = 4,
		.gid = 5,
		.auid = NUMBER_NULL,
		.session = NUMBER_NULL,
		.tty = "pts0",
		.comm = "c",
		.thread = "t",
		.exe = "/e",
		.cmdline = { "a\0b c\0\0", 7 },
		.cmdline_cut = true,
		.unit = "u.service",
		.user_unit = "uu.service",
		.slice = "s.slice",
		.container = "k",
		.subject = "unconfined",
	};
	ev.target = (struct party){
		.pid = 684,
		.tid = 685,
		.ppid = 2,
		.namespace_pid = 8,
		.uid = 1000,
		.euid = NUMBER_ABSENT,
		.gid = NUMBER_ABSENT,
		.auid = 1000,
		.session = 3,
		.comm = "java",
		.thread = "GC",
		.exe = "/java",
		.cmdline = { "java", 4 },
		.unit = "t.service",
		.user_unit = "tu.service",
		.slice = "t.slice",
		.container = "tk",
		.subject = "s",
	};
}

START_TEST(json_of_a_whole_signal)
{
	set_call();
	set_parties();
	ck_assert_str_eq(
		line(),
		"{\"time\":\"2026-11-21T22:27:27.191Z\",\"serial\":17,\"node\":\"host\","
		"\"syscall\":\"kill\",\"arch\":\"x86_64\",\"result\":\"success\","
		"\"signal\":{\"number\":15,\"name\":\"SIGTERM\"},\"scope\":\"process\","
		"\"argument\":684,\"targets\":1,\"index\":1,\"notes\":[\"escalation\"],"
		"\"repeated\":2,\"since\":\"2026-11-21T22:27:20.001Z\","
		"\"sender\":{\"pid\":1,\"ppid\":2,\"uid\":3,\"euid\":4,\"gid\":5,"
		"\"auid\":null,\"session\":null,\"tty\":\"pts0\",\"comm\":\"c\","
		"\"thread\":\"t\",\"exe\":\"/e\",\"cmdline\":[\"a\",\"b c\",\"\"],"
		"\"cmdline_cut\":true,\"unit\":\"u.service\",\"user_unit\":\"uu."
		"service\","
		"\"slice\":\"s.slice\",\"container\":\"k\",\"subject\":\"unconfined\"},"
		"\"target\":{\"pid\":684,\"tid\":685,\"thread\":\"GC\",\"uid\":1000,"
		"\"auid\":1000,\"session\":3,\"comm\":\"java\",\"exe\":\"/java\","
		"\"cmdline\":[\"java\"],\"unit\":\"t.service\",\"user_unit\":\"tu."
		"service\","
		"\"slice\":\"t.slice\",\"container\":\"tk\",\"namespace_pid\":8,"
		"\"subject\":\"s\"}}\n");
}
END_TEST

START_TEST(json_target_is_null_where_none_was_found)
{
	event_init(&ev, EVENT_SIGNAL, 0);
	ev.result = ESRCH;
	ev.argument = NUMBER_NULL;
	ev.sender.pid = 81;
	ev.target.pid = 7;
	ck_assert_str_eq(line(),
			 "{\"time\":\"1970-01-01T00:00:00.000Z\",\"result\":\"ESRCH\","
			 "\"argument\":null,\"sender\":{\"pid\":81},\"target\":null}\n");
}
END_TEST

START_TEST(json_of_a_death_has_no_sender)
{
	event_init(&ev, EVENT_DEATH, 0);
	ev.has_target = true;
	ev.serial = 3;
	ev.signo = SIGSEGV;
	ev.reason = "core dump";
	ev.target.pid = 12;
	ck_assert_str_eq(line(),
			 "{\"time\":\"1970-01-01T00:00:00.000Z\",\"serial\":3,\"died\":{"
			 "\"signal\":\"SIGSEGV\",\"number\":11,\"reason\":\"core dump\"},"
			 "\"target\":{\"pid\":12}}\n");
}
END_TEST

START_TEST(json_of_a_trail_entry)
{
	event_init_trail(&ev, TRAIL_INCOMPLETE, 0);
	ev.trail.cause = CAUSE_SOCKET_OVERRUN;
	ev.trail.of = OF_EVENTS;
	ev.trail.lost = 12;
	ev.trail.since_usec = 1000;
	ev.trail.until_usec = 2999;
	ck_assert_str_eq(line(),
			 "{\"time\":\"1970-01-01T00:00:00.000Z\",\"trail\":{\"event\":"
			 "\"incomplete\",\"cause\":\"socket-overrun\",\"lost\":12,\"of\":"
			 "\"events\",\"since\":\"1970-01-01T00:00:00.001Z\",\"until\":"
			 "\"1970-01-01T00:00:00.002Z\"}}\n");
	event_init_trail(&ev, TRAIL_STARTED, 0);
	ck_assert_str_eq(line(),
			 "{\"time\":\"1970-01-01T00:00:00.000Z\",\"trail\":{\"event\":"
			 "\"started\"}}\n");
	ev.trail.unseen = UNSEEN_OLDER;
	ck_assert_str_eq(line(),
			 "{\"time\":\"1970-01-01T00:00:00.000Z\",\"trail\":{\"event\":"
			 "\"started\",\"unseen\":\"older-processes\"}}\n");
	event_init_trail(&ev, TRAIL_STOPPED, 0);
	ev.trail.lost = 0;
	ev.trail.of = OF_EVENTS;
	ev.trail.seen = 7;
	ev.trail.lines = 4;
	ev.trail.repeats = 2;
	ev.trail.ignored = 1;
	ck_assert_str_eq(line(),
			 "{\"time\":\"1970-01-01T00:00:00.000Z\",\"trail\":{\"event\":"
			 "\"stopped\",\"lost\":0,\"of\":\"events\",\"seen\":7,"
			 "\"lines\":4,\"repeats\":2,\"ignored\":1}}\n");
}
END_TEST

START_TEST(json_stays_one_clean_line_whatever_the_bytes)
{
	static const char all[] = "\x01\x02\n\r\t\"\\\x7f\x80\xff\xc2\x9b\xe2\x80\xa8"
				  "\xe2\x80\xae\u00e4\U0001f600";
	json_t *back;
	json_t *sender;

	event_init(&ev, EVENT_SIGNAL, 0);
	ev.sender.comm = all;
	ev.sender.cmdline = (struct bytes){ all, sizeof(all) };
	ev.notes[ev.n_notes++] = all;
	ck_assert_uint_eq(strcspn(line(), "\n"), out.len - 1);
	for (size_t i = 0; i + 1 < out.len; i++)
		ck_assert_uint_ge((unsigned char)out.data[i], 0x20);
	back = json_loads(out.data, 0, NULL);
	ck_assert_ptr_nonnull(back);
	sender = json_object_get(back, "sender");
	ck_assert_str_eq(
		json_string_value(json_object_get(sender, "comm")),
		"\\x01\\x02\\x0a\\x0d\\x09\"\\x5c\\x7f\\x80\\xff\\xc2\\x9b\\xe2\\x80"
		"\\xa8\\xe2\\x80\\xae\u00e4\U0001f600");
	ck_assert_uint_eq(json_array_size(json_object_get(sender, "cmdline")), 1);
	json_decref(back);
}
END_TEST

START_TEST(json_adds_behind_what_is_there_or_nothing)
{
	event_init_trail(&ev, TRAIL_STARTED, 0);
	buffer_reset(&out);
	buffer_add_string(&out, "first\n");
	ck_assert_int_eq(json_line(&out, &ev), 0);
	ck_assert_int_eq(strncmp(out.data, "first\n{\"time\"", 13), 0);
	buffer_reset(&out);
	buffer_add_string(&out, "kept");
	ck_assert_int_lt(buffer_reserve(&out, SIZE_MAX - 8), 0);
	ck_assert_int_eq(json_line(&out, &ev), -ENOMEM);
	ck_assert_str_eq(out.data, "kept");
	ck_assert_uint_eq(out.len, 4);
}
END_TEST

SUITE("json", json_of_a_whole_signal, json_target_is_null_where_none_was_found,
      json_of_a_death_has_no_sender, json_of_a_trail_entry,
      json_stays_one_clean_line_whatever_the_bytes,
      json_adds_behind_what_is_there_or_nothing)
