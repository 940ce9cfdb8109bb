/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/shellquote.h"

#include <errno.h>
#include <string.h>

static bool is_safe(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("@%+=:,./_-", c)) || c >= 0x80;
}

static void add_argument(struct buffer *out, struct bytes argument)
{
	size_t start = 0;
	size_t i = 0;

	while (i < argument.len && is_safe(argument.data[i]))
		i++;
	if (argument.len && i == argument.len) {
		buffer_add(out, argument.data, argument.len);
		return;
	}
	buffer_add_char(out, '\'');
	for (; i < argument.len; i++) {
		if (argument.data[i] != '\'')
			continue;
		buffer_add(out, argument.data + start, i - start);
		buffer_add_string(out, "'\\''");
		start = i + 1;
	}
	buffer_add(out, argument.data + start, argument.len - start);
	buffer_add_char(out, '\'');
}

bool shellquote_next(struct bytes *cmdline, struct bytes *argument)
{
	const char *end;

	if (!cmdline->len)
		return false;
	end = memchr(cmdline->data, '\0', cmdline->len);
	argument->data = cmdline->data;
	argument->len = end ? (size_t)(end - cmdline->data) : cmdline->len;
	cmdline->data += argument->len + (end ? 1 : 0);
	cmdline->len -= argument->len + (end ? 1 : 0);
	return true;
}

void shellquote_add(struct buffer *out, struct bytes cmdline)
{
	struct bytes argument;
	bool first = true;

	while (shellquote_next(&cmdline, &argument)) {
		if (!first)
			buffer_add_char(out, ' ');
		first = false;
		add_argument(out, argument);
	}
}

/* An argument in single quotes, and the length of what it stands in; 0 if its end is
 * missing. */
static size_t split_quoted(struct buffer *out, struct bytes text)
{
	static const char quote[] = "'\\''";
	const size_t quote_len = sizeof(quote) - 1;
	size_t i = 1;

	for (;;) {
		const char *end =
			i < text.len ? memchr(text.data + i, '\'', text.len - i) : NULL;

		if (!end)
			return 0;
		buffer_add(out, text.data + i, end - (text.data + i));
		i = end - text.data;
		if (text.len - i < quote_len || memcmp(end, quote, quote_len) != 0)
			return i + 1;
		buffer_add_char(out, '\'');
		i += quote_len;
	}
}

static size_t split_plain(struct buffer *out, struct bytes text)
{
	size_t i = 0;

	while (i < text.len && is_safe(text.data[i]))
		i++;
	buffer_add(out, text.data, i);
	return i;
}

int shellquote_split(struct buffer *out, struct bytes text)
{
	while (text.len) {
		size_t n = text.data[0] == '\'' ? split_quoted(out, text)
						: split_plain(out, text);

		/* The blank between two, with something behind it. */
		if (n == 0 ||
		    (n < text.len && (text.data[n] != ' ' || n + 1 == text.len)))
			return -EBADMSG;
		buffer_add_char(out, '\0');
		n += n < text.len;
		text.data += n;
		text.len -= n;
	}
	return out->failed ? -ENOMEM : 0;
}
