/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>

void buffer_reset(struct buffer *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data)
		b->data[0] = '\0';
}

void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

int buffer_reserve(struct buffer *b, size_t n)
{
	size_t size = b->size ? b->size : 256;
	char *data;

	if (b->failed)
		return -ENOMEM;
	if (b->data && b->size - b->len > n)
		return 0;
	while (size - b->len <= n) {
		if (size > SIZE_MAX / 2) {
			b->failed = true;
			return -ENOMEM;
		}
		size *= 2;
	}
	data = realloc(b->data, size);
	if (!data) {
		b->failed = true;
		return -ENOMEM;
	}
	b->data = data;
	b->size = size;
	b->data[b->len] = '\0';
	return 0;
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || buffer_reserve(b, n) < 0)
		return;
	va_start(args, format);
	vsnprintf(b->data + b->len, n + 1, format, args);
	va_end(args);
	b->len += n;
}
