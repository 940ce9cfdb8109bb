/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/json.h"
#include "core/native.h"
#include "core/text.h"

char *fuzz_string(const void *data, size_t size)
{
	char *text = malloc(size + 1);

	FUZZ_REQUIRE(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

bool fuzz_line(struct bytes *rest, struct bytes *line)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->data, '\n', rest->len);
	line->data = rest->data;
	line->len = end ? (size_t)(end - rest->data) : rest->len;
	rest->data += line->len + (end ? 1 : 0);
	rest->len -= line->len + (end ? 1 : 0);
	return true;
}

int fuzz_file(const void *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	FUZZ_REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* --- text --------------------------------------------------------------------------- */

static bool has(const char *text, size_t len, const char *character)
{
	return memmem(text, len, character, strlen(character)) != NULL;
}

/* Characters of more than one byte that must not be there. */
static void require_plain(const char *text, size_t len)
{
	static const char *const hidden[] = {
		"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b",
		"\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
	};
	char c1[] = "\xc2\x80";

	for (; (unsigned char)c1[1] < 0xa0; c1[1]++)
		FUZZ_REQUIRE(!has(text, len, c1));
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		FUZZ_REQUIRE(!has(text, len, hidden[i]));
}

static size_t require_text(const char *text, size_t len)
{
	/* Another one's judge of UTF-8. */
	json_t *string = json_stringn(len ? text : "", len);
	size_t newlines = 0;
	bool ascii = true;

	FUZZ_REQUIRE(string);
	json_decref(string);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		newlines += c == '\n';
		ascii = ascii && c < 0x80;
		FUZZ_REQUIRE((c >= 0x20 || c == '\n') && c != 0x7f);
	}
	if (!ascii)
		require_plain(text, len);
	return newlines;
}

void fuzz_require_shown(const char *text, size_t len, size_t newlines)
{
	FUZZ_REQUIRE(require_text(text, len) == newlines);
}

void fuzz_require_lines(const char *text, size_t len)
{
	(void)require_text(text, len);
}

/* --- events ------------------------------------------------------------------------- */

static void require_json(const struct buffer *line)
{
	json_error_t error;
	json_t *object =
		json_loadb(line->data, line->len, JSON_REJECT_DUPLICATES, &error);

	FUZZ_REQUIRE(json_is_object(object));
	json_decref(object);
	fuzz_require_shown(line->data, line->len, 1);
	FUZZ_REQUIRE(line->data[line->len - 1] == '\n');
}

/* Gives the entry the fields that journald would have been sent (native.h). */
static void read_native(struct entry *entry, const struct buffer *native)
{
	struct bytes rest = { native->data, native->len };
	struct buffer field = { 0 };
	struct bytes line;
	uint64_t len;

	while (fuzz_line(&rest, &line)) {
		buffer_reset(&field);
		buffer_add(&field, line.data, line.len);
		if (!memchr(line.data, '=', line.len)) {
			FUZZ_REQUIRE(rest.len > sizeof(len));
			memcpy(&len, rest.data, sizeof(len));
			rest.data += sizeof(len);
			rest.len -= sizeof(len);
			FUZZ_REQUIRE(len < rest.len && rest.data[len] == '\n');
			buffer_add_char(&field, '=');
			buffer_add(&field, rest.data, len);
			rest.data += len + 1;
			rest.len -= len + 1;
		}
		FUZZ_REQUIRE(!field.failed &&
			     entry_add(entry, field.data, field.len) == 0);
	}
	buffer_free(&field);
}

static void require_read_back(const struct signal_event *ev, const struct buffer *json)
{
	struct buffer native = { 0 }, work = { 0 }, again = { 0 };
	struct signal_event back;
	struct entry *entry;

	FUZZ_REQUIRE(entry_new(&entry) == 0);
	entry_clear(entry, ev->time_usec);
	FUZZ_REQUIRE(native_entry(&native, &work, NULL, ev) == 0);
	read_native(entry, &native);
	FUZZ_REQUIRE(entry_add(entry, "_UID=0", 6) == 0);
	FUZZ_REQUIRE(entry_event(entry, &back) == 0);
	FUZZ_REQUIRE(json_line(&again, &back) == 0);
	if (json->len != again.len || memcmp(json->data, again.data, json->len) != 0)
		fprintf(stderr, "sent: %sback: %s", json->data, again.data);
	FUZZ_REQUIRE(json->len == again.len &&
		     memcmp(json->data, again.data, json->len) == 0);
	entry_free(entry);
	buffer_free(&native);
	buffer_free(&work);
	buffer_free(&again);
}

void fuzz_require_event(const struct signal_event *ev)
{
	struct buffer out = { 0 };

	text_line(&out, ev);
	fuzz_require_shown(out.data, out.len, 1);
	FUZZ_REQUIRE(out.data[out.len - 1] == '\n');
	buffer_reset(&out);
	FUZZ_REQUIRE(json_line(&out, ev) == 0);
	require_json(&out);
	require_read_back(ev, &out);
	buffer_free(&out);
}
