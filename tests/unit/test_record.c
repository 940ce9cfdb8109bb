/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "records.h"
#include "suite.h"

static int parse(const char *text, struct record *record)
{
	return record_parse(AUDIT_SYSCALL, text, strlen(text), record);
}

static int parse_line(const char *line, struct record *record)
{
	return record_parse_line(line, strlen(line), record);
}

START_TEST(record_reads_stamp_and_body)
{
	struct record r;

	ck_assert_int_eq(
		parse("audit(1795301637.487:508824): arch=c000003e key=(null)", &r), 0);
	ck_assert_int_eq(r.sec, 1795301637);
	ck_assert_int_eq(r.msec, 487);
	ck_assert_uint_eq(r.serial, 508824);
	ck_assert_int_eq(record_time_usec(&r), 1795301637487000);
	ck_assert_uint_eq(r.body.len, strlen("arch=c000003e key=(null)"));
	ck_assert_uint_eq(r.node.len, 0);
}
END_TEST

START_TEST(record_takes_an_empty_body_and_padding)
{
	static const char padded[] = "audit(1.002:3): \0\0";
	struct record r;

	ck_assert_int_eq(record_parse(AUDIT_EOE, padded, sizeof(padded), &r), 0);
	ck_assert_uint_eq(r.body.len, 0);
	ck_assert_int_eq(parse("audit(1.002:3):", &r), 0);
}
END_TEST

START_TEST(record_refuses_what_is_none)
{
	static const char *const bad[] = {
		"",
		"audit",
		"audit(",
		"audit(1.2",
		"audit(x.1:1): a",
		"audit(1.1000:1): a",
		"audit(1.1:): a",
		"audit(1.1:1) a",
		"audit(.1:1): a",
		"audit(-1.1:1): a",
		"audit(1.1:1): a\nb=c",
		"colon less",
		"audit(999999999999999999.1:1): a",
		"audit(1.1:9999999999999999999): a",
	};
	static const char nul[] = "audit(1.1:1): a\0b";
	struct record r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(bad[i], &r) == -EBADMSG, "taken: %s", bad[i]);
	ck_assert_int_eq(record_parse(AUDIT_SYSCALL, nul, sizeof(nul) - 1, &r), -EBADMSG);
}
END_TEST

START_TEST(record_refuses_what_is_too_long)
{
	char *text = malloc(RECORD_MAX_BYTES + 1);
	struct record r;
	int head = sprintf(text, "audit(1.001:1): ");

	memset(text + head, 'a', RECORD_MAX_BYTES + 1 - head);
	ck_assert_int_eq(record_parse(AUDIT_PATH, text, RECORD_MAX_BYTES + 1, &r),
			 -E2BIG);
	ck_assert_int_eq(record_parse(AUDIT_PATH, text, RECORD_MAX_BYTES, &r), 0);
	free(text);
}
END_TEST

START_TEST(record_line_reads_type_and_node)
{
	struct record r;

	ck_assert_int_eq(
		parse_line("type=OBJ_PID msg=audit(1.002:3): opid=1 ocomm=\"a\"\n", &r),
		0);
	ck_assert_int_eq(r.type, AUDIT_OBJ_PID);
	ck_assert_uint_eq(r.body.len, strlen("opid=1 ocomm=\"a\""));
	ck_assert_int_eq(parse_line("node=web1 type=EOE msg=audit(1.002:3): ", &r), 0);
	ck_assert_int_eq(r.type, AUDIT_EOE);
	ck_assert_uint_eq(r.node.len, 4);
	ck_assert_int_eq(memcmp(r.node.data, "web1", 4), 0);
	ck_assert_int_eq(parse_line("type=UNKNOWN[1420] msg=audit(1.002:3): x=1", &r), 0);
	ck_assert_int_eq(r.type, 1420);
}
END_TEST

START_TEST(record_line_tells_no_record_from_a_broken_one)
{
	struct record r;

	ck_assert_int_eq(parse_line("\n", &r), -ENOMSG);
	ck_assert_int_eq(parse_line("----\n", &r), -ENOMSG);
	ck_assert_int_eq(parse_line("# comment", &r), -ENOMSG);
	ck_assert_int_eq(parse_line("time->Sat Nov 21 22:27:17 2026", &r), -ENOMSG);
	ck_assert_int_eq(parse_line("type=NONSENSE msg=audit(1.002:3): a", &r), -EBADMSG);
	ck_assert_int_eq(parse_line("node= type=EOE msg=audit(1.002:3): a", &r),
			 -EBADMSG);
	ck_assert_int_eq(parse_line("type=EOE", &r), -EBADMSG);
	ck_assert_int_eq(parse_line("hello", &r), -EBADMSG);
}
END_TEST

static size_t body_of(const char *type, const char *body)
{
	struct record r;
	char line[256];

	snprintf(line, sizeof(line), "type=%s msg=audit(1.002:3): %s", type, body);
	ck_assert_int_eq(parse_line(line, &r), 0);
	return r.body.len;
}

START_TEST(record_drops_the_field_in_which_it_is_torn)
{
	ck_assert_uint_eq(body_of("OBJ_PID", "opid=17"), 0);
	ck_assert_uint_eq(body_of("OBJ_PID", "opid=1777 oauid=-"), strlen("opid=1777 "));
	ck_assert_uint_eq(body_of("SYSCALL", "arch=c000003e sysc"),
			  strlen("arch=c000003e "));
	/* How the kernel ends them, a name or key of hex digits among others. */
	for (size_t i = 0; i < 5; i++) {
		static const char *const whole[5] = {
			"opid=1 ocomm=\"a\"", "opid=1 ocomm=6120", "a0=1 key=(null)",
			"a0=1 key=6101", "a0=1 key=\"sigtrail\"\035UID=\"r"
		};

		ck_assert_uint_eq(body_of(i < 2 ? "OBJ_PID" : "SYSCALL", whole[i]),
				  strlen(whole[i]));
	}
	/* Others end as they like. */
	ck_assert_uint_eq(body_of("SECCOMP", "sig=31 code=0x0"),
			  strlen("sig=31 code=0x0"));
}
END_TEST

START_TEST(record_number_finds_whole_names_only)
{
	struct record r =
		record_of(AUDIT_SYSCALL, 1, "arch=c000003e ppid=7 pid=12x a1=ff");
	uint64_t n;

	ck_assert_int_eq(record_number(&r, "arch", 16, &n), 0);
	ck_assert_uint_eq(n, 0xc000003e);
	ck_assert_int_eq(record_number(&r, "ppid", 10, &n), 0);
	ck_assert_uint_eq(n, 7);
	ck_assert_int_eq(record_number(&r, "pid", 10, &n), -EBADMSG);
	ck_assert_int_eq(record_number(&r, "id", 10, &n), -ENOENT);
	ck_assert_int_eq(record_number(&r, "a1", 16, &n), 0);
	ck_assert_uint_eq(n, 255);
	r.body = bytes_of("a=99999999999999999999 b=");
	ck_assert_int_eq(record_number(&r, "a", 10, &n), -EBADMSG);
	ck_assert_int_eq(record_number(&r, "b", 10, &n), -EBADMSG);
}
END_TEST

SUITE("record", record_reads_stamp_and_body, record_takes_an_empty_body_and_padding,
      record_refuses_what_is_none, record_refuses_what_is_too_long,
      record_line_reads_type_and_node, record_line_tells_no_record_from_a_broken_one,
      record_drops_the_field_in_which_it_is_torn, record_number_finds_whole_names_only)
