/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/patience.h"

#include "suite.h"

START_TEST(patience_grows_while_all_records_are_others)
{
	struct patience patience = { .roomy = true };

	ck_assert(!patience_is_busy(&patience, 0));
	patience_see(&patience, false, 7);
	ck_assert_int_eq(patience.usec, 2000);
	patience_see(&patience, true, 7);
	ck_assert_int_eq(patience.usec, 4000);
	for (int i = 0; i < 9; i++)
		patience_see(&patience, true, 7);
	ck_assert_int_eq(patience.usec, 8000);
	ck_assert(patience_is_busy(&patience, 15999));
	ck_assert(!patience_is_busy(&patience, 16000));
}
END_TEST

START_TEST(patience_is_short_again_with_an_event_of_ours_and_after_a_pause)
{
	struct patience patience = { .roomy = true, .usec = 8000, .events = 7 };

	patience_see(&patience, true, 8);
	ck_assert_int_eq(patience.usec, 2000);
	patience_see(&patience, true, 8);
	ck_assert_int_eq(patience.usec, 4000);
	patience_see(&patience, false, 8);
	ck_assert_int_eq(patience.usec, 2000);
}
END_TEST

START_TEST(patience_is_short_where_the_buffer_is_small)
{
	struct patience patience = { 0 };

	for (int i = 0; i < 9; i++)
		patience_see(&patience, true, 7);
	ck_assert_int_eq(patience.usec, 2000);
}
END_TEST

SUITE("patience", patience_grows_while_all_records_are_others,
      patience_is_short_again_with_an_event_of_ours_and_after_a_pause,
      patience_is_short_where_the_buffer_is_small)
