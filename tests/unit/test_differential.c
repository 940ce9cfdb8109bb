/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On clean streams our grouping gives the same events as libauparse's own, and our
 * decoding does on all. */
#include <auparse.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/buffer.h"
#include "core/decode.h"
#include "core/join.h"
#include "core/json.h"
#include "core/sigcall.h"
#include "records.h"
#include "suite.h"

#define EVENTS_MAX 20000

/* An event as both must see it: stamp, and how many records of which kind and bytes. */
struct set {
	char *line[EVENTS_MAX];
	size_t n;
};

static void add(struct set *set, int64_t sec, int msec, uint64_t serial,
		size_t syscall_bytes, size_t n_obj_pids, size_t n_proctitles)
{
	ck_assert_uint_lt(set->n, EVENTS_MAX);
	ck_assert_int_gt(asprintf(&set->line[set->n++], "%lld.%d:%llu %zu %zu %zu",
				  (long long)sec, msec, (unsigned long long)serial,
				  syscall_bytes, n_obj_pids, n_proctitles),
			 0);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void set_free(struct set *set)
{
	for (size_t i = 0; i < set->n; i++)
		free(set->line[i]);
	free(set);
}

/* --- ours
 * ------------------------------------------------------------------------------- */

static void on_joined(const struct joined *j, void *userdata)
{
	if (!j->death.len)
		add(userdata, j->sec, j->msec, j->serial, j->syscall.len, j->n_obj_pids,
		    j->proctitle.len > 0);
}

static void on_incomplete(int64_t time_usec, uint64_t serial, void *userdata)
{
	ck_abort_msg("incomplete event %llu", (unsigned long long)serial);
}

static struct set *ours(const char *text, enum join_order order)
{
	struct set *set = calloc(1, sizeof(*set));
	struct join *join;
	struct record r;

	ck_assert_int_eq(join_new(&join, order, on_joined, on_incomplete, set), 0);
	for (const char *at = text, *end; *at; at = end + 1) {
		end = strchrnul(at, '\n');
		if (record_parse_line(at, (size_t)(end - at), &r) == 0)
			ck_assert_int_eq(join_feed(join, &r, record_time_usec(&r)), 0);
		if (!*end)
			break;
	}
	join_flush(join);
	join_free(join);
	qsort(set->line, set->n, sizeof(set->line[0]), compare);
	return set;
}

/* --- theirs
 * ------------------------------------------------------------------------------ */

static bool is_signal(auparse_state_t *parser)
{
	const char *arch =
		auparse_find_field(parser, "arch") ? auparse_get_field_str(parser) : "";
	uint32_t audit_arch = (uint32_t)strtoul(arch, NULL, 16);
	const char *nr = auparse_find_field(parser, "syscall")
				 ? auparse_get_field_str(parser)
				 : "";

	return *nr && sigcall_find(sigarch_of_audit(audit_arch), (uint32_t)atoi(nr));
}

static void on_parsed(auparse_state_t *parser, auparse_cb_event_t kind, void *userdata)
{
	const au_event_t *stamp = auparse_get_timestamp(parser);
	size_t syscall_bytes = 0, n_obj_pids = 0, n_proctitles = 0;

	if (kind != AUPARSE_CB_EVENT_READY || auparse_first_record(parser) <= 0)
		return;
	do {
		int type = auparse_get_type(parser);

		if (type == AUDIT_SYSCALL && is_signal(parser))
			syscall_bytes = strlen(
				strstr(auparse_get_record_text(parser), "): ") + 3);
		n_obj_pids += type == AUDIT_OBJ_PID;
		n_proctitles += type == AUDIT_PROCTITLE;
	} while (auparse_next_record(parser) > 0);
	if (syscall_bytes)
		add(userdata, stamp->sec, (int)stamp->milli, stamp->serial, syscall_bytes,
		    n_obj_pids, n_proctitles);
}

static struct set *theirs(const char *text)
{
	struct set *set = calloc(1, sizeof(*set));
	auparse_state_t *parser = auparse_init(AUSOURCE_FEED, NULL);

	ck_assert_ptr_nonnull(parser);
	auparse_add_callback(parser, on_parsed, set, NULL);
	auparse_feed(parser, text, strlen(text));
	auparse_flush_feed(parser);
	auparse_destroy(parser);
	qsort(set->line, set->n, sizeof(set->line[0]), compare);
	return set;
}

static size_t check_same(const char *what, const char *text, enum join_order order)
{
	struct set *a = ours(text, order), *b = theirs(text);
	size_t n = a->n;

	for (size_t i = 0; i < a->n && i < b->n; i++)
		ck_assert_msg(!strcmp(a->line[i], b->line[i]), "%s: ours %s, theirs %s",
			      what, a->line[i], b->line[i]);
	ck_assert_msg(a->n == b->n, "%s: ours %zu events, theirs %zu", what, a->n, b->n);
	set_free(a);
	set_free(b);
	return n;
}

/* --- streams
 * ------------------------------------------------------------------------------ */

static void add_record(struct buffer *out, const char *type, unsigned serial,
		       const char *body)
{
	buffer_printf(out, "type=%s msg=audit(%d.%03u:%u): %s\n", type, TIME_SEC,
		      serial / 7 % 1000, serial, body);
}

/* So many events of up to 8 CPUs, their records shuffled into each other as CPUs do: each
 * event's in the kernel's order. */
static void make_stream(struct buffer *out, unsigned seed, unsigned events)
{
	struct {
		unsigned serial, step, targets;
	} cpu[8] = { 0 };
	unsigned next = 1000;

	srandom(seed);
	while (events) {
		size_t c = (size_t)random() % 8;

		if (!cpu[c].serial) {
			cpu[c].serial = next++;
			cpu[c].targets = (unsigned)random() % 4;
			cpu[c].step = 0;
			add_record(out, "SYSCALL", cpu[c].serial,
				   random() % 3 ? SYSCALL_62 : SYSCALL_OPEN);
		} else if (cpu[c].step++ < cpu[c].targets) {
			add_record(out, "OBJ_PID", cpu[c].serial, OBJ_PID_1777);
		} else {
			add_record(out, "PROCTITLE", cpu[c].serial, PROCTITLE);
			add_record(out, "EOE", cpu[c].serial, "");
			cpu[c].serial = 0;
			events--;
		}
	}
	for (size_t c = 0; c < 8; c++)
		if (cpu[c].serial) {
			add_record(out, "PROCTITLE", cpu[c].serial, PROCTITLE);
			add_record(out, "EOE", cpu[c].serial, "");
		}
}

START_TEST(join_groups_interleaved_streams_as_libauparse_does)
{
	struct buffer stream = { 0 };

	for (unsigned seed = 1; seed <= 20; seed++) {
		buffer_reset(&stream);
		make_stream(&stream, seed, 500);
		ck_assert_uint_gt(check_same("live order", stream.data, JOIN_LIVE), 200);
		ck_assert_uint_gt(check_same("log order", stream.data, JOIN_LOG), 200);
	}
	buffer_free(&stream);
}
END_TEST

static char *read_file(const char *path)
{
	struct buffer b = { 0 };
	char chunk[4096];
	FILE *file = fopen(path, "r");
	size_t n;

	ck_assert_msg(file != NULL, "can't open %s", path);
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buffer_add(&b, chunk, n);
	fclose(file);
	return b.data;
}

START_TEST(join_groups_recorded_streams_as_libauparse_does)
{
	static const char *const clean[] = { "x86_64", "i386", "pidns" };

	for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++) {
		char path[512], *text;

		snprintf(path, sizeof(path), "%s/%s.log", getenv("TEST_DATA"), clean[i]);
		text = read_file(path);
		ck_assert_uint_gt(check_same(clean[i], text, JOIN_LIVE), 1);
		free(text);
	}
}
END_TEST

/* --- decoding --- */

/* The same records, split by us and by libauparse. */
struct both {
	auparse_state_t *parser;
	struct decode *ours, *theirs;
	struct buffer our_events, their_events;
	size_t n; /* of events */
	size_t unreadable;
};

static void on_event(struct signal_event *ev, void *userdata)
{
	ck_assert_int_eq(json_line(userdata, ev), 0);
}

static void decode_both(const struct joined *joined, void *userdata)
{
	struct both *both = userdata;
	int r = decode_event(both->ours, joined);

	ck_assert_int_eq(decode_event(both->theirs, joined), r);
	if (both->our_events.failed || both->their_events.failed)
		ck_abort_msg("no memory");
	ck_assert_str_eq(both->our_events.len ? both->our_events.data : "",
			 both->their_events.len ? both->their_events.data : "");
	both->n += both->our_events.len > 0;
	both->unreadable += r < 0;
	buffer_reset(&both->our_events);
	buffer_reset(&both->their_events);
}

static void both_begin(struct both *both)
{
	*both = (struct both){ .parser = auparse_init(AUSOURCE_FEED, NULL) };
	ck_assert_ptr_nonnull(both->parser);
	ck_assert_int_eq(decode_new(&both->ours, NULL, on_event, &both->our_events), 0);
	ck_assert_int_eq(
		decode_new(&both->theirs, both->parser, on_event, &both->their_events),
		0);
}

static void both_end(struct both *both)
{
	decode_free(both->ours);
	decode_free(both->theirs);
	auparse_destroy(both->parser);
	buffer_free(&both->our_events);
	buffer_free(&both->their_events);
}

static void ignore_incomplete(int64_t time_usec, uint64_t serial, void *userdata)
{
}

static void decode_text(struct both *both, const char *text)
{
	struct join *join;
	struct record r;

	ck_assert_int_eq(join_new(&join, JOIN_LOG, decode_both, ignore_incomplete, both),
			 0);
	for (const char *at = text, *end; *at; at = end + (*end != 0)) {
		end = strchrnul(at, '\n');
		if (record_parse_line(at, (size_t)(end - at), &r) == 0)
			ck_assert_int_eq(join_feed(join, &r, record_time_usec(&r)), 0);
	}
	join_flush(join);
	join_free(join);
}

START_TEST(decode_reads_all_recorded_logs_as_libauparse_does)
{
	struct both both;
	char pattern[512];
	glob_t paths;

	snprintf(pattern, sizeof(pattern), "%s/*.log", getenv("TEST_DATA"));
	ck_assert_int_eq(glob(pattern, 0, NULL, &paths), 0);
	both_begin(&both);
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		char *text = read_file(paths.gl_pathv[i]);

		decode_text(&both, text);
		free(text);
	}
	ck_assert_uint_gt(paths.gl_pathc, 30);
	ck_assert_uint_gt(both.n, 200);
	both_end(&both);
	globfree(&paths);
}
END_TEST

/* As audit_log_untrustedstring() writes a name that is any bytes. */
static void add_untrusted(struct buffer *out, const unsigned char *name, size_t len)
{
	bool plain = true;

	for (size_t i = 0; i < len; i++)
		plain = plain && name[i] > 0x20 && name[i] < 0x7f && name[i] != '"';
	if (plain)
		buffer_printf(out, "\"%.*s\"", (int)len, name);
	for (size_t i = 0; !plain && i < len; i++)
		buffer_printf(out, "%02X", name[i]);
}

static void add_name(struct buffer *out, const char *field, size_t max)
{
	static const char nasty[] = "a= \x1d'):,?(\n\"\\\x80\xff=pid=1 exe=\"/x\"";
	unsigned char name[64];
	size_t len = 1 + (size_t)random() % max;

	for (size_t i = 0; i < len; i++)
		name[i] = random() % 2
				  ? (unsigned char)(1 + random() % 255)
				  : (unsigned char)
					    nasty[(size_t)random() % (sizeof(nasty) - 1)];
	buffer_printf(out, " %s=", field);
	add_untrusted(out, name, len);
}

static void add_numbers(struct buffer *out)
{
	static const char *const names[] = {
		"ppid", "pid", "auid", "uid", "gid", "euid"
	};

	buffer_printf(out, "arch=%s syscall=%ld success=no exit=%ld a0=%lx a1=%lx",
		      random() % 4 ? "c000003e" : "40000003",
		      random() % 4 ? 62 : random(), random() % 300 - 200,
		      random() * random(), random() % 70);
	buffer_printf(out, " a2=%lx a3=%lx items=0", random(), random());
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		buffer_printf(out, " %s=%u", names[i],
			      random() % 3 ? (unsigned)random() % 70000 : UINT32_MAX);
	buffer_printf(out, " tty=%s ses=%u", random() % 2 ? "pts0" : "(none)",
		      random() % 2 ? (unsigned)random() : UINT32_MAX);
}

/* A SYSCALL as the kernel words it, of a process that chose its names badly. */
static void make_body(struct buffer *out)
{
	static const char *const labels[] = {
		"",
		" subj=?",
		" subj=unconfined",
		" subj=docker-default (enforce)",
		" subj=system_u:system_r:container_t:s0:c1,c2",
		" subj=a//&:b:c",
	};

	buffer_reset(out);
	add_numbers(out);
	add_name(out, "comm", 15);
	add_name(out, "exe", 60);
	buffer_printf(out, "%s key=%s", labels[random() % 6],
		      random() % 2 ? "(null)" : "73696774\x01");
	if (random() % 2)
		buffer_add_string(out, "\x1d"
				       "ARCH=x86_64 SYSCALL=kill AUID=\"pid=5\" "
				       "UID=\"root\" pid=7 comm=\"x\"");
}

static void decode_body(struct both *both, const struct buffer *body, bool death)
{
	struct bytes bytes = { body->data, body->len };
	struct joined joined = { .sec = TIME_SEC, .msec = 487, .serial = 5 };

	if (death)
		joined.death = bytes;
	else
		joined.syscall = bytes;
	joined.death_type = death ? AUDIT_SECCOMP : 0;
	decode_both(&joined, both);
}

START_TEST(decode_reads_hostile_names_as_libauparse_does)
{
	struct buffer body = { 0 };
	struct both both;

	srandom(1);
	both_begin(&both);
	for (size_t i = 0; i < 20000; i++) {
		make_body(&body);
		decode_body(&both, &body, false);
		if (i % 4 == 0) {
			buffer_add_string(&body, " sig=31 code=0x80000000");
			decode_body(&both, &body, true);
		}
	}
	ck_assert_uint_gt(both.n, 10000);
	both_end(&both);
	buffer_free(&body);
}
END_TEST

/* libauparse takes a bracket off a name's begin, and :,') off a value's end, which we
 * leave as they are. */
START_TEST(decode_reads_broken_records_as_libauparse_does)
{
	static const char bytes[] = "0123456789abcdef=  -\"?xps\x1d\xff\x01";
	struct buffer body = { 0 };
	struct both both;

	srandom(2);
	both_begin(&both);
	for (size_t i = 0; i < 20000; i++) {
		make_body(&body);
		for (long n = random() % 8; n >= 0; n--)
			body.data[(size_t)random() % body.len] =
				bytes[(size_t)random() % (sizeof(bytes) - 1)];
		for (char *at = body.data; (at = strpbrk(at, "(:,')"));)
			*at = 'x';
		decode_body(&both, &body, i % 4 == 0);
	}
	ck_assert_uint_gt(both.n, 5000);
	ck_assert_uint_gt(both.unreadable, 1000);
	both_end(&both);
	buffer_free(&body);
}
END_TEST

SUITE("differential", join_groups_interleaved_streams_as_libauparse_does,
      join_groups_recorded_streams_as_libauparse_does,
      decode_reads_all_recorded_logs_as_libauparse_does,
      decode_reads_hostile_names_as_libauparse_does,
      decode_reads_broken_records_as_libauparse_does)
