/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/entry.h"

#include <endian.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>

#include "core/fields.h"
#include "core/json.h"
#include "core/message.h"
#include "core/native.h"
#include "core/notes.h"
#include "suite.h"

#define TIME   1795300047191234
#define ROUNDS 20000

static struct buffer wire, text, want, got;
static struct signal_event ev, back;
static struct entry *entry;

static void add(const char *field)
{
	ck_assert_int_eq(entry_add(entry, field, strlen(field)), 0);
}

/* What journald makes of a field of the native protocol. */
static const char *take_field(const char *p, const char *end)
{
	const char *eol = memchr(p, '\n', end - p);
	const char *equals = memchr(p, '=', eol - p);
	char field[65536];
	uint64_t len;
	size_t name_len;

	if (equals) {
		ck_assert_int_eq(entry_add(entry, p, eol - p), 0);
		return eol + 1;
	}
	name_len = eol - p;
	memcpy(&len, eol + 1, sizeof(len));
	len = le64toh(len);
	memcpy(field, p, name_len);
	field[name_len] = '=';
	memcpy(field + name_len + 1, eol + 9, len);
	ck_assert_int_eq(entry_add(entry, field, name_len + 1 + len), 0);
	return eol + 9 + len + 1;
}

/* The entry that the journal has of ev. */
static void write_entry(void)
{
	const char *p;

	buffer_reset(&wire);
	ck_assert_int_eq(native_entry(&wire, &text, NULL, &ev), 0);
	if (!entry)
		ck_assert_int_eq(entry_new(&entry), 0);
	entry_clear(entry, TIME + 5);
	add("_UID=0");
	add("_PID=77");
	for (p = wire.data; p < wire.data + wire.len;)
		p = take_field(p, wire.data + wire.len);
}

static void check_back(void)
{
	write_entry();
	ck_assert_int_eq(entry_event(entry, &back), 0);
	buffer_reset(&want);
	buffer_reset(&got);
	ck_assert_int_eq(json_line(&want, &ev), 0);
	ck_assert_int_eq(json_line(&got, &back), 0);
	ck_assert_str_eq(got.data, want.data);
	ck_assert_int_eq(back.time_usec, ev.time_usec);
}

/* The line is what jansson would write of what it says. */
static void check_json(void)
{
	json_t *object;
	char *dumped;

	buffer_reset(&got);
	ck_assert_int_eq(json_line(&got, &ev), 0);
	object = json_loadb(got.data, got.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(object);
	dumped = json_dumps(object, JSON_COMPACT);
	ck_assert_uint_eq(strlen(dumped) + 1, got.len);
	ck_assert_mem_eq(got.data, dumped, got.len - 1);
	ck_assert_int_eq(got.data[got.len - 1], '\n');
	free(dumped);
	json_decref(object);
}

static uint32_t state = 1;

static uint32_t any(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

/* Strings of the bytes that matter; at most 1,000 live at once. */
static const char *any_string(void)
{
	static const char bytes[] =
		"a/'\"\\ \n=[],x\x01\x7f\xff\xc2\x9b\xe2\x80\xae\xc3\xa4";
	static char pool[1000][24];
	static size_t next;
	char *s = pool[next++ % 1000];
	size_t len = any(20);

	if (any(3) == 0)
		return NULL;
	for (size_t i = 0; i < len; i++)
		s[i] = bytes[any(sizeof(bytes) - 1)];
	s[len] = '\0';
	return s;
}

static int64_t any_number(void)
{
	static const int64_t numbers[] = {
		0, 1, -1, 4294967295, INT64_MAX, INT64_MIN + 2
	};

	if (any(3) == 0)
		return NUMBER_ABSENT;
	return any(2) ? (int64_t)any(100000) : numbers[any(6)];
}

static int64_t any_settable(void)
{
	return any(3) ? any_number() : NUMBER_NULL;
}

static void any_ancestry(struct ancestry *ancestry, struct ancestor of[ANCESTRY_MAX])
{
	ancestry->n = any(2) ? any(ANCESTRY_MAX + 1) : 0;
	ancestry->of = of;
	for (size_t i = 0; i < ancestry->n; i++)
		of[i] = (struct ancestor){ any(100000), any_string(), any_string(),
					   any_string() };
}

static void any_cmdline(struct bytes *cmdline, char room[64])
{
	static const char bytes[] = "a' \n\\$\xff\0";

	cmdline->data = room;
	cmdline->len = any(64);
	for (size_t i = 0; i < cmdline->len; i++)
		room[i] = bytes[any(sizeof(bytes) - 1)];
}

static void any_party(struct party *party, struct ancestor of[ANCESTRY_MAX],
		      char room[64], bool is_sender)
{
	party->pid = any(100000);
	party->uid = any_number();
	party->auid = any_settable();
	party->session = any_settable();
	if (is_sender) {
		party->ppid = any_number();
		party->euid = any_number();
		party->gid = any_number();
		party->tty = any_string();
	} else {
		party->tid = any_number();
		party->namespace_pid = any_number();
	}
	party->comm = any_string();
	party->thread = any_string();
	party->exe = any_string();
	party->unit = any_string();
	party->user_unit = any_string();
	party->slice = any_string();
	party->container = any_string();
	party->subject = any_string();
	party->cmdline_cut = any(2);
	any_cmdline(&party->cmdline, room);
	any_ancestry(&party->ancestry, of);
}

static void any_signal(void)
{
	static struct ancestor ancestors[2][ANCESTRY_MAX];
	static char rooms[2][64];
	static const char *const notes[] = { "thread-target",
					     "stale-pidfile=/run/a b.pid",
					     "escalation=10.0s", "self", "cross-user" };
	size_t n;

	event_init(&ev, EVENT_SIGNAL, TIME + any(1000));
	ev.serial = any_number();
	ev.node = any_string();
	ev.call = any(4) ? &sigcall_table(&n)[any(SIGCALL_COUNT)] : NULL;
	ev.arch = any(4) ? sigarch_table(&n) + any(3) : NULL;
	ev.result = any(2) ? 0 : (int64_t)any(600);
	ev.signo = any(80);
	ev.scope = any(SCOPE_ALL + 1);
	ev.argument = any_settable();
	ev.targets = any_number();
	ev.index = any_number();
	ev.repeated = any(2) ? NUMBER_ABSENT : (int64_t)any(100) + 1;
	ev.since_usec = any(2) ? NUMBER_ABSENT : TIME - (int64_t)any(100000000);
	for (size_t i = 0; i < 5; i++) {
		if (any(2))
			ev.notes[ev.n_notes++] = notes[i];
	}
	ev.has_target = any(4);
	any_party(&ev.sender, ancestors[0], rooms[0], true);
	if (ev.has_target)
		any_party(&ev.target, ancestors[1], rooms[1], false);
}

START_TEST(entry_of_any_event_reads_back_as_that_event)
{
	for (int i = 0; i < ROUNDS; i++) {
		any_signal();
		check_back();
	}
}
END_TEST

START_TEST(entry_json_of_any_event_is_as_jansson_writes_it)
{
	for (int i = 0; i < ROUNDS; i++) {
		any_signal();
		check_json();
	}
}
END_TEST

START_TEST(entry_of_a_death_reads_back)
{
	event_init(&ev, EVENT_DEATH, TIME);
	ev.serial = 3;
	ev.signo = SIGSEGV;
	ev.reason = "core dump";
	ev.has_target = true;
	ev.target.pid = 12;
	ev.target.auid = NUMBER_NULL;
	check_back();
	ck_assert_int_eq(back.kind, EVENT_DEATH);
	event_init(&ev, EVENT_DEATH, TIME);
	ev.has_target = true;
	check_back();
}
END_TEST

START_TEST(entry_of_each_trail_event_reads_back)
{
	for (int event = TRAIL_STARTED; event <= TRAIL_SOURCE; event++) {
		event_init_trail(&ev, event, TIME);
		check_back();
		for (int cause = 1; cause < CAUSE_COUNT; cause++) {
			ev.trail.cause = cause;
			ev.trail.of = 1 + cause % 2;
			ev.trail.lost = cause * 1000LL;
			ev.trail.since_usec = TIME - 5;
			ev.trail.until_usec = TIME;
			check_back();
			ck_assert_int_eq(back.trail.event, event);
		}
	}
}
END_TEST

START_TEST(entry_of_a_start_and_of_a_stop_reads_back_whole)
{
	event_init_trail(&ev, TRAIL_STARTED, TIME);
	ev.trail.unseen = UNSEEN_OLDER;
	check_back();
	ck_assert_int_eq(back.trail.unseen, UNSEEN_OLDER);
	ev.trail.unseen = UNSEEN_NOTHING;
	check_back();
	ck_assert_int_eq(back.trail.unseen, UNSEEN_NOTHING);
	event_init_trail(&ev, TRAIL_STOPPED, TIME);
	ev.trail.seen = 7;
	ev.trail.lines = 4;
	ev.trail.repeats = 2;
	ev.trail.ignored = 1;
	ev.trail.lost = 0;
	check_back();
	ck_assert_int_eq(back.trail.seen, 7);
	ck_assert_int_eq(back.trail.lines, 4);
	ck_assert_int_eq(back.trail.repeats, 2);
	ck_assert_int_eq(back.trail.ignored, 1);
	ck_assert_int_eq(back.trail.lost, 0);
}
END_TEST

START_TEST(entry_order_of_fields_is_no_matter)
{
	struct entry *forwards;
	size_t n;

	any_signal();
	while (ev.n_notes < 3 || !ev.has_target)
		any_signal();
	write_entry();
	forwards = entry;
	ck_assert_int_eq(entry_new(&entry), 0);
	for (n = entry_n_fields(forwards); n--;) {
		struct bytes field = entry_field(forwards, n);

		ck_assert_int_eq(entry_add(entry, field.data, field.len), 0);
	}
	ck_assert_int_eq(entry_event(entry, &back), 0);
	buffer_reset(&want);
	buffer_reset(&got);
	json_line(&want, &ev);
	json_line(&got, &back);
	ck_assert_str_eq(got.data, want.data);
	entry_free(forwards);
}
END_TEST

/* An entry of ours with this field instead of what it wrote. */
static int event_with(const char *field)
{
	struct entry *from;
	const size_t key_len = strcspn(field, "=") + 1;
	int r;

	event_init(&ev, EVENT_SIGNAL, TIME);
	ev.signo = SIGTERM;
	ev.argument = 5;
	ev.sender.pid = 5;
	write_entry();
	from = entry;
	ck_assert_int_eq(entry_new(&entry), 0);
	for (size_t i = 0; i < entry_n_fields(from); i++) {
		struct bytes f = entry_field(from, i);

		if (f.len < key_len || memcmp(f.data, field, key_len) != 0)
			entry_add(entry, f.data, f.len);
	}
	if (field[key_len - 1])
		add(field);
	r = entry_event(entry, &back);
	entry_free(from);
	return r;
}

START_TEST(entry_of_others_is_none_of_ours)
{
	ck_assert_int_eq(event_with("_UID=0"), 0);
	ck_assert_int_eq(event_with("_UID=1000"), -ENOENT);
	ck_assert_int_eq(event_with("_UID=00"), -ENOENT);
	ck_assert_int_eq(event_with("_UID="), -ENOENT);
	ck_assert_int_eq(event_with("MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1"),
			 -ENOENT);
	ck_assert_int_eq(event_with("MESSAGE_ID="), -ENOENT);
	entry_clear(entry, TIME);
	ck_assert_int_eq(entry_event(entry, &back), -ENOENT);
}
END_TEST

START_TEST(entry_with_what_we_never_write_is_refused)
{
	static const char *const fields[] = {
		"SIGTRAIL_TIME_USEC=",
		"SIGTRAIL_TIME_USEC=1.5",
		"SENDER_PID= 1",
		"SENDER_PID=+1",
		"SENDER_PID=",
		"SENDER_PID=0x10",
		"SENDER_PID=99999999999999999999",
		"SENDER_PID=-9223372036854775808",
		"SENDER_PID=-9223372036854775807",
		"SIGTRAIL_SIGNAL=SIGKILL",
		"SIGTRAIL_RESULT=ENOSUCHNAME",
		"SIGTRAIL_RESULT=-3",
		"SIGTRAIL_RESULT=",
		"SIGTRAIL_SYSCALL=open",
		"SIGTRAIL_ARCH=pdp11",
		"SIGTRAIL_SCOPE=everything",
		"SENDER_CMDLINE='open",
		"SENDER_CMDLINE=a  b",
		"SENDER_CMDLINE=a ",
		"SENDER_CMDLINE=$x",
		"SENDER_CMDLINE=a'b'",
		"SENDER_CMDLINE_CUT=1",
		"SIGTRAIL_NOTES=",
		"SENDER_ANCESTRY_JSON=",
		"SENDER_ANCESTRY_JSON=[]",
		"SENDER_ANCESTRY_JSON=[{\"pid\":1}",
		"SENDER_ANCESTRY_JSON=[{\"pid\":1}] ",
		"SENDER_ANCESTRY_JSON=[{\"pid\":\"1\"}]",
		"SENDER_ANCESTRY_JSON=[{\"pid\":1,\"comm\":\"a}]",
		"SENDER_ANCESTRY_JSON=[{\"pid\":1,\"comm\":\"a\\\"}]",
		"SENDER_ANCESTRY_JSON=[{\"pid\":1,\"comm\":\"a\\\\\"}]",
		"SENDER_ANCESTRY_JSON=[{\"pid\":1,\"comm\":\"\\\\x00\"}]",
		"SENDER_ANCESTRY_JSON=[{\"pid\":1,\"comm\":\"\\n\"}]",
		"SENDER_ANCESTRY_JSON=[{\"pid\":1,\"exe\":\"a\",\"comm\":\"b\"}]",
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		ck_assert_msg(event_with(fields[i]) == -EBADMSG, "%s", fields[i]);
	ck_assert_int_eq(event_with("SIGTRAIL_ARGUMENT="), 0);
	ck_assert_int_eq(event_with("SENDER_ANCESTRY_JSON=[{\"pid\":1}]"), 0);
	ck_assert_int_eq(event_with("SIGTRAIL_EVENT=nonsense"), 0);
	event_with("_UID=0");
	ck_assert_int_eq(entry_add(entry, "SENDER_COMM=a\0b", 15), 0);
	ck_assert_int_eq(entry_event(entry, &back), -EBADMSG);
}
END_TEST

START_TEST(entry_with_more_ancestors_than_we_keep_is_refused)
{
	struct buffer field = { 0 };

	buffer_add_string(&field, "SENDER_ANCESTRY_JSON=[{\"pid\":1}");
	for (int i = 1; i < ANCESTRY_MAX; i++)
		buffer_add_string(&field, ",{\"pid\":1}");
	buffer_add_string(&field, "]");
	ck_assert_int_eq(event_with(field.data), 0);
	ck_assert_uint_eq(back.sender.ancestry.n, ANCESTRY_MAX);
	field.len--;
	buffer_add_string(&field, ",{\"pid\":1}]");
	ck_assert_int_eq(event_with(field.data), -EBADMSG);
	buffer_free(&field);
}
END_TEST

START_TEST(entry_gives_the_first_value_with_a_nul_behind)
{
	ck_assert_int_eq(entry_new(&entry), 0);
	add("A=1");
	add("A=2");
	add("AB==");
	ck_assert_str_eq(entry_string(entry, "A"), "1");
	ck_assert_str_eq(entry_string(entry, "AB"), "=");
	ck_assert_ptr_null(entry_string(entry, "B"));
	ck_assert_int_eq(entry_number(entry, "A"), 1);
	ck_assert_int_eq(entry_number(entry, "AB"), NUMBER_ABSENT);
	ck_assert_int_eq(entry_number(entry, "B"), NUMBER_ABSENT);
	ck_assert_uint_eq(entry_n_fields(entry), 3);
	entry_clear(entry, 7);
	ck_assert_int_eq(entry_realtime_usec(entry), 7);
	ck_assert_ptr_null(entry_get(entry, "A").data);
	ck_assert_int_eq(entry_add(entry, "A", 1), -EINVAL);
}
END_TEST

START_TEST(entry_is_bounded)
{
	static char large[ENTRY_BYTES_MAX + 2] = "A=";

	ck_assert_int_eq(entry_new(&entry), 0);
	ck_assert_int_eq(entry_add(entry, large, sizeof(large)), -E2BIG);
	for (size_t i = 0; i < ENTRY_FIELDS_MAX; i++)
		add("A=1");
	ck_assert_int_eq(entry_add(entry, "A=1", 3), -E2BIG);
	ck_assert_uint_eq(entry_n_fields(entry), ENTRY_FIELDS_MAX);
}
END_TEST

SUITE("entry", entry_of_any_event_reads_back_as_that_event,
      entry_json_of_any_event_is_as_jansson_writes_it, entry_of_a_death_reads_back,
      entry_of_each_trail_event_reads_back,
      entry_of_a_start_and_of_a_stop_reads_back_whole, entry_order_of_fields_is_no_matter,
      entry_of_others_is_none_of_ours, entry_with_what_we_never_write_is_refused,
      entry_with_more_ancestors_than_we_keep_is_refused,
      entry_gives_the_first_value_with_a_nul_behind, entry_is_bounded)
