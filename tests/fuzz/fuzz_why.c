/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries of a journal, and what sigtrail why says about them. The first line is who asks
 * for what (a unit, or digits: a pid); then a field a line, entries apart by an empty
 * one. In values \x1f stands for a newline. */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>

#include "cli/why_json.h"
#include "core/review_who.h"
#include "fuzz.h"

#define ENTRIES_MAX 64

struct story {
	struct entry *entries[ENTRIES_MAX];
	struct signal_event events[ENTRIES_MAX];
	struct review_item items[ENTRIES_MAX];
	size_t n_entries;
	size_t n_items;
	struct review review;
	char *name;
};

static void add_field(struct entry *entry, struct bytes line)
{
	char *field = fuzz_string(line.data, line.len);

	for (size_t i = 0; i < line.len; i++) {
		if (field[i] == 0x1f)
			field[i] = '\n';
	}
	(void)entry_add(entry, field, line.len);
	free(field);
}

/* Fields that begin with _ are journald's own; without them anybody may have written the
 * entry. */
static void read_entries(struct story *s, struct bytes rest, bool trusted)
{
	struct entry *entry = NULL;
	struct bytes line;

	while (fuzz_line(&rest, &line)) {
		if (!line.len) {
			entry = NULL;
			continue;
		}
		if (!entry && s->n_entries == ENTRIES_MAX)
			return;
		if (!entry) {
			FUZZ_REQUIRE(entry_new(&entry) == 0);
			entry_clear(entry, 1795301637000000 + (int64_t)s->n_entries);
			s->entries[s->n_entries++] = entry;
		}
		if (trusted || line.data[0] != '_')
			add_field(entry, line);
	}
}

static bool is_field(const struct entry *entry, const char *key, const char *value)
{
	const char *is = entry_string(entry, key);

	return is && strcmp(is, value) == 0;
}

/* Only those whom journald names as such speak for themselves. */
static void require_author(const struct entry *entry, const struct review_item *item)
{
	const char *unit = entry_string(entry, "_SYSTEMD_UNIT");

	if (item->event) {
		FUZZ_REQUIRE(is_field(entry, "_UID", "0"));
		return;
	}
	switch (item->ending.kind) {
	case ENDING_KERNEL_OOM:
	case ENDING_OOM_CHOICE:
		FUZZ_REQUIRE(is_field(entry, "_TRANSPORT", "kernel"));
		break;
	case ENDING_COREDUMP:
		FUZZ_REQUIRE(unit && strncmp(unit, "systemd-coredump", 16) == 0);
		break;
	default:
		FUZZ_REQUIRE(entry_number(entry, "_PID") == 1 ||
			     is_field(entry, "_SYSTEMD_USER_UNIT", "init.scope"));
	}
}

static struct review_item *read_item(struct story *s, struct entry *entry)
{
	struct review_item *item = &s->items[s->n_items];
	struct signal_event *event = &s->events[s->n_items];

	*item = (struct review_item){ 0 };
	(void)ending_read_boot(entry);
	if (ending_read(&item->ending, entry) == 0) {
		item->time_usec = item->ending.time_usec;
		item->context = !item->ending.unit;
	} else {
		item->ending = (struct ending){ 0 };
		if (entry_event(entry, event) < 0)
			return NULL;
		item->event = event;
		item->time_usec = event->time_usec;
		item->context = event->kind == EVENT_TRAIL;
		fuzz_require_event(event);
	}
	require_author(entry, item);
	s->n_items++;
	return item;
}

static int by_time(const void *a, const void *b)
{
	const struct review_item *x = a, *y = b;

	return (x->time_usec > y->time_usec) - (x->time_usec < y->time_usec);
}

static void read_subject(struct story *s, struct bytes *rest)
{
	struct review_subject *subject = &s->review.subject;
	struct bytes line = { "", 0 };

	(void)fuzz_line(rest, &line);
	s->name = fuzz_string(line.data, line.len);
	*subject =
		(struct review_subject){ SUBJECT_UNIT, s->name, NUMBER_ABSENT, s->name };
	subject->known = true;
	if (isdigit((unsigned char)line.data[0])) {
		subject->kind = SUBJECT_PID;
		subject->pid = strtoll(s->name, NULL, 10) & INT32_MAX;
		subject->unit = NULL;
	} else if (line.len >= 12 && !strchr(s->name, '.')) {
		subject->kind = SUBJECT_CONTAINER;
		subject->unit = NULL;
	}
	s->review.since_usec = NUMBER_ABSENT;
	s->review.cut_usec = NUMBER_ABSENT;
}

static bool is_item(const struct story *s, const struct review_item *item)
{
	return item >= s->items && item < s->items + s->n_items;
}

/* Whoever is named is in an entry, and what is said of an end somebody told. */
static void require_told(const struct story *s, const struct verdict *v)
{
	bool signal = !v->signal, death = !v->death;

	for (size_t i = 0; i < s->n_items; i++) {
		const struct signal_event *ev = s->items[i].event;

		signal = signal || (ev && ev == v->signal && ev->kind == EVENT_SIGNAL);
		death = death || (ev && ev == v->death && ev->kind == EVENT_DEATH);
	}
	FUZZ_REQUIRE(signal && death);
	FUZZ_REQUIRE(v->n_evidence <= REVIEW_EVIDENCE_MAX &&
		     v->n_gaps <= REVIEW_GAPS_MAX);
	for (size_t i = 0; i < v->n_evidence; i++)
		FUZZ_REQUIRE(is_item(s, v->evidence[i]));
	/* That the kernel may have sent it is no gap of the trail. */
	for (size_t i = 0; i < v->n_gaps; i++)
		FUZZ_REQUIRE(!v->complete || v->gaps[i].cause == GAP_KERNEL);
	FUZZ_REQUIRE(verdict_name(v->word));
	if (s->n_items == 0)
		FUZZ_REQUIRE(v->word == (s->review.subject.lives
						 ? VERDICT_ALIVE
						 : VERDICT_NOTHING_KNOWN));
}

static void require_words(const struct story *s, const struct verdict *v)
{
	const struct review_show show = { .clock = &text_utc };
	struct buffer out = { 0 };
	json_t *object;

	review_add_verdict(&out, &s->review, v, &show);
	review_add_gaps(&out, v, &show);
	review_add_advice(&out, &s->review, v);
	fuzz_require_lines(out.data, out.len);
	buffer_reset(&out);
	review_add_brief(&out, v);
	fuzz_require_shown(out.data, out.len, 0);
	buffer_reset(&out);
	FUZZ_REQUIRE(why_json(&out, &s->review, v, &show) == 0);
	fuzz_require_shown(out.data, out.len, 1);
	object = json_loadb(out.data, out.len, 0, NULL);
	FUZZ_REQUIRE(object && json_object_get(object, "verdict"));
	json_decref(object);
	buffer_free(&out);
}

static void judge(struct story *s, bool all_audited, bool lives)
{
	struct verdict v;

	s->review.all_audited = all_audited;
	s->review.subject.lives = lives;
	review_judge(&s->review, &v);
	require_told(s, &v);
	require_words(s, &v);
}

static void run(struct bytes rest, bool trusted)
{
	struct story *s = calloc(1, sizeof(*s));

	FUZZ_REQUIRE(s);
	read_subject(s, &rest);
	read_entries(s, rest, trusted);
	for (size_t i = 0; i < s->n_entries; i++)
		FUZZ_REQUIRE(!read_item(s, s->entries[i]) || trusted);
	qsort(s->items, s->n_items, sizeof(s->items[0]), by_time);
	s->review.items = s->items;
	s->review.n_items = s->n_items;
	judge(s, false, false);
	judge(s, true, false);
	judge(s, true, true);
	for (size_t i = 0; i < s->n_entries; i++)
		entry_free(s->entries[i]);
	free(s->name);
	free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes all = { (const char *)data, size };

	run(all, true);
	run(all, false);
	return 0;
}
