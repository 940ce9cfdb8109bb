/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/finding.h"

#include <jansson.h>
#include <string.h>

#include "suite.h"

START_TEST(finding_is_a_line_and_an_object)
{
	static struct findings found;
	struct buffer out = { 0 };

	found.n = 0;
	ck_assert_int_eq(finding_worst(&found), FINDING_OK);
	finding_add(&found, FINDING_OK, "lost", "%d lost", 0);
	finding_add(&found, FINDING_WARNING, "backlog", "is %s", "low");
	finding_advise(&found, "raise it to %d", 8192);
	ck_assert_int_eq(finding_worst(&found), FINDING_WARNING);
	finding_text(&out, &found.of[0]);
	finding_text(&out, &found.of[1]);
	ck_assert_str_eq(out.data, "ok        lost           0 lost\n"
				   "warning   backlog        is low; raise it to 8192\n");
	buffer_reset(&out);
	ck_assert_int_eq(finding_json(&out, &found), 0);
	ck_assert_str_eq(out.data, "{\"status\":\"warning\",\"checks\":["
				   "{\"check\":\"lost\",\"status\":\"ok\",\"text\":"
				   "\"0 lost\"},{\"check\":\"backlog\",\"status\":"
				   "\"warning\",\"text\":\"is low\",\"advice\":"
				   "\"raise it to 8192\"}]}");
	buffer_free(&out);
}
END_TEST

START_TEST(finding_that_could_not_be_told_is_worse_than_a_warning)
{
	static struct findings found;

	found.n = 0;
	finding_add(&found, FINDING_UNCHECKED, "a", "?");
	finding_add(&found, FINDING_WARNING, "b", "!");
	ck_assert_int_eq(finding_worst(&found), FINDING_UNCHECKED);
	finding_add(&found, FINDING_PROBLEM, "c", "!");
	ck_assert_int_eq(finding_worst(&found), FINDING_PROBLEM);
}
END_TEST

START_TEST(finding_that_is_cut_is_still_text)
{
	char text[2 * FINDING_TEXT_BYTES];
	static struct findings found;
	struct buffer out = { 0 };

	found.n = 0;
	for (size_t shift = 0; shift < 3; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 3 < sizeof(text); i += 3)
			memcpy(text + i, "\xe2\x82\xac", 4);
		finding_add(&found, FINDING_OK, "euro", "x%s", text);
	}
	ck_assert_int_eq(finding_json(&out, &found), 0);
	buffer_free(&out);
}
END_TEST

START_TEST(finding_too_many_stay_in_their_room)
{
	static struct findings found;

	found.n = 0;
	for (int i = 0; i < FINDINGS_MAX + 5; i++)
		finding_add(&found, FINDING_OK, "n", "%d", i);
	ck_assert_uint_eq(found.n, FINDINGS_MAX);
}
END_TEST

SUITE("finding", finding_is_a_line_and_an_object,
      finding_that_could_not_be_told_is_worse_than_a_warning,
      finding_that_is_cut_is_still_text, finding_too_many_stay_in_their_room)
