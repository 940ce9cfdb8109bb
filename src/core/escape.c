/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/escape.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Decodes one character (RFC 3629). How many bytes it has; 0 if it is no UTF-8. */
static size_t decode(const unsigned char *p, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n;

	if (p[0] < 0x80)
		n = 1;
	else if (p[0] >= 0xc2 && p[0] < 0xe0)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] < 0xf0)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] < 0xf5)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;
	*code = n == 1 ? p[0] : p[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return n;
}

static bool is_hidden(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == '\\' ||
	       code == 0x061c || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* Those that aren't ASCII would pass for one before a person's eyes. */
static bool is_blank(uint32_t code)
{
	return code == ' ' || code == 0xa0 || code == 0x1680 ||
	       (code >= 0x2000 && code <= 0x200b) || code == 0x202f || code == 0x205f ||
	       code == 0x3000;
}

static bool is_special(uint32_t code)
{
	return code == ',' || code == '"' || code == '[' || code == ']' || code == '(' ||
	       code == ')' || is_blank(code);
}

static bool is_plain_ascii(unsigned char c)
{
	return (c >= '-' && c < '[') || (c > ']' && c < 0x7f);
}

static bool is_plain(const unsigned char *p, size_t len)
{
	size_t i = 0;

	while (i < len && is_plain_ascii(p[i]))
		i++;
	return i == len;
}

/* What the text becomes part of. */
enum within {
	WITHIN_TEXT,
	WITHIN_QUOTES,
	WITHIN_JSON,
};

static void add_hex(struct buffer *out, unsigned char c, enum within within)
{
	static const char digits[] = "0123456789abcdef";
	const char text[] = { '\\', '\\', 'x', digits[c >> 4], digits[c & 15] };
	const size_t skipped = within == WITHIN_JSON ? 0 : 1;

	buffer_add(out, text + skipped, sizeof(text) - skipped);
}

static void add_quote(struct buffer *out, enum within within)
{
	if (within == WITHIN_JSON)
		buffer_add(out, "\\\"", 2);
	else
		add_hex(out, '"', within);
}

static void add(struct buffer *out, const unsigned char *p, size_t len,
		enum within within)
{
	size_t start = 0;
	size_t i = 0;

	while (i < len) {
		uint32_t code = 0;
		size_t n;

		if (is_plain_ascii(p[i])) {
			i++;
			continue;
		}
		n = decode(p + i, len - i, &code);
		if (n && !is_hidden(code) && !(within != WITHIN_TEXT && code == '"')) {
			i += n;
			continue;
		}
		/* A hidden character's other bytes are no UTF-8 without its first. */
		buffer_add(out, p + start, i - start);
		if (p[i] == '"')
			add_quote(out, within);
		else
			add_hex(out, p[i], within);
		start = ++i;
	}
	buffer_add(out, p + start, len - start);
}

static bool needs_quotes(const unsigned char *p, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint32_t code = 0;
		size_t n = 1;

		if (!is_plain_ascii(p[i])) {
			n = decode(p + i, len - i, &code);
			if (n && is_special(code))
				return true;
		}
		i += n ? n : 1;
	}
	return len == 0;
}

void escape_add(struct buffer *out, const char *data, size_t len)
{
	add(out, (const unsigned char *)data, len, WITHIN_TEXT);
}

void escape_add_name(struct buffer *out, const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data;

	if (len && is_plain(p, len)) {
		buffer_add(out, data, len);
		return;
	}
	if (!needs_quotes(p, len)) {
		add(out, p, len, WITHIN_TEXT);
		return;
	}
	buffer_add_char(out, '"');
	add(out, p, len, WITHIN_QUOTES);
	buffer_add_char(out, '"');
}

void escape_add_json(struct buffer *out, const char *data, size_t len)
{
	add(out, (const unsigned char *)data, len, WITHIN_JSON);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of "\\xNN", or -EBADMSG. */
static int undo_hex(const char *text, size_t len)
{
	int high = len >= 5 && memcmp(text, "\\\\x", 3) == 0 ? hex_digit(text[3]) : -1;
	int low = high < 0 ? -1 : hex_digit(text[4]);

	return low < 0 || high + low == 0 ? -EBADMSG : high << 4 | low;
}

int escape_undo_json(struct buffer *out, const char *text, size_t len)
{
	size_t i = 0;

	while (i < len) {
		const char *backslash = memchr(text + i, '\\', len - i);
		size_t end = backslash ? (size_t)(backslash - text) : len;
		int c;

		buffer_add(out, text + i, end - i);
		i = end;
		if (i == len)
			break;
		if (len - i >= 2 && text[i + 1] == '"') {
			buffer_add_char(out, '"');
			i += 2;
			continue;
		}
		c = undo_hex(text + i, len - i);
		if (c < 0)
			return c;
		buffer_add_char(out, (char)c);
		i += 5;
	}
	return out->failed ? -ENOMEM : 0;
}
