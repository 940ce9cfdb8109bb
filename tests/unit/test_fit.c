/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/fit.h"

#include <string.h>

#include "suite.h"

#define WIDE "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" /* three characters, six columns */

static struct buffer out;

static void use_utf8(void)
{
	fit_begin(newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0));
}

static const char *fitted(const char *text, size_t tail, size_t width)
{
	buffer_reset(&out);
	fit_add(&out, text, strlen(text), tail, width);
	return out.data ? out.data : "";
}

static const char *folded(const char *text, size_t indent, size_t width)
{
	buffer_reset(&out);
	fit_fold(&out, text, strlen(text), indent, width);
	return out.data;
}

START_TEST(fit_counts_columns_and_not_bytes)
{
	use_utf8();
	ck_assert_uint_eq(fit_width("abc", 3), 3);
	ck_assert_uint_eq(fit_width(WIDE, strlen(WIDE)), 6);
	ck_assert_uint_eq(fit_width("e\xcc\x81", 3), 1); /* a combining accent */
	ck_assert_uint_eq(fit_width("", 0), 0);
	/* What was cut within a character. */
	ck_assert_uint_eq(fit_width(WIDE, 4), 3);
}
END_TEST

START_TEST(fit_cuts_the_middle_and_keeps_the_tail)
{
	use_utf8();
	ck_assert_str_eq(fitted("java[684]", 5, 9), "java[684]");
	ck_assert_str_eq(fitted("java[684]", 5, 8), "ja\u2026[684]");
	ck_assert_str_eq(fitted("java[684]", 5, 7), "j\u2026[684]");
	ck_assert_str_eq(fitted("java[684]", 5, 6), "java[\u2026");
	ck_assert_str_eq(fitted("java[684]", 0, 4), "jav\u2026");
	ck_assert_str_eq(fitted("java[684]", 5, 1), "\u2026");
	ck_assert_str_eq(fitted("java[684]", 5, 0), "");
	ck_assert_str_eq(fitted(WIDE "[1]", 3, 8), "\xe6\x97\xa5\xe6\x9c\xac\u2026[1]");
	ck_assert_str_eq(fitted(WIDE "[1]", 3, 7), "\xe6\x97\xa5\u2026[1]");
}
END_TEST

START_TEST(fit_folds_at_blanks)
{
	use_utf8();
	ck_assert_str_eq(folded("aa bb cc", 0, 5), "aa bb\ncc\n");
	ck_assert_str_eq(folded("aa bb cc", 2, 7), "aa bb\n  cc\n");
	ck_assert_str_eq(folded("aa bb cc", 2, 80), "aa bb cc\n");
	ck_assert_str_eq(folded("aa /a/long/path cc", 2, 7),
			 "aa\n  /a/long/path\n  cc\n");
	ck_assert_str_eq(folded("", 2, 7), "\n");
}
END_TEST

SUITE("fit", fit_counts_columns_and_not_bytes, fit_cuts_the_middle_and_keeps_the_tail,
      fit_folds_at_blanks)
