/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/reason.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char cut_mark[] = "...";

/* The rest of a character in UTF-8. */
static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void mark_cut(struct reason *reason)
{
	size_t at = sizeof(reason->text) - sizeof(cut_mark);

	while (at && is_continuation(reason->text[at]))
		at--;
	memcpy(reason->text + at, cut_mark, sizeof(cut_mark));
}

void reason_set(struct reason *reason, const char *format, ...)
{
	va_list args;
	int len;

	if (!reason)
		return;
	va_start(args, format);
	len = vsnprintf(reason->text, sizeof(reason->text), format, args);
	va_end(args);
	if (len >= (int)sizeof(reason->text))
		mark_cut(reason);
}
