/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* quote: what a person wrote, shown back within a reason: escaped and not too long. */
#pragma once

#include <string.h>

#include "core/buffer.h"
#include "core/escape.h"

#define QUOTE_SHOWN_MAX 100

/* Writes the value into *out, which is reset first, and returns it; "?" without memory.
 */
static inline const char *quote_value(struct buffer *out, const char *value)
{
	size_t len = strlen(value);

	buffer_reset(out);
	escape_add_name(out, value, len > QUOTE_SHOWN_MAX ? QUOTE_SHOWN_MAX : len);
	if (len > QUOTE_SHOWN_MAX)
		buffer_add_string(out, "...");
	return out->failed || !out->data ? "?" : out->data;
}

/* Writes a reason's text, which may hold raw bytes, escaped into *out and returns it. */
static inline const char *quote_text(struct buffer *out, const char *text)
{
	buffer_reset(out);
	escape_add(out, text, strlen(text));
	return out->failed || !out->data ? "?" : out->data;
}
