/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/record.h"

#include <errno.h>
#include <libaudit.h>
#include <string.h>

/* Bytes that are still to be read. */
struct cursor {
	const char *at;
	const char *end;
};

static bool take(struct cursor *c, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0)
		return false;
	c->at += len;
	return true;
}

/* At least one digit, at most 18, so that nothing can overflow. */
static bool take_number(struct cursor *c, uint64_t *value)
{
	const char *start = c->at;
	uint64_t n = 0;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && c->at - start < 18)
		n = n * 10 + (uint64_t)(*c->at++ - '0');
	*value = n;
	return c->at > start;
}

static int parse_stamp(struct cursor *c, struct record *record)
{
	uint64_t sec, msec;

	if (!take(c, "audit(") || !take_number(c, &sec) || !take(c, ".") ||
	    !take_number(c, &msec) || !take(c, ":") || !take_number(c, &record->serial) ||
	    !take(c, "):"))
		return -EBADMSG;
	if (msec > 999 || sec > INT64_MAX / 1000000 - 1)
		return -EBADMSG;
	record->sec = (int64_t)sec;
	record->msec = (int32_t)msec;
	return 0;
}

static bool ends_line(char c)
{
	return c == '\n' || c == '\r' || c == ' ';
}

static bool begins_with(const char *at, const char *end, const char *word)
{
	const size_t len = strlen(word);

	return (size_t)(end - at) >= len && memcmp(at, word, len) == 0;
}

/* The kernel ends these with a name or a key. Anything else at the end was cut there, and
 * half a number is another number. */
static void drop_torn_field(struct record *record)
{
	const char *begin = record->body.data, *end = begin + record->body.len;
	const char *field;

	if ((record->type != AUDIT_SYSCALL && record->type != AUDIT_OBJ_PID) ||
	    begin == end || end[-1] == '"' || end[-1] == ')')
		return;
	field = memrchr(begin, ' ', record->body.len);
	field = field ? field + 1 : begin;
	if (!begins_with(field, end, "key=") && !begins_with(field, end, "ocomm="))
		record->body.len = (size_t)(field - begin);
}

/* The rest of the cursor without the blank before it and what ends a line. A body with a
 * newline or NUL inside is nothing that the kernel writes. */
static int parse_body(struct cursor *c, struct record *record)
{
	if (c->at < c->end && *c->at == ' ')
		c->at++;
	while (c->end > c->at && ends_line(c->end[-1]))
		c->end--;
	record->body = (struct bytes){ c->at, (size_t)(c->end - c->at) };
	if (memchr(record->body.data, '\n', record->body.len) ||
	    memchr(record->body.data, '\0', record->body.len))
		return -EBADMSG;
	drop_torn_field(record);
	return 0;
}

int record_parse(uint16_t type, const char *text, size_t len, struct record *record)
{
	struct cursor c = { text, text + len };
	int r;

	*record = (struct record){ .type = type };
	if (len > RECORD_MAX_BYTES)
		return -E2BIG;
	/* The kernel pads netlink messages with NULs. */
	while (c.end > c.at && c.end[-1] == '\0')
		c.end--;
	r = parse_stamp(&c, record);
	return r < 0 ? r : parse_body(&c, record);
}

/* A word up to the next blank, copied with a NUL. */
static bool take_word(struct cursor *c, char *word, size_t size)
{
	const char *blank = memchr(c->at, ' ', (size_t)(c->end - c->at));

	if (!blank || blank == c->at || (size_t)(blank - c->at) >= size)
		return false;
	memcpy(word, c->at, (size_t)(blank - c->at));
	word[blank - c->at] = '\0';
	c->at = blank + 1;
	return true;
}

static int parse_type(struct cursor *c, uint16_t *type)
{
	char name[64];
	int number;

	if (!take_word(c, name, sizeof(name)))
		return -EBADMSG;
	number = audit_name_to_msg_type(name);
	if (number < 0 || number > UINT16_MAX)
		return -EBADMSG;
	*type = (uint16_t)number;
	return 0;
}

static int parse_node(struct cursor *c, struct bytes *node)
{
	const char *blank = memchr(c->at, ' ', (size_t)(c->end - c->at));

	if (!blank || blank == c->at || blank - c->at > 255)
		return -EBADMSG;
	*node = (struct bytes){ c->at, (size_t)(blank - c->at) };
	c->at = blank + 1;
	return 0;
}

static bool is_no_record(struct cursor c)
{
	return c.at == c.end || *c.at == '#' || take(&c, "----") || take(&c, "time->");
}

int record_parse_line(const char *line, size_t len, struct record *record)
{
	struct cursor c = { line, line + len };
	int r;

	*record = (struct record){ 0 };
	if (len > RECORD_MAX_BYTES)
		return -E2BIG;
	while (c.end > c.at && ends_line(c.end[-1]))
		c.end--;
	if (is_no_record(c))
		return -ENOMSG;
	if (take(&c, "node=")) {
		r = parse_node(&c, &record->node);
		if (r < 0)
			return r;
	}
	if (!take(&c, "type="))
		return -EBADMSG;
	r = parse_type(&c, &record->type);
	if (r < 0)
		return r;
	if (!take(&c, "msg="))
		return -EBADMSG;
	r = parse_stamp(&c, record);
	return r < 0 ? r : parse_body(&c, record);
}

int64_t record_time_usec(const struct record *record)
{
	return record->sec * 1000000 + record->msec * 1000;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

static int parse_number(const char *at, const char *end, int base, uint64_t *value)
{
	uint64_t n = 0;
	const char *start = at;

	for (; at < end && *at != ' ' && *at != '\x1d'; at++) {
		int d = digit(*at);

		if (d >= base || __builtin_mul_overflow(n, (uint64_t)base, &n) ||
		    __builtin_add_overflow(n, (uint64_t)d, &n))
			return -EBADMSG;
	}
	*value = n;
	return at == start ? -EBADMSG : 0;
}

int record_number(const struct record *record, const char *name, int base,
		  uint64_t *value)
{
	const char *at = record->body.data, *end = at + record->body.len;
	size_t len = strlen(name);

	while (at < end) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));

		if ((size_t)(end - at) > len && memcmp(at, name, len) == 0 &&
		    at[len] == '=')
			return parse_number(at + len + 1, end, base, value);
		if (!blank)
			break;
		at = blank + 1;
	}
	return -ENOENT;
}
