/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/entry_parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/ancestry.h"
#include "core/buffer.h"
#include "core/digits.h"
#include "core/fields.h"
#include "core/message.h"
#include "core/notes.h"
#include "core/shellquote.h"
#include "core/signame.h"

#define INDEX_SIZE    256 /* a power of two, more than twice the fields */
#define ERRNO_MAX     4095
#define JSON_SUFFIX   "_JSON"
#define AT(member)    offsetof(struct signal_event, member)
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* What of one end is no plain bytes in the entry. */
struct end {
	struct buffer cmdline;
	struct buffer strings;
	struct ancestor ancestors[ANCESTRY_MAX];
};

struct entry_parse {
	struct end sender;
	struct end target;
	enum trail_event trail_event;	       /* that the MESSAGE_ID names */
	const struct field *index[INDEX_SIZE]; /* by the name's hash, then what follows */
	struct bytes signal;
};

static const struct {
	const char *id;
	enum event_kind kind;
	enum trail_event trail_event;
} ids[] = {
	{ MESSAGE_SIGNAL, EVENT_SIGNAL, 0 },
	{ MESSAGE_REPEATED, EVENT_SIGNAL, 0 },
	{ MESSAGE_DIED, EVENT_DEATH, 0 },
	{ MESSAGE_STARTED, EVENT_TRAIL, TRAIL_STARTED },
	{ MESSAGE_STOPPED, EVENT_TRAIL, TRAIL_STOPPED },
	{ MESSAGE_INCOMPLETE, EVENT_TRAIL, TRAIL_INCOMPLETE },
	{ MESSAGE_RULES, EVENT_TRAIL, TRAIL_RULES },
	{ MESSAGE_SOURCE, EVENT_TRAIL, TRAIL_SOURCE },
};

static bool equals(struct bytes a, const char *b)
{
	return a.len == strlen(b) && memcmp(a.data, b, a.len) == 0;
}

static unsigned hash(struct bytes name)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.data[i]) * 16777619u;
	return h ^ h >> 15;
}

/* Fields of one name stand one after another, in the table's order. */
static void make_index(struct entry_parse *parse)
{
	size_t n;
	const struct field *table = fields_table(&n);

	for (size_t i = 0; i < n; i++) {
		unsigned slot = hash(bytes_of(table[i].journal)) % INDEX_SIZE;

		while (parse->index[slot])
			slot = (slot + 1) % INDEX_SIZE;
		parse->index[slot] = &table[i];
	}
}

static const struct field *find(const struct entry_parse *parse, struct bytes name,
				enum event_kind kind)
{
	unsigned slot = hash(name) % INDEX_SIZE;

	for (; parse->index[slot]; slot = (slot + 1) % INDEX_SIZE) {
		const struct field *field = parse->index[slot];

		if (field->kinds & kind && equals(name, field->journal))
			return field;
	}
	return NULL;
}

int entry_parse_new(struct entry_parse **parse)
{
	struct entry_parse *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	make_index(p);
	*parse = p;
	return 0;
}

static void end_free(struct end *end)
{
	buffer_free(&end->cmdline);
	buffer_free(&end->strings);
}

struct entry_parse *entry_parse_free(struct entry_parse *parse)
{
	if (!parse)
		return NULL;
	end_free(&parse->sender);
	end_free(&parse->target);
	free(parse);
	return NULL;
}

int entry_parse_begin(struct entry_parse *parse, struct bytes uid, struct bytes id,
		      struct signal_event *ev)
{
	if (!uid.data || !id.data || !equals(uid, "0"))
		return -ENOENT;
	parse->signal = (struct bytes){ NULL, 0 };
	for (size_t i = 0; i < LENGTH(ids); i++) {
		if (!equals(id, ids[i].id))
			continue;
		event_init(ev, ids[i].kind, NUMBER_ABSENT);
		parse->trail_event = ids[i].trail_event;
		return 0;
	}
	return -ENOENT;
}

/* Only what may be known to have no value is ever written empty. */
static bool is_nullable(const struct field *field)
{
	static const size_t nullable[] = {
		AT(argument),	 AT(sender.auid),    AT(sender.session),
		AT(target.auid), AT(target.session),
	};

	for (size_t i = 0; i < LENGTH(nullable); i++) {
		if (field->offset == nullable[i])
			return true;
	}
	return false;
}

static int parse_number(const struct field *field, struct bytes value, int64_t *number)
{
	if (value.len == 0 && is_nullable(field)) {
		*number = NUMBER_NULL;
		return 0;
	}
	*number = digits_parse(value.data, value.len);
	return number_known(*number) ? 0 : -EBADMSG;
}

static int parse_result(struct bytes value, int64_t *result)
{
	if (equals(value, "success")) {
		*result = 0;
		return 0;
	}
	for (int error = 1; error <= ERRNO_MAX; error++) {
		const char *name = strerrorname_np(error);

		if (name && equals(value, name)) {
			*result = error;
			return 0;
		}
	}
	*result = digits_parse(value.data, value.len);
	return number_known(*result) && *result > 0 ? 0 : -EBADMSG;
}

static int parse_note(struct signal_event *ev, struct bytes value)
{
	if (ev->n_notes == EVENT_NOTES_MAX || value.len == 0)
		return -EBADMSG;
	ev->notes[ev->n_notes++] = value.data;
	return 0;
}

static int parse_call(struct bytes value, const struct sigcall **call)
{
	size_t n;
	const struct sigcall *table = sigcall_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (equals(value, table[i].name)) {
			*call = &table[i];
			return 0;
		}
	}
	return -EBADMSG;
}

/* The value whose name this is, in 1..last; 0 if none has it. */
#define VALUE_OF(name_of, last, text)                                                    \
	({                                                                               \
		unsigned found_ = 0;                                                     \
		for (unsigned i_ = 1; !found_ && i_ <= (last); i_++) {                   \
			const char *name_ = name_of(i_);                                 \
			if (name_ && equals((text), name_))                              \
				found_ = i_;                                             \
		}                                                                        \
		found_;                                                                  \
	})

static int parse_word(const struct field *field, struct bytes value,
		      struct signal_event *ev)
{
	switch (field->type) {
	case FIELD_CALL:
		return parse_call(value, &ev->call);
	case FIELD_ARCH:
		ev->arch = sigarch_of_name(value.data);
		return ev->arch ? 0 : -EBADMSG;
	case FIELD_SCOPE:
		ev->scope = VALUE_OF(scope_name, SCOPE_ALL, value);
		return ev->scope ? 0 : -EBADMSG;
	case FIELD_TRAIL_EVENT:
		ev->trail.event = VALUE_OF(trail_event_name, TRAIL_SOURCE, value);
		return ev->trail.event ? 0 : -EBADMSG;
	case FIELD_TRAIL_CAUSE:
		ev->trail.cause = VALUE_OF(trail_cause_name, CAUSE_COUNT - 1, value);
		return ev->trail.cause ? 0 : -EBADMSG;
	case FIELD_TRAIL_UNSEEN:
		ev->trail.unseen = VALUE_OF(trail_unseen_name, UNSEEN_OLDER, value);
		return ev->trail.unseen ? 0 : -EBADMSG;
	default:
		ev->trail.of = VALUE_OF(trail_of_name, OF_RECORDS, value);
		return ev->trail.of ? 0 : -EBADMSG;
	}
}

static struct end *end_of(struct entry_parse *parse, const struct field *field)
{
	return field->offset < AT(target) ? &parse->sender : &parse->target;
}

static int parse_args(struct end *end, struct bytes value, struct bytes *cmdline)
{
	int r;

	buffer_reset(&end->cmdline);
	r = shellquote_split(&end->cmdline, value);
	*cmdline = (struct bytes){ end->cmdline.data, end->cmdline.len };
	return r;
}

/* A string within the event ends at its first NUL. */
static bool has_nul(struct bytes value)
{
	return memchr(value.data, '\0', value.len) != NULL;
}

static int parse_value(struct entry_parse *parse, const struct field *field,
		       struct bytes value, struct signal_event *ev)
{
	void *at = (char *)ev + field->offset;

	if (field->type != FIELD_ARGS && has_nul(value))
		return -EBADMSG;
	switch (field->type) {
	case FIELD_NUMBER:
	case FIELD_TIME:
		return parse_number(field, value, at);
	case FIELD_STRING:
		*(const char **)at = value.data;
		return 0;
	case FIELD_ARGS:
		return parse_args(end_of(parse, field), value, at);
	case FIELD_TRUE:
		*(bool *)at = equals(value, "true");
		return *(bool *)at ? 0 : -EBADMSG;
	case FIELD_SET:
		return parse_note(ev, value);
	case FIELD_ANCESTRY: /* the line for people */
		return 0;
	case FIELD_SIGNAL:
		parse->signal = value;
		return 0;
	case FIELD_RESULT:
		return parse_result(value, at);
	default:
		return parse_word(field, value, ev);
	}
}

static int parse_ancestry(struct end *end, struct bytes json, struct ancestry *ancestry)
{
	buffer_reset(&end->strings);
	ancestry->of = end->ancestors;
	return ancestry_parse(end->ancestors, &ancestry->n, &end->strings, json);
}

/* A field without a value, as of a damaged entry, tells of no target. */
static void note_target(const struct field *field, struct signal_event *ev)
{
	struct field_value value;
	const bool had = ev->has_target;

	if (field->offset < AT(target) ||
	    field->offset >= AT(target) + sizeof(ev->target))
		return;
	ev->has_target = true;
	field_get(field, ev, &value);
	ev->has_target = had || value.type != VALUE_ABSENT;
}

int entry_parse_field(struct entry_parse *parse, struct bytes key, struct bytes value,
		      struct signal_event *ev)
{
	const size_t suffix_len = strlen(JSON_SUFFIX);
	const struct field *field;
	bool is_json = false;
	int r;

	/* The journal's own fields, and those of all programs. */
	if (!key.len || (key.data[0] != 'S' && key.data[0] != 'T'))
		return 0;
	field = find(parse, key, ev->kind);
	if (!field && key.len > suffix_len &&
	    memcmp(key.data + key.len - suffix_len, JSON_SUFFIX, suffix_len) == 0) {
		key.len -= suffix_len;
		field = find(parse, key, ev->kind);
		is_json = field && field->type == FIELD_ANCESTRY;
		if (!is_json)
			return 0;
	}
	if (!field)
		return 0;
	if (is_json)
		r = parse_ancestry(end_of(parse, field), value,
				   (void *)((char *)ev + field->offset));
	else
		r = parse_value(parse, field, value, ev);
	if (r == 0)
		note_target(field, ev);
	return r;
}

static void sort_notes(struct signal_event *ev)
{
	for (size_t i = 1; i < ev->n_notes; i++) {
		const char *note = ev->notes[i];
		size_t to = i;

		for (; to && notes_rank(ev->notes[to - 1]) > notes_rank(note); to--)
			ev->notes[to] = ev->notes[to - 1];
		ev->notes[to] = note;
	}
}

/* A signal's name is its number's, and no more is known where they differ. */
static int check_signal(const struct entry_parse *parse, struct signal_event *ev)
{
	char name[SIGNAME_SIZE];
	int signo;

	if (!parse->signal.data)
		return number_known(ev->signo) ? -EBADMSG : 0;
	if (number_known(ev->signo))
		return equals(parse->signal, signame_format(ev->signo, name)) ? 0
									      : -EBADMSG;
	signo = signame_parse(parse->signal.data);
	ev->signo = signo;
	return signo < 0 ? -EBADMSG : 0;
}

int entry_parse_end(struct entry_parse *parse, struct signal_event *ev)
{
	if (!number_known(ev->time_usec))
		return -EBADMSG;
	if (ev->kind == EVENT_TRAIL)
		return ev->trail.event == parse->trail_event ? 0 : -EBADMSG;
	if (ev->kind == EVENT_DEATH)
		ev->has_target = true;
	sort_notes(ev);
	return check_signal(parse, ev);
}
