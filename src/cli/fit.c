/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/fit.h"

#include <string.h>
#include <wchar.h>

#define ELLIPSIS "\u2026"

locale_t fit_begin(locale_t utf8)
{
	return utf8 ? uselocale(utf8) : (locale_t)0;
}

void fit_end(locale_t before)
{
	if (before)
		uselocale(before);
}

/* The bytes of the character at text, and its columns. What is none is a byte wide. */
static size_t next(const char *text, size_t len, size_t *columns)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n;
	int width;

	*columns = 1;
	if (*text >= ' ' && *text <= '~')
		return 1;
	n = mbrtowc(&c, text, len, &state);
	if (n == 0 || n > len)
		return 1;
	width = wcwidth(c);
	if (width >= 0)
		*columns = (size_t)width;
	return n;
}

size_t fit_width(const char *text, size_t len)
{
	size_t width = 0;
	size_t columns;

	for (size_t i = 0; i < len; width += columns)
		i += next(text + i, len - i, &columns);
	return width;
}

/* How many bytes of the text fit. */
static size_t fitting(const char *text, size_t len, size_t width)
{
	size_t i = 0;

	while (i < len) {
		size_t columns;
		size_t n = next(text + i, len - i, &columns);

		if (columns > width)
			break;
		width -= columns;
		i += n;
	}
	return i;
}

void fit_add(struct buffer *out, const char *text, size_t len, size_t tail, size_t width)
{
	if (fit_width(text, len) <= width) {
		buffer_add(out, text, len);
		return;
	}
	if (width == 0)
		return;
	/* At least one character and the ellipsis before it. */
	if (tail + 2 > width)
		tail = 0;
	buffer_add(out, text, fitting(text, len - tail, width - tail - 1));
	buffer_add_string(out, ELLIPSIS);
	buffer_add(out, text + len - tail, tail);
}

static void add_blanks(struct buffer *out, size_t n)
{
	while (n--)
		buffer_add_char(out, ' ');
}

void fit_fold(struct buffer *out, const char *text, size_t len, size_t indent,
	      size_t width)
{
	size_t used = indent;
	const char *end = text + len;

	while (text < end) {
		const char *blank = memchr(text, ' ', end - text);
		size_t word = (blank ? blank : end) - text;
		size_t columns = fit_width(text, word);

		if (used > indent && used + 1 + columns > width) {
			buffer_add_char(out, '\n');
			add_blanks(out, indent);
			used = indent;
		} else if (used > indent) {
			buffer_add_char(out, ' ');
			used++;
		}
		buffer_add(out, text, word);
		used += columns;
		text += word + (blank ? 1 : 0);
	}
	buffer_add_char(out, '\n');
}
