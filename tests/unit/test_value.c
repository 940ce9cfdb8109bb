/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/value.h"

#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "suite.h"

static struct value_strings strings;

static void check(const char *value, const char *want, size_t len)
{
	struct bytes b = value_string(&strings, value);

	ck_assert_ptr_nonnull(b.data);
	ck_assert_uint_eq(b.len, len);
	ck_assert_int_eq(memcmp(b.data, want, len), 0);
	ck_assert_int_eq(b.data[len], '\0');
}

START_TEST(value_string_reads_quotes_hex_and_plain_words)
{
	strings.used = 0;
	check("\"sh\"", "sh", 2);
	check("\"\"", "", 0);
	check("6120\x62", "6120b", 5);
	check("2E2F7300612062", "./s\0a b", 7);
	check("6a6B", "jk", 2);
	check("616", "616", 3);
	check("plain", "plain", 5);
	check("\"", "\"", 1);
}
END_TEST

START_TEST(value_string_is_absent_where_the_kernel_has_none)
{
	strings.used = 0;
	ck_assert_ptr_null(value_string(&strings, "(null)").data);
	ck_assert_ptr_null(value_string(&strings, "(none)").data);
	ck_assert_ptr_null(value_word(&strings, "?"));
	ck_assert_uint_eq(strings.used, 0);
	/* A process may call itself so: then the kernel quotes it. */
	check("\"(null)\"", "(null)", 6);
}
END_TEST

START_TEST(value_word_is_never_hex)
{
	strings.used = 0;
	ck_assert_str_eq(value_word(&strings, "abcd"), "abcd");
}
END_TEST

START_TEST(value_strings_are_bounded)
{
	char *large = malloc(sizeof(strings.data) + 1);

	memset(large, 'z', sizeof(strings.data));
	large[sizeof(strings.data)] = '\0';
	strings.used = 0;
	ck_assert_ptr_null(value_string(&strings, large).data);
	large[sizeof(strings.data) - 1] = '\0';
	ck_assert_ptr_nonnull(value_string(&strings, large).data);
	ck_assert_ptr_null(value_string(&strings, "z").data);
	free(large);
}
END_TEST

START_TEST(value_numbers_are_whole)
{
	uint64_t n;

	ck_assert(value_number("ffffc6d5", 16, &n) && n == 0xffffc6d5);
	ck_assert(!value_number("", 10, &n));
	ck_assert(!value_number("12x", 10, &n));
	ck_assert(!value_number("99999999999999999999", 10, &n));
	/* 2^64 less than 5. */
	ck_assert(!value_number("-18446744073709551611", 10, &n));
	ck_assert(!value_number(" 5", 10, &n));
	ck_assert_int_eq(value_id("1000"), 1000);
	ck_assert_int_eq(value_id("4294967295"), NUMBER_ABSENT);
	ck_assert_int_eq(value_id("-1"), NUMBER_ABSENT);
	ck_assert_int_eq(value_settable_id("-1"), NUMBER_NULL);
	ck_assert_int_eq(value_settable_id("4294967295"), NUMBER_NULL);
	ck_assert_int_eq(value_settable_id("0"), 0);
	ck_assert_int_eq(value_settable_id("x"), NUMBER_ABSENT);
}
END_TEST

SUITE("value", value_string_reads_quotes_hex_and_plain_words,
      value_string_is_absent_where_the_kernel_has_none, value_word_is_never_hex,
      value_strings_are_bounded, value_numbers_are_whole)
