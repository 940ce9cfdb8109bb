/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/digits.h"
#include "core/entry_parse.h"

struct slot {
	size_t at; /* in data; a NUL stands behind the field */
	size_t len;
	size_t key_len;
};

struct entry {
	int64_t realtime_usec;
	struct buffer data;
	struct slot slots[ENTRY_FIELDS_MAX];
	size_t n;
	struct entry_parse *parse;
};

int entry_new(struct entry **entry)
{
	struct entry *e = calloc(1, sizeof(*e));
	int r = -ENOMEM;

	if (e)
		r = entry_parse_new(&e->parse);
	if (r < 0) {
		entry_free(e);
		return r;
	}
	*entry = e;
	return 0;
}

struct entry *entry_free(struct entry *entry)
{
	if (!entry)
		return NULL;
	entry_parse_free(entry->parse);
	buffer_free(&entry->data);
	free(entry);
	return NULL;
}

void entry_clear(struct entry *entry, int64_t realtime_usec)
{
	buffer_reset(&entry->data);
	entry->n = 0;
	entry->realtime_usec = realtime_usec;
}

int entry_add(struct entry *entry, const char *field, size_t len)
{
	const char *equals = memchr(field, '=', len);
	struct buffer *data = &entry->data;
	int r;

	if (!equals)
		return -EINVAL;
	if (entry->n == ENTRY_FIELDS_MAX || len >= ENTRY_BYTES_MAX - data->len)
		return -E2BIG;
	r = buffer_reserve(data, len + 1);
	if (r < 0)
		return r;
	entry->slots[entry->n++] = (struct slot){
		.at = data->len,
		.len = len,
		.key_len = (size_t)(equals - field),
	};
	buffer_add(data, field, len);
	buffer_add_char(data, '\0');
	return 0;
}

int64_t entry_realtime_usec(const struct entry *entry)
{
	return entry->realtime_usec;
}

struct bytes entry_get(const struct entry *entry, const char *key)
{
	const size_t key_len = strlen(key);

	for (size_t i = 0; i < entry->n; i++) {
		const struct slot *slot = &entry->slots[i];
		const char *field = entry->data.data + slot->at;

		if (slot->key_len == key_len && memcmp(field, key, key_len) == 0)
			return (struct bytes){ field + key_len + 1,
					       slot->len - key_len - 1 };
	}
	return (struct bytes){ NULL, 0 };
}

const char *entry_string(const struct entry *entry, const char *key)
{
	return entry_get(entry, key).data;
}

int64_t entry_number(const struct entry *entry, const char *key)
{
	struct bytes value = entry_get(entry, key);

	return value.data ? digits_parse(value.data, value.len) : NUMBER_ABSENT;
}

struct bytes entry_field(const struct entry *entry, size_t i)
{
	const struct slot *slot = &entry->slots[i];

	return (struct bytes){ entry->data.data + slot->at, slot->len };
}

size_t entry_n_fields(const struct entry *entry)
{
	return entry->n;
}

int entry_event(struct entry *entry, struct signal_event *ev)
{
	int r = entry_parse_begin(entry->parse, entry_get(entry, "_UID"),
				  entry_get(entry, "MESSAGE_ID"), ev);

	for (size_t i = 0; r == 0 && i < entry->n; i++) {
		struct bytes field = entry_field(entry, i);
		const size_t key_len = entry->slots[i].key_len;

		r = entry_parse_field(entry->parse, (struct bytes){ field.data, key_len },
				      (struct bytes){ field.data + key_len + 1,
						      field.len - key_len - 1 },
				      ev);
	}
	return r < 0 ? r : entry_parse_end(entry->parse, ev);
}
