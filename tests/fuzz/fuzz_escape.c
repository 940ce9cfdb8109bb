/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes of a process: what is shown of them is plain text and tells each byte. */
#include <jansson.h>

#include "core/escape.h"
#include "fuzz.h"

/* Puts the bytes back for which \xNN stands. */
static void unescape(struct buffer *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned int byte = (unsigned char)text[i];

		if (text[i] == '\\') {
			FUZZ_REQUIRE(len - i >= 4 &&
				     sscanf(text + i, "\\x%2x", &byte) == 1);
			i += 3;
		}
		buffer_add_char(out, (char)byte);
	}
}

static void require_same(const struct buffer *a, const void *data, size_t size)
{
	FUZZ_REQUIRE(a->len == size && (!size || memcmp(a->data, data, size) == 0));
}

static void check_text(const char *data, size_t size)
{
	struct buffer shown = { 0 }, back = { 0 };
	size_t quote;

	escape_add(&shown, data, size);
	fuzz_require_shown(shown.data, shown.len, 0);
	unescape(&back, shown.data, shown.len);
	require_same(&back, data, size);

	buffer_reset(&shown);
	buffer_reset(&back);
	escape_add_name(&shown, data, size);
	fuzz_require_shown(shown.data, shown.len, 0);
	quote = shown.data[0] == '"';
	if (quote)
		FUZZ_REQUIRE(shown.len >= 2 && shown.data[shown.len - 1] == '"');
	else
		FUZZ_REQUIRE(shown.len && !strpbrk(shown.data, " ,[]()"));
	FUZZ_REQUIRE(!memchr(shown.data + quote, '"', shown.len - 2 * quote));
	unescape(&back, shown.data + quote, shown.len - 2 * quote);
	require_same(&back, data, size);
	buffer_free(&shown);
	buffer_free(&back);
}

static void check_json(const char *data, size_t size)
{
	struct buffer json = { 0 }, shown = { 0 };
	json_t *string;

	escape_add(&shown, data, size);
	buffer_add_char(&json, '"');
	escape_add_json(&json, data, size);
	buffer_add_char(&json, '"');
	string = json_loadb(json.data, json.len, JSON_DECODE_ANY, NULL);
	FUZZ_REQUIRE(string && json_string_length(string) == shown.len &&
		     memcmp(json_string_value(string), shown.data, shown.len) == 0);
	json_decref(string);
	buffer_reset(&shown);
	if (!memchr(data, '\0', size)) {
		FUZZ_REQUIRE(escape_undo_json(&shown, json.data + 1, json.len - 2) == 0);
		require_same(&shown, data, size);
	}
	buffer_reset(&shown);
	(void)escape_undo_json(&shown, data, size);
	buffer_free(&json);
	buffer_free(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	check_text((const char *)data, size);
	check_json((const char *)data, size);
	return 0;
}
