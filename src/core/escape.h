/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* escape: the one place where hostile bytes become text that a terminal, a log or JSON
 * can carry. */
#pragma once

#include <stddef.h>

#include "core/buffer.h"

/* Adds the bytes as UTF-8 text. Shown byte by byte as \xNN are: bytes that are no UTF-8
 * (overlong forms, surrogates and what is above U+10FFFF too), C0, DEL, C1, U+2028,
 * U+2029, bidi controls (U+061C, U+200E, U+200F, U+202A..U+202E, U+2066..U+2069) and the
 * backslash itself. */
void escape_add(struct buffer *out, const char *data, size_t len);

/* The same for a name within a line of text: where it holds a blank, comma, double quote,
 * bracket or parenthesis, or is empty, it stands in double quotes, and a quote inside is
 * \x22. */
void escape_add_name(struct buffer *out, const char *data, size_t len);

/* Adds the text as what stands between the quotes of a JSON string: escape_add(), then a
 * backslash before each quote and backslash. */
void escape_add_json(struct buffer *out, const char *data, size_t len);

/* Adds the bytes that escape_add_json() made this of. 0, or -EBADMSG where it can't have.
 * NULs are never added: -EBADMSG too. */
int escape_undo_json(struct buffer *out, const char *text, size_t len);
