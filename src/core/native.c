/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/native.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/ancestry.h"
#include "core/digits.h"
#include "core/fields.h"
#include "core/json.h"
#include "core/message.h"
#include "core/shellquote.h"
#include "core/text.h"

#define IDENTIFIER "sigtraild"
/* Processes at each end whose fields are kept, and how long these may be. */
#define MEMO_SLOTS     64
#define MEMO_MAX_BYTES 8192

/* Which end of the event a field is about. */
enum side {
	SIDE_NONE = -1,
	SIDE_SENDER,
	SIDE_TARGET,
	SIDE_COUNT,
};

struct native_memo {
	struct {
		struct buffer key; /* empty: nothing is kept */
		struct buffer fields;
	} slots[SIDE_COUNT][MEMO_SLOTS];
	struct buffer key;
};

void native_field(struct buffer *out, const char *name, const void *data, size_t len)
{
	const uint64_t framed_len = htole64(len);

	buffer_add_string(out, name);
	if (len && memchr(data, '\n', len)) {
		buffer_add_char(out, '\n');
		buffer_add(out, &framed_len, sizeof(framed_len));
	} else {
		buffer_add_char(out, '=');
	}
	buffer_add(out, data, len);
	buffer_add_char(out, '\n');
}

void native_string(struct buffer *out, const char *name, const char *value)
{
	native_field(out, name, value, strlen(value));
}

/* For people, and whole for programs. */
static void add_ancestry(struct buffer *out, struct buffer *text, const char *name,
			 const struct party *party)
{
	buffer_reset(text);
	ancestry_add_line(text, party);
	native_field(out, name, text->data, text->len);
	buffer_reset(text);
	if (json_ancestry(text, &party->ancestry) < 0)
		return;
	buffer_add_string(out, name);
	native_field(out, "_JSON", text->data, text->len);
}

static void add_value(struct buffer *out, struct buffer *text, const char *name,
		      const struct field_value *value)
{
	switch (value->type) {
	case VALUE_ABSENT:
		break;
	case VALUE_NULL:
		native_string(out, name, "");
		break;
	case VALUE_NUMBER:
	case VALUE_TIME:
		buffer_add_string(out, name);
		buffer_add_char(out, '=');
		digits_add(out, value->number);
		buffer_add_char(out, '\n');
		break;
	case VALUE_STRING:
		native_field(out, name, value->text.data, value->text.len);
		break;
	case VALUE_TRUE:
		native_string(out, name, "true");
		break;
	case VALUE_ARGS:
		buffer_reset(text);
		shellquote_add(text, value->text);
		native_field(out, name, text->data, text->len);
		break;
	case VALUE_ANCESTRY:
		add_ancestry(out, text, name, value->party);
		break;
	case VALUE_SET:
		for (size_t i = 0; i < value->n_set; i++)
			native_string(out, name, value->set[i]);
		break;
	}
}

static void add_fields(struct buffer *out, struct buffer *text,
		       const struct field *fields, size_t n,
		       const struct signal_event *ev)
{
	struct field_value value;

	for (size_t i = 0; i < n; i++) {
		field_get(&fields[i], ev, &value);
		add_value(out, text, fields[i].journal, &value);
	}
}

static enum side side_of(const struct field *field)
{
	const size_t sender = offsetof(struct signal_event, sender);
	const size_t target = offsetof(struct signal_event, target);

	if (field->offset >= sender && field->offset < sender + sizeof(struct party))
		return SIDE_SENDER;
	if (field->offset >= target && field->offset < target + sizeof(struct party))
		return SIDE_TARGET;
	return SIDE_NONE;
}

static void key_string(struct buffer *key, const char *s)
{
	buffer_add_char(key, s ? '\1' : '\0');
	if (s)
		buffer_add(key, s, strlen(s) + 1);
}

static void key_ancestry(struct buffer *key, const struct ancestry *ancestry)
{
	for (size_t i = 0; i < ancestry->n; i++) {
		const struct ancestor *a = &ancestry->of[i];

		buffer_add(key, &a->pid, sizeof(a->pid));
		key_string(key, a->comm);
		key_string(key, a->exe);
		key_string(key, a->unit);
	}
}

/* All that the fields are made of, at a fraction of the price. False: there is a kind of
 * field that only field_get() can read. */
static bool make_key(struct buffer *key, const struct field *fields, size_t n,
		     const struct signal_event *ev)
{
	const struct bytes *args;

	buffer_reset(key);
	for (size_t i = 0; i < n; i++) {
		const void *at = (const char *)ev + fields[i].offset;

		switch (fields[i].type) {
		case FIELD_NUMBER:
			buffer_add(key, at, sizeof(int64_t));
			break;
		case FIELD_TRUE:
			buffer_add(key, at, sizeof(bool));
			break;
		case FIELD_STRING:
			key_string(key, *(const char *const *)at);
			break;
		case FIELD_ARGS:
			args = at;
			buffer_add(key, &args->len, sizeof(args->len));
			buffer_add(key, args->data, args->len);
			break;
		case FIELD_ANCESTRY:
			key_ancestry(key, at);
			break;
		default:
			return false;
		}
	}
	return !key->failed;
}

static bool same(const struct buffer *a, const struct buffer *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* As add_fields(), for the fields of one end. */
static void add_party(struct buffer *out, struct buffer *text, struct native_memo *memo,
		      const struct field *fields, size_t n, enum side side,
		      const struct signal_event *ev)
{
	const struct party *party = side == SIDE_SENDER ? &ev->sender : &ev->target;
	const size_t slot = (size_t)party->pid % MEMO_SLOTS, start = out->len;
	struct buffer *key = &memo->slots[side][slot].key;
	struct buffer *made = &memo->slots[side][slot].fields;

	if (!(fields->kinds & ev->kind) || (side == SIDE_TARGET && !ev->has_target))
		return;
	if (!make_key(&memo->key, fields, n, ev)) {
		add_fields(out, text, fields, n, ev);
		return;
	}
	if (key->len && same(key, &memo->key)) {
		buffer_add(out, made->data, made->len);
		return;
	}
	add_fields(out, text, fields, n, ev);
	buffer_reset(key);
	buffer_reset(made);
	if (out->failed || text->failed || out->len - start > MEMO_MAX_BYTES)
		return;
	buffer_add(made, out->data + start, out->len - start);
	buffer_add(key, memo->key.data, memo->key.len);
	if (made->failed || key->failed)
		buffer_reset(key);
}

/* The fields of each end stand together in the table. */
static void add_all(struct buffer *out, struct buffer *text, struct native_memo *memo,
		    const struct signal_event *ev)
{
	const struct field *table;
	size_t n, end;

	table = fields_table(&n);
	for (size_t i = 0; i < n; i = end) {
		const enum side side = side_of(&table[i]);

		for (end = i + 1; end < n && side_of(&table[end]) == side; end++)
			continue;
		if (side == SIDE_NONE || !memo)
			add_fields(out, text, table + i, end - i, ev);
		else
			add_party(out, text, memo, table + i, end - i, side, ev);
	}
}

int native_entry(struct buffer *out, struct buffer *text, struct native_memo *memo,
		 const struct signal_event *ev)
{
	const char priority[] = { '0' + message_priority(ev), '\0' };

	buffer_reset(text);
	text_message(text, ev);
	if (text->failed)
		return -ENOMEM;
	native_field(out, "MESSAGE", text->data, text->len);
	native_string(out, "MESSAGE_ID", message_id(ev));
	native_string(out, "PRIORITY", priority);
	native_string(out, "SYSLOG_IDENTIFIER", IDENTIFIER);
	add_all(out, text, memo, ev);
	if (ev->has_target && ev->target.unit)
		native_string(out, "OBJECT_SYSTEMD_UNIT", ev->target.unit);
	if (ev->has_target && ev->target.user_unit)
		native_string(out, "OBJECT_SYSTEMD_USER_UNIT", ev->target.user_unit);
	return out->failed || text->failed ? -ENOMEM : 0;
}

int native_memo_new(struct native_memo **memo)
{
	*memo = calloc(1, sizeof(**memo));
	return *memo ? 0 : -ENOMEM;
}

struct native_memo *native_memo_free(struct native_memo *memo)
{
	if (!memo)
		return NULL;
	for (int side = 0; side < SIDE_COUNT; side++) {
		for (size_t i = 0; i < MEMO_SLOTS; i++) {
			buffer_free(&memo->slots[side][i].key);
			buffer_free(&memo->slots[side][i].fields);
		}
	}
	buffer_free(&memo->key);
	free(memo);
	return NULL;
}
