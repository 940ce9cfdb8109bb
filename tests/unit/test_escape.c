/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/escape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

static struct buffer shown;

static const char *escaped(const char *data, size_t len)
{
	buffer_reset(&shown);
	escape_add(&shown, data, len);
	return shown.data;
}

static const char *name(const char *s)
{
	buffer_reset(&shown);
	escape_add_name(&shown, s, strlen(s));
	return shown.data;
}

#define ESCAPED(literal) escaped(literal, sizeof(literal) - 1)

START_TEST(escape_leaves_clean_utf8_alone)
{
	static const char text[] =
		" !\"#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~ \u00e4\u20ac\u65e5"
		"\U0001f600\u00a0\ufffd\U0010ffff";

	ck_assert_str_eq(ESCAPED(text), text);
}
END_TEST

START_TEST(escape_shows_controls_and_the_backslash)
{
	for (int c = 0; c < 0x20; c++) {
		char in[] = { 'a', c, 'b' };
		char out[16];

		snprintf(out, sizeof(out), "a\\x%02xb", c);
		ck_assert_str_eq(escaped(in, sizeof(in)), out);
	}
	ck_assert_str_eq(ESCAPED("\x7f"), "\\x7f");
	ck_assert_str_eq(ESCAPED("a\\x41"), "a\\x5cx41");
	ck_assert_str_eq(ESCAPED("\033[31m\n"), "\\x1b[31m\\x0a");
	ck_assert_str_eq(ESCAPED("\xc2\x80\xc2\x9b\xc2\x9f"),
			 "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f");
}
END_TEST

START_TEST(escape_shows_what_turns_or_breaks_a_line)
{
	static const char *const hidden[] = {
		"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b",
		"\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		char out[32] = "";

		for (const char *p = hidden[i]; *p; p++)
			snprintf(out + strlen(out), 5, "\\x%02x", (unsigned char)*p);
		ck_assert_str_eq(escaped(hidden[i], strlen(hidden[i])), out);
	}
	ck_assert_str_eq(ESCAPED("\u2027\u202f\u2065\u206a"), "\u2027\u202f\u2065\u206a");
}
END_TEST

START_TEST(escape_shows_bytes_that_are_no_utf8)
{
	ck_assert_str_eq(ESCAPED("\x80"), "\\x80");
	ck_assert_str_eq(ESCAPED("a\xff\xfe"), "a\\xff\\xfe");
	ck_assert_str_eq(ESCAPED("\xc0\xaf"), "\\xc0\\xaf");	      /* overlong */
	ck_assert_str_eq(ESCAPED("\xe0\x80\xaf"), "\\xe0\\x80\\xaf"); /* overlong */
	ck_assert_str_eq(ESCAPED("\xf0\x82\x82\xac"), "\\xf0\\x82\\x82\\xac");
	ck_assert_str_eq(ESCAPED("\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* surrogate */
	ck_assert_str_eq(ESCAPED("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	ck_assert_str_eq(ESCAPED("\xe2\x82"), "\\xe2\\x82"); /* cut */
	ck_assert_str_eq(ESCAPED("\xe2\x82z"), "\\xe2\\x82z");
	ck_assert_str_eq(ESCAPED("\xe2\xe2\x82\xac"), "\\xe2\u20ac");
	ck_assert_str_eq(ESCAPED("a\0b"), "a\\x00b");
	ck_assert_str_eq(escaped("\u20ac", 2), "\\xe2\\x82");
}
END_TEST

START_TEST(escape_puts_a_name_in_quotes_where_it_could_forge)
{
	ck_assert_str_eq(name("GC-worker"), "GC-worker");
	ck_assert_str_eq(name("kworker/0:1H"), "kworker/0:1H");
	ck_assert_str_eq(name("a b"), "\"a b\"");
	ck_assert_str_eq(name("a,b"), "\"a,b\"");
	ck_assert_str_eq(name("a[1]"), "\"a[1]\"");
	ck_assert_str_eq(name("]"), "\"]\"");
	ck_assert_str_eq(name("(sd-pam)"), "\"(sd-pam)\"");
	ck_assert_str_eq(name(")"), "\")\"");
	ck_assert_str_eq(name("say\"hi\""), "\"say\\x22hi\\x22\"");
	ck_assert_str_eq(name("x to init[1]"), "\"x to init[1]\"");
	ck_assert_str_eq(name("a\u00a0b"), "\"a\u00a0b\"");
	ck_assert_str_eq(name("a\u3000b"), "\"a\u3000b\"");
	ck_assert_str_eq(name("a\nb"), "a\\x0ab");
	ck_assert_str_eq(name("\xff b"), "\"\\xff b\"");
	ck_assert_str_eq(name(""), "\"\"");
}
END_TEST

START_TEST(escape_for_json_is_undone_to_the_same_bytes)
{
	struct buffer text = { 0 };
	struct buffer bytes = { 0 };
	char all[255 * 3];

	for (int c = 1; c < 256; c++) {
		all[3 * c - 3] = (char)c;
		all[3 * c - 2] = 'x';
		all[3 * c - 1] = (char)c;
	}
	escape_add_json(&text, all, sizeof(all));
	ck_assert_int_eq(escape_undo_json(&bytes, text.data, text.len), 0);
	ck_assert_uint_eq(bytes.len, sizeof(all));
	ck_assert_mem_eq(bytes.data, all, sizeof(all));
	buffer_reset(&text);
	escape_add_json(&text, "a\"b\\c\n\u00e4", 8);
	ck_assert_str_eq(text.data, "a\\\"b\\\\x5cc\\\\x0a\u00e4");
	buffer_free(&text);
	buffer_free(&bytes);
}
END_TEST

START_TEST(escape_undo_refuses_what_the_escaper_never_gives)
{
	static const char *const wrong[] = { "\\",	"\\n",	   "\\\\",    "\\\\x1",
					     "\\\\x1g", "\\\\xAB", "\\\\x00", "\\u0041" };
	struct buffer bytes = { 0 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(escape_undo_json(&bytes, wrong[i], strlen(wrong[i])) ==
				      -EBADMSG,
			      "%s", wrong[i]);
	buffer_free(&bytes);
}
END_TEST

SUITE("escape", escape_leaves_clean_utf8_alone, escape_shows_controls_and_the_backslash,
      escape_shows_what_turns_or_breaks_a_line, escape_shows_bytes_that_are_no_utf8,
      escape_puts_a_name_in_quotes_where_it_could_forge,
      escape_for_json_is_undone_to_the_same_bytes,
      escape_undo_refuses_what_the_escaper_never_gives)
