/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* buffer: bytes that grow at their end and are used again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* All zero is an empty buffer. data is always NUL-terminated once something was added;
 * len doesn't count that NUL. After an allocation that failed, failed is set, what was
 * there stays, and all that is added is dropped until buffer_reset(). */
struct buffer {
	char *data;
	size_t len;
	size_t size;
	bool failed;
};

/* Empties the buffer and keeps its memory. */
void buffer_reset(struct buffer *b);

/* Gives the memory back; the buffer is empty and usable afterwards. */
void buffer_free(struct buffer *b);

/* Makes room for n more bytes. 0, or -ENOMEM. */
int buffer_reserve(struct buffer *b, size_t n);

/* In the header: a line is made of a hundred small pieces, most of a known length. */
static inline void buffer_add(struct buffer *b, const void *data, size_t len)
{
	if ((b->size - b->len <= len || b->failed) && buffer_reserve(b, len) < 0)
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

static inline void buffer_add_string(struct buffer *b, const char *s)
{
	buffer_add(b, s, strlen(s));
}

static inline void buffer_add_char(struct buffer *b, char c)
{
	buffer_add(b, &c, 1);
}

void buffer_printf(struct buffer *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
