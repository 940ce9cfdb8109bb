/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/bootline.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/bytes.h"

#define NAME "audit="

static bool is(struct bytes word, const char *text)
{
	return word.len == strlen(text) && strncasecmp(word.data, text, word.len) == 0;
}

static enum boot_audit value_of(struct bytes word)
{
	word.data += strlen(NAME);
	word.len -= strlen(NAME);
	return is(word, "0") || is(word, "off") ? BOOT_AUDIT_OFF : BOOT_AUDIT_ON;
}

enum boot_audit bootline_audit(const char *text, size_t len)
{
	enum boot_audit audit = BOOT_AUDIT_UNSET;

	while (len) {
		struct bytes word = { text, 0 };

		while (word.len < len && !strchr(" \t\n", word.data[word.len]))
			word.len++;
		if (is(word, "--"))
			break;
		if (word.len >= strlen(NAME) &&
		    memcmp(word.data, NAME, strlen(NAME)) == 0)
			audit = value_of(word);
		text += word.len < len ? word.len + 1 : len;
		len -= word.len < len ? word.len + 1 : len;
	}
	return audit;
}
