/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/reason.h"

#include <string.h>

#include "suite.h"

START_TEST(reason_that_fits_is_whole)
{
	struct reason reason;
	char text[sizeof(reason.text)];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	reason_set(&reason, "%s", text);
	ck_assert_str_eq(reason.text, text);
	reason_set(NULL, "nobody asks");
}
END_TEST

START_TEST(reason_that_is_too_long_ends_with_a_whole_character)
{
	struct reason reason;
	char text[2 * sizeof(reason.text)];

	/* So that the room ends after each of the bytes of a character. */
	for (size_t before = 0; before < 4; before++) {
		size_t len = before;

		memset(text, 'a', before);
		while (len + 4 < sizeof(text)) {
			memcpy(text + len, "\xf0\x9f\x90\x9f", 4);
			len += 4;
		}
		text[len] = '\0';
		reason_set(&reason, "%s", text);
		len = strlen(reason.text);
		ck_assert_uint_lt(sizeof(reason.text) - len, 5);
		ck_assert_str_eq(reason.text + len - 3, "...");
		ck_assert_uint_eq((len - 3 - before) % 4, 0);
		ck_assert_int_eq(memcmp(reason.text, text, len - 3), 0);
	}
}
END_TEST

SUITE("reason", reason_that_fits_is_whole,
      reason_that_is_too_long_ends_with_a_whole_character)
