/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/json.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "core/digits.h"
#include "core/escape.h"
#include "core/fields.h"
#include "core/shellquote.h"
#include "core/timestamp.h"

/* Written straight into the buffer: a tree of objects in between cost several times as
 * much, on every event of the daemon and every line of a review. */
struct writer {
	struct buffer *out;
	const char *prefix; /* of the object that fields go into now, NULL: the root */
	size_t prefix_len;
	bool follows; /* something stands before in this object or array */
};

static void begin(struct writer *w, char bracket)
{
	buffer_add_char(w->out, bracket);
	w->follows = false;
}

static void end(struct writer *w, char bracket)
{
	buffer_add_char(w->out, bracket);
	w->follows = true;
}

static void add_comma(struct writer *w)
{
	if (w->follows)
		buffer_add_char(w->out, ',');
	w->follows = true;
}

/* Keys are ours and need no escaping. */
static void add_key(struct writer *w, const char *key, size_t len)
{
	add_comma(w);
	buffer_add_char(w->out, '"');
	buffer_add(w->out, key, len);
	buffer_add_string(w->out, "\":");
}

static void add_string(struct writer *w, struct bytes text)
{
	buffer_add_char(w->out, '"');
	escape_add_json(w->out, text.data, text.len);
	buffer_add_char(w->out, '"');
}

static void add_args(struct writer *w, struct bytes cmdline)
{
	struct bytes argument;

	begin(w, '[');
	while (shellquote_next(&cmdline, &argument)) {
		add_comma(w);
		add_string(w, argument);
	}
	end(w, ']');
}

static void add_set(struct writer *w, const struct field_value *value)
{
	begin(w, '[');
	for (size_t i = 0; i < value->n_set; i++) {
		add_comma(w);
		add_string(w, bytes_of(value->set[i]));
	}
	end(w, ']');
}

static void add_known(struct writer *w, const char *key, const char *value)
{
	if (!value)
		return;
	add_key(w, key, strlen(key));
	add_string(w, bytes_of(value));
}

static void add_ancestry(struct writer *w, const struct ancestry *ancestry)
{
	begin(w, '[');
	for (size_t i = 0; i < ancestry->n; i++) {
		const struct ancestor *a = &ancestry->of[i];

		add_comma(w);
		begin(w, '{');
		add_key(w, "pid", strlen("pid"));
		digits_add(w->out, a->pid);
		add_known(w, "comm", a->comm);
		add_known(w, "exe", a->exe);
		add_known(w, "unit", a->unit);
		end(w, '}');
	}
	end(w, ']');
}

static void add_time(struct writer *w, int64_t usec)
{
	char text[TIMESTAMP_SIZE];

	buffer_add_char(w->out, '"');
	buffer_add_string(w->out, timestamp_format(usec, text));
	buffer_add_char(w->out, '"');
}

static void add_value(struct writer *w, const struct field_value *value)
{
	switch (value->type) {
	case VALUE_NUMBER:
		digits_add(w->out, value->number);
		break;
	case VALUE_STRING:
		add_string(w, value->text);
		break;
	case VALUE_TIME:
		add_time(w, value->number);
		break;
	case VALUE_TRUE:
		buffer_add_string(w->out, "true");
		break;
	case VALUE_ARGS:
		add_args(w, value->text);
		break;
	case VALUE_SET:
		add_set(w, value);
		break;
	case VALUE_ANCESTRY:
		add_ancestry(w, &value->party->ancestry);
		break;
	case VALUE_NULL:
	case VALUE_ABSENT:
		buffer_add_string(w->out, "null");
		break;
	}
}

/* Goes to the object that the key names before its dot, or back to the root. */
static void enter(struct writer *w, const char *prefix, size_t len)
{
	if (len == w->prefix_len && memcmp(prefix, w->prefix, len) == 0)
		return;
	if (w->prefix_len)
		end(w, '}');
	if (len) {
		add_key(w, prefix, len);
		begin(w, '{');
	}
	w->prefix = prefix;
	w->prefix_len = len;
}

static void add_field(struct writer *w, const struct field *field,
		      const struct field_value *value)
{
	const char *dot = strchr(field->key, '.');
	const char *name = dot ? dot + 1 : field->key;

	enter(w, field->key, dot ? (size_t)(dot - field->key) : 0);
	add_key(w, name, strlen(name));
	add_value(w, value);
}

static void add_event(struct writer *w, const struct signal_event *ev)
{
	size_t n;
	const struct field *table = fields_table(&n);
	struct field_value value;

	begin(w, '{');
	for (size_t i = 0; i < n; i++) {
		field_get(&table[i], ev, &value);
		if (value.type != VALUE_ABSENT)
			add_field(w, &table[i], &value);
	}
	enter(w, "", 0);
	if (ev->kind == EVENT_SIGNAL && !ev->has_target) {
		add_key(w, "target", strlen("target"));
		buffer_add_string(w->out, "null");
	}
	end(w, '}');
}

/* 0, or -ENOMEM with nothing left of what was added. */
static int finish(struct buffer *out, size_t start)
{
	if (!out->failed)
		return 0;
	if (out->data) {
		out->len = start;
		out->data[start] = '\0';
	}
	return -ENOMEM;
}

int json_ancestry(struct buffer *out, const struct ancestry *ancestry)
{
	struct writer w = { .out = out, .prefix = "" };
	const size_t start = out->len;

	add_ancestry(&w, ancestry);
	return finish(out, start);
}

int json_line(struct buffer *out, const struct signal_event *ev)
{
	struct writer w = { .out = out, .prefix = "" };
	const size_t start = out->len;

	add_event(&w, ev);
	buffer_add_char(out, '\n');
	return finish(out, start);
}
