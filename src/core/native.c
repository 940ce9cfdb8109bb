/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/native.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/ancestry.h"
#include "core/digits.h"
#include "core/fields.h"
#include "core/json.h"
#include "core/message.h"
#include "core/shellquote.h"
#include "core/text.h"

#define IDENTIFIER "sigtraild"

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

int native_entry(struct buffer *out, struct buffer *text, const struct signal_event *ev)
{
	const char priority[] = { '0' + message_priority(ev), '\0' };
	struct field_value value;
	const struct field *table;
	size_t n;

	buffer_reset(text);
	text_message(text, ev);
	if (text->failed)
		return -ENOMEM;
	native_field(out, "MESSAGE", text->data, text->len);
	native_string(out, "MESSAGE_ID", message_id(ev));
	native_string(out, "PRIORITY", priority);
	native_string(out, "SYSLOG_IDENTIFIER", IDENTIFIER);
	table = fields_table(&n);
	for (size_t i = 0; i < n; i++) {
		field_get(&table[i], ev, &value);
		add_value(out, text, table[i].journal, &value);
	}
	if (ev->has_target && ev->target.unit)
		native_string(out, "OBJECT_SYSTEMD_UNIT", ev->target.unit);
	if (ev->has_target && ev->target.user_unit)
		native_string(out, "OBJECT_SYSTEMD_USER_UNIT", ev->target.user_unit);
	return out->failed || text->failed ? -ENOMEM : 0;
}
