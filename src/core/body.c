/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/body.h"

#include <string.h>

size_t body_len(const struct bytes *body)
{
	const char *enriched = body->len ? memchr(body->data, '\x1d', body->len) : NULL;

	return enriched ? (size_t)(enriched - body->data) : body->len;
}

bool body_next(char **rest, const char **name, const char **value)
{
	char *at = *rest;

	while (*at) {
		char *word = at;
		char *end = strchrnul(word, ' ');
		char *equals = memchr(word, '=', (size_t)(end - word));

		at = *end ? end + 1 : end;
		*end = '\0';
		if (!equals || equals == word || equals + 1 == end)
			continue;
		*equals = '\0';
		*name = word;
		*value = equals + 1;
		*rest = at;
		return true;
	}
	*rest = at;
	return false;
}
