/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/json.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "core/escape.h"
#include "core/fields.h"
#include "core/shellquote.h"
#include "core/timestamp.h"

struct writer {
	struct buffer *out; /* its end is also where strings are escaped */
	json_t *root;
	json_t *object; /* the one that fields go into now */
	char prefix[16];
	size_t prefix_len;
};

static json_t *make_string(struct writer *w, struct bytes text)
{
	struct buffer *out = w->out;
	size_t start = out->len;
	json_t *string = NULL;

	escape_add(out, text.data, text.len);
	if (!out->failed)
		string = json_stringn_nocheck(out->len ? out->data + start : "",
					      out->len - start);
	out->len = start;
	return string;
}

static json_t *make_args(struct writer *w, struct bytes cmdline)
{
	json_t *array = json_array();
	struct bytes argument;

	while (array && shellquote_next(&cmdline, &argument)) {
		if (json_array_append_new(array, make_string(w, argument)) < 0) {
			json_decref(array);
			array = NULL;
		}
	}
	return array;
}

static json_t *make_set(struct writer *w, const struct field_value *value)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < value->n_set; i++) {
		if (json_array_append_new(array,
					  make_string(w, bytes_of(value->set[i]))) < 0) {
			json_decref(array);
			array = NULL;
		}
	}
	return array;
}

static int add_string(struct writer *w, json_t *object, const char *key,
		      const char *value)
{
	if (!value)
		return 0;
	return json_object_set_new_nocheck(object, key, make_string(w, bytes_of(value)));
}

static json_t *make_ancestry(struct writer *w, const struct ancestry *ancestry)
{
	json_t *array = json_array();
	int r = 0;

	for (size_t i = 0; array && i < ancestry->n; i++) {
		const struct ancestor *a = &ancestry->of[i];
		json_t *object = json_object();

		r = json_object_set_new_nocheck(object, "pid", json_integer(a->pid)) |
		    add_string(w, object, "comm", a->comm) |
		    add_string(w, object, "exe", a->exe) |
		    add_string(w, object, "unit", a->unit) |
		    json_array_append_new(array, object);
		if (r < 0) {
			json_decref(array);
			array = NULL;
		}
	}
	return array;
}

static json_t *make_value(struct writer *w, const struct field_value *value)
{
	char text[TIMESTAMP_SIZE];

	switch (value->type) {
	case VALUE_NUMBER:
		return json_integer(value->number);
	case VALUE_STRING:
		return make_string(w, value->text);
	case VALUE_TIME:
		return json_string_nocheck(timestamp_format(value->number, text));
	case VALUE_TRUE:
		return json_true();
	case VALUE_ARGS:
		return make_args(w, value->text);
	case VALUE_SET:
		return make_set(w, value);
	case VALUE_ANCESTRY:
		return make_ancestry(w, &value->party->ancestry);
	case VALUE_NULL:
	case VALUE_ABSENT:
		break;
	}
	return json_null();
}

/* Goes to the object that the key names before its dot. */
static int enter(struct writer *w, const char *key, size_t len)
{
	if (len == w->prefix_len && memcmp(key, w->prefix, len) == 0)
		return 0;
	memcpy(w->prefix, key, len);
	w->prefix[len] = '\0';
	w->prefix_len = len;
	w->object = json_object();
	return json_object_set_new_nocheck(w->root, w->prefix, w->object);
}

static int add_field(struct writer *w, const struct field *field,
		     const struct field_value *value)
{
	const char *dot = strchr(field->key, '.');

	if (!dot)
		return json_object_set_new_nocheck(w->root, field->key,
						   make_value(w, value));
	if (enter(w, field->key, dot - field->key) < 0)
		return -1;
	return json_object_set_new_nocheck(w->object, dot + 1, make_value(w, value));
}

static int add_fields(struct writer *w, const struct signal_event *ev)
{
	size_t n;
	const struct field *table = fields_table(&n);
	struct field_value value;

	for (size_t i = 0; i < n; i++) {
		field_get(&table[i], ev, &value);
		if (value.type != VALUE_ABSENT && add_field(w, &table[i], &value) < 0)
			return -1;
	}
	if (ev->kind == EVENT_SIGNAL && !ev->has_target)
		return json_object_set_new_nocheck(w->root, "target", json_null());
	return 0;
}

static int dump(const char *data, size_t len, void *userdata)
{
	struct buffer *out = userdata;

	buffer_add(out, data, len);
	return out->failed ? -1 : 0;
}

int json_ancestry(struct buffer *out, const struct ancestry *ancestry)
{
	struct writer w = { .out = out };
	size_t start = out->len;
	json_t *array = make_ancestry(&w, ancestry);
	int r = array ? json_dump_callback(array, dump, out, JSON_COMPACT) : -1;

	if (r < 0 && out->data) {
		out->len = start;
		out->data[start] = '\0';
	}
	json_decref(array);
	return r < 0 ? -ENOMEM : 0;
}

int json_line(struct buffer *out, const struct signal_event *ev)
{
	struct writer w = { .out = out, .root = json_object() };
	size_t start = out->len;
	int r = -ENOMEM;

	if (w.root && add_fields(&w, ev) == 0 &&
	    json_dump_callback(w.root, dump, out, JSON_COMPACT) == 0)
		r = dump("\n", 1, out);
	if (r < 0 && out->data) {
		r = -ENOMEM;
		out->len = start;
		out->data[start] = '\0';
	}
	json_decref(w.root);
	return r;
}
