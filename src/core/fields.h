/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fields: the one table event <-> key and value. JSON, the journal, filters and the
 * review read it, and sigtrail-fields(7) is checked against it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/event.h"

/* How a field is stored in the event and what it becomes. */
enum field_type {
	FIELD_NUMBER,	/* int64_t */
	FIELD_TIME,	/* int64_t microseconds: RFC 3339 in JSON, _USEC in the journal */
	FIELD_STRING,	/* const char * */
	FIELD_ARGS,	/* struct bytes: an array in JSON, one shell-quoted string in the
			   journal */
	FIELD_TRUE,	/* bool, absent when false */
	FIELD_SET,	/* notes: an array in JSON, a field each in the journal */
	FIELD_ANCESTRY, /* struct ancestry of a party: an array of objects in JSON; in the
			   journal a line for people, and JSON in NAME_JSON */
	FIELD_SIGNAL,	/* int64_t, by name */
	FIELD_RESULT,	/* int64_t errno, "success" or its name */
	FIELD_CALL,	/* const struct sigcall *, by name */
	FIELD_ARCH,	/* const struct sigarch *, by name */
	FIELD_SCOPE,
	FIELD_TRAIL_EVENT,
	FIELD_TRAIL_CAUSE,
	FIELD_TRAIL_OF,
	FIELD_TRAIL_UNSEEN,
};

struct field {
	const char *key; /* "serial", "sender.exe": at most one dot, an object of JSON */
	const char *journal; /* "SIGTRAIL_SERIAL", "SENDER_EXE" */
	enum field_type type;
	unsigned kinds;	     /* enum event_kind, or-ed: which events have it */
	size_t offset;	     /* in struct signal_event */
	const char *meaning; /* a few words for people */
};

enum value_type {
	VALUE_ABSENT,
	VALUE_NULL,
	VALUE_NUMBER,
	VALUE_STRING,
	VALUE_TIME,
	VALUE_TRUE,
	VALUE_ARGS,
	VALUE_SET,
	VALUE_ANCESTRY,
};

/* A field's value in one event; text points into the event, into static memory or into
 * scratch. */
struct field_value {
	enum value_type type;
	int64_t number;	   /* VALUE_NUMBER, VALUE_TIME */
	struct bytes text; /* VALUE_STRING, VALUE_ARGS: raw bytes */
	const char *const *set;
	size_t n_set;
	const struct party *party; /* VALUE_ANCESTRY: whose */
	char scratch[32];
};

/* The table, in the order of the output: an object's fields stand together; *n gets the
 * count. */
const struct field *fields_table(size_t *n);

/* The field with this key, NULL if there is none. */
const struct field *field_find(const char *key);

/* Reads the field out of the event. */
void field_get(const struct field *field, const struct signal_event *ev,
	       struct field_value *value);
