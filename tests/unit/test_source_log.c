/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/source_log.h"

#include <errno.h>
#include <stdio.h>

#include "core/buffer.h"
#include "core/number.h"
#include "packed.h"
#include "records.h"
#include "suite.h"

#define STAMP(serial) " msg=audit(1795301637.487:" #serial "): "
#define OBJ(serial)   "type=OBJ_PID" STAMP(serial) OBJ_PID_1777 "\n"

struct seen {
	size_t n;
	uint16_t types[64];
	uint64_t serials[64];
	char nodes[64][16];
	size_t last_len;
};

static struct seen seen;
static struct source *source;
static int fd;

static void on_record(const struct record *record, void *userdata)
{
	ck_assert_uint_lt(seen.n, 64);
	seen.types[seen.n] = record->type;
	seen.serials[seen.n] = record->serial;
	snprintf(seen.nodes[seen.n], sizeof(seen.nodes[0]), "%.*s", (int)record->node.len,
		 record->node.data ? record->node.data : "");
	seen.last_len = record->body.len;
	seen.n++;
}

static void begin(const char *data, size_t len)
{
	seen = (struct seen){ 0 };
	fd = file_of(data, len);
	ck_assert_int_eq(source_log_new(&source, fd), 0);
}

/* Reads to the end: what source_read() gave last. */
static int read_all(void)
{
	int r;

	while ((r = source_read(source, on_record, NULL)) > 0)
		;
	return r;
}

static void end(void)
{
	source = source_free(source);
	close(fd);
}

static void read_text(const char *text)
{
	begin(text, strlen(text));
	ck_assert_int_eq(read_all(), 0);
}

START_TEST(source_log_reads_what_auditd_writes)
{
	read_text(
		"# a remark\n\n"
		"type=SYSCALL" STAMP(1) SYSCALL_62
		"\x1d"
		"ARCH=x86_64 SYSCALL=kill\n" OBJ(1) "node=db1 type=EOE" STAMP(2) "\r\n");
	ck_assert_uint_eq(seen.n, 3);
	ck_assert_uint_eq(source_log_records(source), 3);
	ck_assert_uint_eq(source->counts.malformed, 0);
	ck_assert_uint_eq(source_log_first_malformed(source), 0);
	ck_assert_str_eq(seen.nodes[1], "");
	ck_assert_str_eq(seen.nodes[2], "db1");
	ck_assert_uint_eq(seen.last_len, 0);
	end();
}
END_TEST

START_TEST(source_log_ends_an_event_at_a_separator)
{
	read_text("----\ntime->Sat Nov 21 22:53:57 2026\n"
		  "node=db1 type=PROCTITLE" STAMP(1) PROCTITLE
		  "\n"
		  "node=db1 type=OBJ_PID" STAMP(1) OBJ_PID_1777
		  "\n"
		  "----\n----\ntime->Sat Nov 21 22:53:57 2026\n" OBJ(2));
	ck_assert_uint_eq(seen.n, 4);
	ck_assert_uint_eq(seen.types[2], AUDIT_EOE);
	ck_assert_uint_eq(seen.serials[2], 1);
	ck_assert_str_eq(seen.nodes[2], "db1");
	ck_assert_uint_eq(seen.serials[3], 2);
	ck_assert_uint_eq(source_log_records(source), 3);
	ck_assert_uint_eq(source->counts.malformed, 0);
	end();
}
END_TEST

START_TEST(source_log_passes_over_what_is_no_record_and_knows_the_first_line)
{
	static const char text[] =
		OBJ(1) "some words\n" OBJ(2) "\0\0\0" OBJ(3) "type=OBJ_PID" STAMP(
			4) "opid=\0 ocomm=1\n"
			   "type=OBJ_PID" STAMP(5) "opid=17type=OBJ_PID" STAMP(6)
				   OBJ_PID_1777 "\n" OBJ(7);

	begin(text, sizeof(text) - 1);
	ck_assert_int_eq(read_all(), 0);
	ck_assert_uint_eq(seen.n, 3);
	ck_assert_uint_eq(seen.serials[2], 7);
	ck_assert_uint_eq(source->counts.malformed, 4);
	ck_assert_uint_eq(source_log_first_malformed(source), 2);
	end();
}
END_TEST

START_TEST(source_log_does_not_believe_a_line_without_its_end)
{
	read_text(OBJ(1) "type=OBJ_PID" STAMP(2) "opid=17");
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_uint_eq(source->counts.malformed, 1);
	ck_assert_uint_eq(source_log_first_malformed(source), 2);
	end();
}
END_TEST

START_TEST(source_log_passes_over_lines_of_any_length)
{
	struct buffer text = { 0 };
	char *giant = malloc(1 << 20);

	memset(giant, 'x', 1 << 20);
	buffer_add_string(&text, OBJ(1));
	buffer_add(&text, giant, 1 << 20);
	buffer_add_string(&text, "\n" OBJ(2) "type=OBJ_PID" STAMP(3) "opid=1 ");
	buffer_add(&text, giant, 20000);
	buffer_add_string(&text, "\n" OBJ(4));
	buffer_add(&text, giant, 1 << 20);
	begin(text.data, text.len);
	ck_assert_int_eq(read_all(), 0);
	ck_assert_uint_eq(seen.n, 3);
	ck_assert_uint_eq(seen.serials[2], 4);
	ck_assert_uint_eq(source->counts.malformed, 3);
	ck_assert_uint_eq(source_log_first_malformed(source), 2);
	end();
	buffer_free(&text);
	free(giant);
}
END_TEST

START_TEST(source_log_refuses_what_was_interpreted)
{
	static const char text[] =
		"----\ntype=OBJ_PID msg=audit(11/21/26 22:53:57.487:1) : "
		"opid=1777 oauid=unset ouid=root ocomm=sig \n";
	static const char german[] =
		"node=db1 type=OBJ_PID msg=audit(21.11.2026 22:53:57.487:1) "
		": opid=1777\n";

	begin(text, sizeof(text) - 1);
	ck_assert_int_eq(read_all(), -EPROTO);
	end();
	begin(german, sizeof(german) - 1);
	ck_assert_int_eq(read_all(), -EPROTO);
	ck_assert_uint_eq(seen.n, 0);
	end();
}
END_TEST

START_TEST(source_log_peeks_without_taking)
{
	struct source_log_first first;

	begin("no record\n" OBJ(1), strlen("no record\n" OBJ(1)));
	ck_assert_int_eq(source_log_peek(source, &first), 0);
	ck_assert_int_eq(first.time_usec, TIME_SEC * INT64_C(1000000) + 487000);
	ck_assert(!first.has_node);
	ck_assert_uint_eq(first.serial, 1);
	ck_assert_int_eq(read_all(), 0);
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_uint_eq(source_log_first_malformed(source), 1);
	end();
	begin("", 0);
	ck_assert_int_eq(source_log_peek(source, &first), 0);
	ck_assert_int_eq(first.time_usec, NUMBER_ABSENT);
	ck_assert_int_eq(read_all(), 0);
	end();
}
END_TEST

START_TEST(source_log_peeks_at_what_it_will_read)
{
	static const char text[] = "type=OBJ_PID" STAMP(5) "opid=17type=OBJ_PID" STAMP(6)
		OBJ_PID_1777 "\n" OBJ(7);
	struct source_log_first first;

	begin(text, sizeof(text) - 1);
	ck_assert_int_eq(source_log_peek(source, &first), 0);
	ck_assert_uint_eq(first.serial, 7);
	ck_assert_int_eq(read_all(), 0);
	ck_assert_uint_eq(seen.serials[0], 7);
	end();
}
END_TEST

START_TEST(source_log_reads_compressed_logs_and_their_undamaged_part)
{
	static const char text[] = OBJ(1) OBJ(2) OBJ(3);
	char packed[2000];
	size_t len = pack_gzip(text, sizeof(text) - 1, packed, sizeof(packed));
	struct source_log_first first;

	begin(packed, len);
	ck_assert_int_eq(source_log_peek(source, &first), 0);
	ck_assert_int_eq(first.time_usec, TIME_SEC * INT64_C(1000000) + 487000);
	ck_assert_int_eq(read_all(), 0);
	ck_assert_uint_eq(seen.n, 3);
	end();
	begin(packed, len - 4);
	ck_assert_int_eq(read_all(), -ENODATA);
	ck_assert_uint_eq(seen.n, 3);
	end();
	len = pack_xz(text, sizeof(text) - 1, packed, sizeof(packed));
	begin(packed, len);
	ck_assert_int_eq(read_all(), 0);
	ck_assert_uint_eq(seen.n, 3);
	end();
}
END_TEST

SUITE("source_log", source_log_reads_what_auditd_writes,
      source_log_ends_an_event_at_a_separator,
      source_log_passes_over_what_is_no_record_and_knows_the_first_line,
      source_log_does_not_believe_a_line_without_its_end,
      source_log_passes_over_lines_of_any_length, source_log_refuses_what_was_interpreted,
      source_log_peeks_without_taking, source_log_peeks_at_what_it_will_read,
      source_log_reads_compressed_logs_and_their_undamaged_part)
