/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/view_parts.h"

#include <errno.h>
#include <string.h>

#include "cli/clock.h"
#include "cli/people.h"
#include "core/digits.h"
#include "core/escape.h"
#include "core/fields.h"
#include "core/shellquote.h"
#include "core/text.h"

#define INDENT "    "

struct writer {
	struct buffer *out;
	struct buffer *work;
	const struct view_want *want;
	const struct text_clock *clock;
};

/* An ancestor, with its unit where that is another than its parent's. */
static void add_ancestor(struct buffer *out, size_t depth, const struct party *party,
			 const char *parent_unit)
{
	buffer_add_string(out, "\n" INDENT INDENT);
	while (depth--)
		buffer_add_string(out, "  ");
	text_party(out, party);
	if (party->unit && (!parent_unit || strcmp(party->unit, parent_unit) != 0)) {
		buffer_add_string(out, " (");
		escape_add_name(out, party->unit, strlen(party->unit));
		buffer_add_char(out, ')');
	}
}

/* From the first process down to the one itself. */
static void add_ancestry(struct buffer *out, const struct party *party)
{
	size_t n = party->ancestry.n;

	for (size_t i = n; i-- > 0;) {
		const struct ancestor *a = &party->ancestry.of[i];
		const struct party shown = {
			.comm = a->comm, .exe = a->exe, .pid = a->pid, .unit = a->unit
		};

		add_ancestor(out, n - 1 - i, &shown,
			     i + 1 < n ? party->ancestry.of[i + 1].unit : NULL);
	}
	add_ancestor(out, n, party, n ? party->ancestry.of[0].unit : NULL);
}

static void add_set(struct buffer *out, const struct field_value *value)
{
	for (size_t i = 0; i < value->n_set; i++) {
		if (i > 0)
			buffer_add_string(out, ", ");
		escape_add_name(out, value->set[i], strlen(value->set[i]));
	}
}

static void add_args(struct writer *w, struct bytes cmdline)
{
	buffer_reset(w->work);
	shellquote_add(w->work, cmdline);
	if (w->work->len)
		escape_add(w->out, w->work->data, w->work->len);
}

static void add_value(struct writer *w, const struct field_value *value)
{
	char time[TIMESTAMP_SIZE];

	switch (value->type) {
	case VALUE_ABSENT:
		break;
	case VALUE_NULL:
		buffer_add_string(w->out, "none");
		break;
	case VALUE_NUMBER:
		digits_add(w->out, value->number);
		break;
	case VALUE_STRING:
		escape_add(w->out, value->text.data, value->text.len);
		break;
	case VALUE_TIME:
		buffer_add_string(w->out, w->clock->time(value->number, time));
		break;
	case VALUE_TRUE:
		buffer_add_string(w->out, "true");
		break;
	case VALUE_ARGS:
		add_args(w, value->text);
		break;
	case VALUE_SET:
		add_set(w->out, value);
		break;
	case VALUE_ANCESTRY:
		add_ancestry(w->out, value->party);
		break;
	}
}

static bool ends_with(const char *key, const char *part)
{
	const char *dot = strrchr(key, '.');

	return dot && strcmp(dot + 1, part) == 0;
}

/* What the number means to people, in parentheses. */
static void add_meaning(struct writer *w, const char *key,
			const struct field_value *value)
{
	struct people *people = w->want->people;
	const char *words = NULL;

	if (!people || value->type != VALUE_NUMBER)
		return;
	if (ends_with(key, "uid") || ends_with(key, "euid") || ends_with(key, "auid"))
		words = people_user(people, value->number);
	else if (ends_with(key, "session"))
		words = people_session(people, value->number);
	if (!words)
		return;
	buffer_add_string(w->out, " (");
	escape_add(w->out, words, strlen(words));
	buffer_add_char(w->out, ')');
}

int view_verbose(struct buffer *out, struct buffer *work, const struct view_want *want,
		 const struct signal_event *ev)
{
	struct writer w = { out, work, want, clock_choose(want->utc) };
	struct field_value value;
	const struct field *table;
	char time[TIMESTAMP_SIZE];
	size_t n;

	buffer_add_string(out, w.clock->time(ev->time_usec, time));
	buffer_add_char(out, ' ');
	text_message_in(out, ev, w.clock);
	buffer_add_char(out, '\n');
	table = fields_table(&n);
	for (size_t i = 0; i < n; i++) {
		field_get(&table[i], ev, &value);
		if (value.type == VALUE_ABSENT)
			continue;
		buffer_add_string(out, INDENT);
		buffer_add_string(out, table[i].key);
		buffer_add_string(out, value.type == VALUE_ANCESTRY ? ":" : ": ");
		add_value(&w, &value);
		add_meaning(&w, table[i].key, &value);
		buffer_add_char(out, '\n');
	}
	buffer_add_char(out, '\n');
	return out->failed || work->failed ? -ENOMEM : 0;
}
