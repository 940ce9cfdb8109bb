/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/body.h"

#include <string.h>

bool body_next(char **rest, const char **name, const char **value)
{
	char *at = *rest;

	while (*at && *at != '\x1d') {
		char *word = at, *equals;

		at = word + strcspn(word, " \x1d");
		if (*at == ' ')
			*at++ = '\0';
		else if (*at == '\x1d')
			*at = '\0';
		equals = strchr(word, '=');
		if (!equals || equals == word)
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
