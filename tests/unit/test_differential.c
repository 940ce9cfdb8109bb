/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On clean streams our grouping gives the same events as libauparse's own. */
#include <auparse.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/buffer.h"
#include "core/join.h"
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

SUITE("differential", join_groups_interleaved_streams_as_libauparse_does,
      join_groups_recorded_streams_as_libauparse_does)
