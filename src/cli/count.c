/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/count.h"

#include <errno.h>
#include <jansson.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "cli/fit.h"
#include "core/ancestry.h"
#include "core/buffer.h"
#include "core/digits.h"
#include "core/escape.h"
#include "core/fields.h"
#include "core/quote.h"
#include "core/shellquote.h"
#include "core/timestamp.h"

#define KEYS_MAX 8
#define ROWS_MAX 100000
#define OTHERS	 "(others)"

struct key {
	char *name;
	const struct field *field; /* NULL: the name of a party */
	const struct party *(*party)(const struct signal_event *ev);
};

struct row {
	UT_hash_handle hh;
	uint64_t events;
	size_t len;
	char values[]; /* escaped, a NUL behind each */
};

struct count {
	struct key keys[KEYS_MAX];
	size_t n_keys;
	struct row *rows;
	uint64_t others;
	struct buffer work;
};

static const struct party *sender_of(const struct signal_event *ev)
{
	return ev->kind == EVENT_SIGNAL ? &ev->sender : NULL;
}

static const struct party *target_of(const struct signal_event *ev)
{
	return ev->has_target ? &ev->target : NULL;
}

static int find_key(struct key *key, struct reason *reason)
{
	struct buffer shown = { 0 };

	if (strcmp(key->name, "sender") == 0)
		key->party = sender_of;
	else if (strcmp(key->name, "target") == 0)
		key->party = target_of;
	else if (strcmp(key->name, "signal") == 0)
		key->field = field_find("signal.name");
	else if (strcmp(key->name, "unit") == 0)
		key->field = field_find("target.unit");
	else
		key->field = field_find(key->name);
	if (key->party || key->field)
		return 0;
	reason_set(reason,
		   "can't count by %s: keys are sender, target, signal, unit and those "
		   "of JSON, such as sender.exe, result",
		   quote_value(&shown, key->name));
	buffer_free(&shown);
	return -EINVAL;
}

static int parse_keys(struct count *count, const char *keys, struct reason *reason)
{
	int r = 0;

	for (;;) {
		const size_t len = strcspn(keys, ",");
		struct key *key = &count->keys[count->n_keys];

		if (count->n_keys == KEYS_MAX) {
			reason_set(reason, "no more than %d keys to count by", KEYS_MAX);
			return -EINVAL;
		}
		key->name = strndup(keys, len);
		if (!key->name)
			return -ENOMEM;
		count->n_keys++;
		r = find_key(key, reason);
		if (r < 0 || keys[len] == '\0')
			return r;
		keys += len + 1;
	}
}

int count_new(struct count **count, const char *keys, struct reason *reason)
{
	struct count *c = calloc(1, sizeof(*c));
	int r = c ? parse_keys(c, keys, reason) : -ENOMEM;

	if (r < 0) {
		count_free(c);
		return r;
	}
	*count = c;
	return 0;
}

struct count *count_free(struct count *count)
{
	struct row *row, *next;

	if (!count)
		return NULL;
	HASH_ITER (hh, count->rows, row, next) {
		HASH_DEL(count->rows, row);
		free(row);
	}
	for (size_t i = 0; i < count->n_keys; i++)
		free(count->keys[i].name);
	buffer_free(&count->work);
	free(count);
	return NULL;
}

static void add_escaped(struct buffer *out, const char *text)
{
	escape_add(out, text, strlen(text));
}

static void add_args(struct buffer *out, struct bytes cmdline)
{
	struct buffer quoted = { 0 };

	shellquote_add(&quoted, cmdline);
	escape_add(out, quoted.len ? quoted.data : "", quoted.len);
	buffer_free(&quoted);
}

static void add_value(struct buffer *out, const struct field *field,
		      const struct signal_event *ev)
{
	struct field_value value;
	char time[TIMESTAMP_SIZE];

	field_get(field, ev, &value);
	switch (value.type) {
	case VALUE_NUMBER:
		digits_add(out, value.number);
		break;
	case VALUE_STRING:
		escape_add(out, value.text.data, value.text.len);
		break;
	case VALUE_TIME:
		buffer_add_string(out, timestamp_format(value.number, time));
		break;
	case VALUE_TRUE:
		buffer_add_string(out, "true");
		break;
	case VALUE_ARGS:
		add_args(out, value.text);
		break;
	case VALUE_SET:
		for (size_t i = 0; i < value.n_set; i++) {
			buffer_add_string(out, i ? ", " : "");
			add_escaped(out, value.set[i]);
		}
		break;
	case VALUE_ANCESTRY:
		ancestry_add_line(out, value.party);
		break;
	case VALUE_NULL:
		buffer_add_string(out, "null");
		break;
	case VALUE_ABSENT:
		buffer_add_char(out, '-');
		break;
	}
}

static void add_name(struct buffer *out, const struct party *party)
{
	const char *name = party ? party_name(party) : NULL;

	add_escaped(out, name ? name : "-");
}

/* An entry of the trail about itself is no signal: it counts where that is asked for. */
static bool counts(const struct count *count, const struct signal_event *ev)
{
	if (ev->kind != EVENT_TRAIL)
		return true;
	for (size_t i = 0; i < count->n_keys; i++) {
		const struct field *field = count->keys[i].field;

		if (field && field->kinds == EVENT_TRAIL)
			return true;
	}
	return false;
}

static int add_row(struct count *count, struct row **added)
{
	const struct buffer *values = &count->work;
	struct row *row = calloc(1, sizeof(*row) + values->len);

	if (!row)
		return -ENOMEM;
	row->len = values->len;
	memcpy(row->values, values->data, values->len);
	HASH_ADD(hh, count->rows, values, row->len, row);
	if (!row->hh.tbl) {
		free(row);
		return -ENOMEM;
	}
	*added = row;
	return 0;
}

int count_add(struct count *count, const struct signal_event *ev)
{
	struct buffer *values = &count->work;
	struct row *row;
	int r;

	if (!counts(count, ev))
		return 0;
	buffer_reset(values);
	for (size_t i = 0; i < count->n_keys; i++) {
		if (count->keys[i].party)
			add_name(values, count->keys[i].party(ev));
		else
			add_value(values, count->keys[i].field, ev);
		buffer_add_char(values, '\0');
	}
	if (values->failed)
		return -ENOMEM;
	HASH_FIND(hh, count->rows, values->data, values->len, row);
	if (!row && HASH_COUNT(count->rows) == ROWS_MAX) {
		count->others += event_count(ev);
		return 0;
	}
	if (!row) {
		r = add_row(count, &row);
		if (r < 0)
			return r;
	}
	row->events += event_count(ev);
	return 0;
}

/* The most frequent first; of as many, by their values, so that the order is always the
 * same. */
static int compare(const struct row *a, const struct row *b)
{
	const size_t len = a->len < b->len ? a->len : b->len;

	if (a->events != b->events)
		return a->events < b->events ? 1 : -1;
	return memcmp(a->values, b->values, len);
}

/* One row: the values (NULL: of all others). 0 or -errno. */
typedef int print_fn(struct count *count, void *to, uint64_t events, const char *values);

static int print_json(struct count *count, void *to, uint64_t events, const char *values)
{
	json_t *object = json_object();
	int r = object ? 0 : -1;

	for (size_t i = 0; r == 0 && i < count->n_keys; i++) {
		r = json_object_set_new_nocheck(
			object, count->keys[i].name,
			json_string_nocheck(values ? values : OTHERS));
		values += values ? strlen(values) + 1 : 0;
	}
	if (r == 0)
		r = json_object_set_new_nocheck(object, "count",
						json_integer((json_int_t)events));
	if (r == 0)
		r = json_dumpf(object, to, JSON_COMPACT);
	json_decref(object);
	return r < 0 || fputc('\n', to) == EOF ? -errno : 0;
}

static int print_cells(struct count *count, void *to, uint64_t events, const char *values)
{
	struct libscols_line *line = scols_table_new_line(to, NULL);
	char digits[DIGITS_SIZE];
	int r = line ? 0 : -ENOMEM;

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)events);
	if (r == 0)
		r = scols_line_set_data(line, 0, digits);
	for (size_t i = 0; r == 0 && i < count->n_keys; i++) {
		r = scols_line_set_data(line, i + 1, values ? values : OTHERS);
		values += values ? strlen(values) + 1 : 0;
	}
	return r;
}

static int print_rows(struct count *count, void *to, print_fn *print)
{
	struct row *row, *next;
	int r = 0;

	HASH_SORT(count->rows, compare);
	HASH_ITER (hh, count->rows, row, next) {
		r = print(count, to, row->events, row->values);
		if (r < 0)
			return r;
	}
	return count->others ? print(count, to, count->others, NULL) : 0;
}

static int add_columns(struct count *count, struct libscols_table *table)
{
	struct buffer head = { 0 };
	int r = scols_table_new_column(table, "COUNT", 0, SCOLS_FL_RIGHT) ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < count->n_keys; i++) {
		buffer_reset(&head);
		for (const char *c = count->keys[i].name; *c; c++)
			buffer_add_char(&head,
					*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		if (head.failed || !scols_table_new_column(table, head.data, 0, 0))
			r = -ENOMEM;
	}
	buffer_free(&head);
	return r;
}

/* libsmartcols measures by the locale, and never ends in one that has only ASCII. */
static int print_utf8(struct libscols_table *table)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before;
	int r;

	if (!utf8)
		return -errno;
	before = fit_begin(utf8);
	r = scols_print_table(table);
	fit_end(before);
	freelocale(utf8);
	return r;
}

static int print_table(struct count *count, FILE *out)
{
	struct libscols_table *table = scols_new_table();
	int r = table ? add_columns(count, table) : -ENOMEM;

	if (r == 0) {
		/* The escaper has run. */
		scols_table_enable_noencoding(table, 1);
		scols_table_enable_nowrap(table, 0);
		scols_table_set_stream(table, out);
		scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
		r = print_rows(count, table, print_cells);
	}
	if (r == 0)
		r = print_utf8(table);
	scols_unref_table(table);
	return r;
}

int count_print(struct count *count, FILE *out, bool json)
{
	return json ? print_rows(count, out, print_json) : print_table(count, out);
}
