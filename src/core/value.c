/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/value.h"

#include <string.h>

#include "core/number.h"

#define UNSET_ID UINT32_MAX

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool is_hex(const char *text, size_t len)
{
	if (len == 0 || len % 2)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (hex_digit(text[i]) < 0)
			return false;
	}
	return true;
}

static bool is_absent(const char *value)
{
	if (value[0] != '(')
		return !strcmp(value, "?");
	return !strcmp(value, "(null)") || !strcmp(value, "(none)");
}

/* Room for len bytes and a NUL, NULL if there is none. */
static char *take(struct value_strings *strings, size_t len)
{
	char *room = strings->data + strings->used;

	if (len >= sizeof(strings->data) - strings->used)
		return NULL;
	strings->used += len + 1;
	room[len] = '\0';
	return room;
}

static struct bytes take_copy(struct value_strings *strings, const char *data, size_t len)
{
	char *out = take(strings, len);

	if (out)
		memcpy(out, data, len);
	return (struct bytes){ out, out ? len : 0 };
}

static struct bytes take_hex(struct value_strings *strings, const char *hex, size_t len)
{
	char *out = take(strings, len / 2);

	for (size_t i = 0; out && i < len / 2; i++)
		out[i] = (char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	return (struct bytes){ out, out ? len / 2 : 0 };
}

struct bytes value_string(struct value_strings *strings, const char *value)
{
	size_t len = strlen(value);

	if (is_absent(value))
		return (struct bytes){ NULL, 0 };
	if (len >= 2 && value[0] == '"' && value[len - 1] == '"')
		return take_copy(strings, value + 1, len - 2);
	if (is_hex(value, len))
		return take_hex(strings, value, len);
	return take_copy(strings, value, len);
}

const char *value_word(struct value_strings *strings, const char *value)
{
	return is_absent(value) ? NULL : take_copy(strings, value, strlen(value)).data;
}

bool value_number(const char *value, int base, uint64_t *number)
{
	uint64_t n = 0;
	const char *at;

	/* SECCOMP's code, of all hexadecimal numbers. */
	if (base == 16 && value[0] == '0' && value[1] == 'x')
		value += 2;
	for (at = value; *at; at++) {
		const int digit = hex_digit(*at);

		if (digit < 0 || digit >= base ||
		    __builtin_mul_overflow(n, (uint64_t)base, &n) ||
		    __builtin_add_overflow(n, (uint64_t)digit, &n))
			return false;
	}
	*number = n;
	return at != value;
}

int64_t value_id(const char *value)
{
	uint64_t n;

	return value_number(value, 10, &n) && n < UNSET_ID ? (int64_t)n : NUMBER_ABSENT;
}

int64_t value_settable_id(const char *value)
{
	if (!strcmp(value, "-1") || !strcmp(value, "4294967295"))
		return NUMBER_NULL;
	return value_id(value);
}
