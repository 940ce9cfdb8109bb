/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ancestry.h"

#include <string.h>

#include "core/fields.h"
#include "core/filter.h"
#include "core/json.h"
#include "suite.h"

static const struct ancestor line[] = {
	{ 4310, "sh", "/usr/bin/dash", "cron.service" },
	{ 500, NULL, "/usr/sbin/cron", NULL },
	{ 7, "a b\n", NULL, NULL },
	{ 1, NULL, NULL, "init.scope" },
};

static struct signal_event event(void)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, 0);
	ev.sender.pid = 4312;
	ev.sender.comm = "pkill";
	ev.sender.ancestry = (struct ancestry){ line, 4 };
	return ev;
}

START_TEST(ancestry_line_begins_with_the_process_and_is_escaped)
{
	struct signal_event ev = event();
	struct buffer out = { 0 };

	ancestry_add_line(&out, &ev.sender);
	ck_assert_str_eq(out.data, "pkill[4312] < sh[4310] < cron[500] < \"a b\\x0a\"[7] "
				   "< process[1]");
	buffer_free(&out);
}
END_TEST

START_TEST(ancestry_in_json_has_what_is_known)
{
	static const char expected[] =
		"[{\"pid\":4310,\"comm\":\"sh\",\"exe\":\"/usr/bin/dash\",\"unit\":"
		"\"cron.service\"},{\"pid\":500,\"exe\":\"/usr/sbin/cron\"},{\"pid\":7,"
		"\"comm\":\"a b\\\\x0a\"},{\"pid\":1,\"unit\":\"init.scope\"}]";
	struct signal_event ev = event();
	struct buffer out = { 0 };

	ck_assert_int_eq(json_ancestry(&out, &ev.sender.ancestry), 0);
	ck_assert_str_eq(out.data, expected);
	buffer_reset(&out);
	ck_assert_int_eq(json_line(&out, &ev), 0);
	ck_assert_ptr_nonnull(strstr(out.data, expected));
	ck_assert_ptr_nonnull(strstr(out.data, "\"comm\":\"pkill\",\"ancestry\":["));
	buffer_free(&out);
}
END_TEST

START_TEST(ancestry_is_absent_where_there_is_none)
{
	struct signal_event ev = event();
	struct field_value value;

	field_get(field_find("sender.ancestry"), &ev, &value);
	ck_assert_int_eq(value.type, VALUE_ANCESTRY);
	ck_assert_ptr_eq(value.party, &ev.sender);
	ev.sender.ancestry.n = 0;
	field_get(field_find("sender.ancestry"), &ev, &value);
	ck_assert_int_eq(value.type, VALUE_ABSENT);
	ev.has_target = true;
	ev.target.ancestry = (struct ancestry){ line, 1 };
	field_get(field_find("target.ancestry"), &ev, &value);
	ck_assert_ptr_eq(value.party, &ev.target);
}
END_TEST

START_TEST(ancestry_is_matched_by_any_name)
{
	struct signal_event ev = event();
	struct filter *filter = NULL;
	struct reason reason;

	ck_assert_int_eq(filter_parse(&filter, "sender.ancestry=s*", &reason), 0);
	ck_assert(filter_match(filter, &ev));
	ev.sender.ancestry.of++;
	ev.sender.ancestry.n--;
	ck_assert(!filter_match(filter, &ev));
	filter_free(filter);
}
END_TEST

SUITE("ancestry", ancestry_line_begins_with_the_process_and_is_escaped,
      ancestry_in_json_has_what_is_known, ancestry_is_absent_where_there_is_none,
      ancestry_is_matched_by_any_name)
