/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ancestry.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "core/digits.h"
#include "core/escape.h"

static void add_process(struct buffer *out, const char *name, int64_t pid)
{
	if (name)
		escape_add_name(out, name, strlen(name));
	else
		buffer_add_string(out, "process");
	if (!number_known(pid))
		return;
	buffer_add_char(out, '[');
	digits_add(out, pid);
	buffer_add_char(out, ']');
}

void ancestry_add_line(struct buffer *out, const struct party *party)
{
	add_process(out, party_name(party), party->pid);
	for (size_t i = 0; i < party->ancestry.n; i++) {
		const struct ancestor *a = &party->ancestry.of[i];
		const struct party shown = { .comm = a->comm, .exe = a->exe };

		buffer_add_string(out, " < ");
		add_process(out, party_name(&shown), a->pid);
	}
}

/* What is left to read. */
struct reader {
	const char *p;
	const char *end;
};

static bool take(struct reader *in, const char *text)
{
	const size_t len = strlen(text);

	if ((size_t)(in->end - in->p) < len || memcmp(in->p, text, len) != 0)
		return false;
	in->p += len;
	return true;
}

static int take_number(struct reader *in, int64_t *number)
{
	const char *start = in->p;

	while (in->p < in->end && (*in->p == '-' || (*in->p >= '0' && *in->p <= '9')))
		in->p++;
	*number = digits_parse(start, in->p - start);
	return number_known(*number) ? 0 : -EBADMSG;
}

/* The string up to its closing quote. Its opening one has been taken. */
static int take_string(struct reader *in, struct buffer *strings, const char **string)
{
	const size_t start = strings->len;
	const char *from = in->p;
	int r;

	while (in->p < in->end && *in->p != '"')
		in->p += *in->p == '\\' ? 2 : 1;
	if (in->p >= in->end)
		return -EBADMSG;
	r = escape_undo_json(strings, from, in->p - from);
	in->p++;
	buffer_add_char(strings, '\0');
	*string = strings->data + start;
	return r;
}

static int take_ancestor(struct reader *in, struct buffer *strings, struct ancestor *a)
{
	int r;

	*a = (struct ancestor){ 0 };
	if (!take(in, "{\"pid\":"))
		return -EBADMSG;
	r = take_number(in, &a->pid);
	if (r == 0 && take(in, ",\"comm\":\""))
		r = take_string(in, strings, &a->comm);
	if (r == 0 && take(in, ",\"exe\":\""))
		r = take_string(in, strings, &a->exe);
	if (r == 0 && take(in, ",\"unit\":\""))
		r = take_string(in, strings, &a->unit);
	if (r == 0 && !take(in, "}"))
		r = -EBADMSG;
	return r;
}

int ancestry_parse(struct ancestor of[ANCESTRY_MAX], size_t *n, struct buffer *strings,
		   struct bytes json)
{
	struct reader in = { json.data, json.data + json.len };
	int r;

	*n = 0;
	/* Nothing grows by being read back: the strings stay where they are. */
	r = buffer_reserve(strings, json.len + 1);
	if (r < 0)
		return r;
	if (!take(&in, "["))
		return -EBADMSG;
	do {
		if (*n == ANCESTRY_MAX)
			return -EBADMSG;
		r = take_ancestor(&in, strings, &of[*n]);
		if (r < 0)
			return r;
		++*n;
	} while (take(&in, ","));
	return take(&in, "]") && in.p == in.end ? 0 : -EBADMSG;
}
