/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/change.h"

#include <stdio.h>
#include <string.h>

#include "core/body.h"
#include "core/number.h"
#include "core/value.h"

typedef void field_fn(const char *name, const char *value, void *userdata);

static void each_field(const struct record *record, field_fn *field, void *userdata)
{
	char body[RECORD_MAX_BYTES + 1];
	size_t len = body_len(&record->body);
	const char *name, *value;
	char *rest = body;

	if (len >= sizeof(body))
		return;
	if (len)
		memcpy(body, record->body.data, len);
	body[len] = '\0';
	while (body_next(&rest, &name, &value))
		field(name, value, userdata);
}

static void copy_string(char *to, size_t size, const char *value)
{
	struct value_strings strings;
	struct bytes string;

	strings.used = 0;
	string = value_string(&strings, value);
	snprintf(to, size, "%s", string.data ? string.data : "");
}

static int64_t set_id(const char *value)
{
	int64_t id = value_settable_id(value);

	return number_known(id) ? id : NUMBER_ABSENT;
}

static void on_change_field(const char *name, const char *value, void *userdata)
{
	struct change *change = userdata;

	if (!strcmp(name, "op") && !strcmp(value, "add_rule"))
		change->op = CHANGE_ADD_RULE;
	else if (!strcmp(name, "op") && !strcmp(value, "remove_rule"))
		change->op = CHANGE_REMOVE_RULE;
	else if (!strcmp(name, "audit_enabled"))
		change->op = CHANGE_ENABLED;
	else if (!strcmp(name, "audit_backlog_limit"))
		change->op = CHANGE_BACKLOG;
	else if (!strcmp(name, "auid"))
		change->auid = set_id(value);
	else if (!strcmp(name, "list"))
		change->list = value_id(value);
	else if (!strcmp(name, "key"))
		copy_string(change->key, sizeof(change->key), value);
	else if (!strcmp(name, "res") && strcmp(value, "1") != 0)
		change->op = CHANGE_OTHER;
	if (!strcmp(name, "audit_enabled") || !strcmp(name, "audit_backlog_limit"))
		change->value = value_id(value);
}

void change_parse(struct change *change, const struct record *record)
{
	*change = (struct change){
		.value = NUMBER_ABSENT,
		.auid = NUMBER_ABSENT,
		.list = NUMBER_ABSENT,
	};
	each_field(record, on_change_field, change);
}

static void on_call_field(const char *name, const char *value, void *userdata)
{
	struct change_call *call = userdata;

	if (!strcmp(name, "pid"))
		call->pid = value_id(value);
	else if (!strcmp(name, "uid"))
		call->uid = value_id(value);
	else if (!strcmp(name, "auid"))
		call->auid = set_id(value);
	else if (!strcmp(name, "comm"))
		copy_string(call->comm, sizeof(call->comm), value);
	else if (!strcmp(name, "exe"))
		copy_string(call->exe, sizeof(call->exe), value);
}

void change_parse_call(struct change_call *call, const struct record *record)
{
	*call = (struct change_call){ NUMBER_ABSENT, NUMBER_ABSENT, NUMBER_ABSENT, "",
				      "" };
	each_field(record, on_call_field, call);
}
