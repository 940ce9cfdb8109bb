/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/buffer.h"

#include <stdint.h>
#include <string.h>

#include "suite.h"

START_TEST(buffer_grows_and_keeps_its_nul)
{
	struct buffer b = { 0 };

	for (int i = 0; i < 1000; i++)
		buffer_printf(&b, "%03d", i);
	ck_assert_uint_eq(b.len, 3000);
	ck_assert_uint_eq(strlen(b.data), 3000);
	ck_assert_int_eq(memcmp(b.data + 2997, "999", 3), 0);
	buffer_reset(&b);
	ck_assert_uint_eq(b.len, 0);
	ck_assert_str_eq(b.data, "");
	buffer_add(&b, "a\0b", 3);
	ck_assert_uint_eq(b.len, 3);
	ck_assert_int_eq(b.data[3], '\0');
	buffer_free(&b);
	ck_assert_ptr_null(b.data);
}
END_TEST

START_TEST(buffer_that_failed_drops_what_is_added_until_reset)
{
	struct buffer b = { 0 };

	buffer_add_string(&b, "kept");
	ck_assert_int_lt(buffer_reserve(&b, SIZE_MAX - 8), 0);
	ck_assert(b.failed);
	buffer_add_string(&b, "dropped");
	ck_assert_str_eq(b.data, "kept");
	buffer_reset(&b);
	buffer_add_string(&b, "again");
	ck_assert_str_eq(b.data, "again");
	buffer_free(&b);
}
END_TEST

SUITE("buffer", buffer_grows_and_keeps_its_nul,
      buffer_that_failed_drops_what_is_added_until_reset)
