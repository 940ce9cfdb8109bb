/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/shellquote.h"

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
