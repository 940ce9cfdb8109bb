/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/guard.h"

#include <errno.h>
#include <string.h>

#include "core/number.h"
#include "records.h"
#include "suite.h"

#define SEC   INT64_C(1000000)
#define STAMP (TIME_SEC * SEC + 487000)

#define REMOVE "auid=1000 ses=1 op=remove_rule key=\"sigtrail\" list=4 res=1"
#define ADD    "auid=1000 ses=1 op=add_rule key=\"sigtrail\" list=4 res=1"
#define THEIRS "auid=1000 ses=1 op=add_rule key=(null) list=4 res=1"
#define GONE   "auid=1000 ses=1 op=remove_rule key=(null) list=4 res=1"
#define OFF    "op=set audit_enabled=0 old=1 auid=1000 ses=1 res=1"
#define LOW    "op=set audit_backlog_limit=1 old=8192 auid=0 ses=1 res=1"
#define CALL   "syscall=44 pid=55 auid=1000 uid=0 comm=\"auditctl\" exe=\"/sbin/auditctl\""

struct written {
	struct signal_event events[16];
	char comm[16][32];
	char detail[16][64];
	size_t n;
};

static int collect(const struct signal_event *ev, void *userdata)
{
	struct written *w = userdata;

	ck_assert_uint_lt(w->n, 16);
	if (ev->trail.by.comm)
		strcpy(w->comm[w->n], ev->trail.by.comm);
	if (ev->trail.detail)
		strcpy(w->detail[w->n], ev->trail.detail);
	w->events[w->n++] = *ev;
	return 0;
}

static int refuse(const struct signal_event *ev, void *userdata)
{
	++*(int *)userdata;
	return -EAGAIN;
}

/* A guard to which one look at STAMP - 1 s, at 100 s, showed that all is well. */
static struct guard well(bool acts)
{
	struct guard guard;
	struct guard_found found = { STAMP - SEC, STAMP - SEC + 100 };

	guard_init(&guard, acts, true, "sigtrail", 100 * SEC);
	ck_assert_int_eq(guard_look_usec(&guard), 100 * SEC);
	ck_assert(!guard_found(&guard, &found, 100 * SEC).put_back);
	return guard;
}

static void see(struct guard *guard, const char *body, uint64_t serial, int64_t now_usec)
{
	struct record record = record_of(AUDIT_CONFIG_CHANGE, serial, body);

	guard_see(guard, &record, now_usec);
	record = record_of(AUDIT_SYSCALL, serial, CALL);
	guard_see(guard, &record, now_usec);
}

/* A look so long after STAMP. */
static struct guard_decision look(struct guard *guard, int matter, int64_t after_usec,
				  int64_t now_usec)
{
	struct guard_found found = { STAMP + after_usec, STAMP + after_usec + 10 };

	if (matter < GUARD_MATTERS) {
		found.wrong[matter] = true;
		strcpy(found.detail[matter], "this one");
	}
	return guard_found(guard, &found, now_usec);
}

START_TEST(guard_looks_once_a_minute_without_records)
{
	struct guard guard = well(true);

	guard_awake(&guard, 154 * SEC);
	ck_assert_int_eq(guard_deadline(&guard), 160 * SEC);
	guard_awake(&guard, 156 * SEC);
	ck_assert_int_eq(guard_deadline(&guard), 156 * SEC);
	guard_failed(&guard, 161 * SEC);
	ck_assert_int_eq(guard_deadline(&guard), 221 * SEC);
}
END_TEST

START_TEST(guard_waits_until_rules_have_settled_but_not_for_ever)
{
	struct guard guard = well(true);
	int64_t now = 110 * SEC;

	see(&guard, REMOVE, 5, now);
	guard_awake(&guard, now + 50 * SEC);
	ck_assert_int_eq(guard_look_usec(&guard), now + SEC / 10);
	for (int i = 0; i < 100; i++)
		see(&guard, ADD, 6, now += SEC / 20);
	ck_assert_int_eq(guard_look_usec(&guard), 112 * SEC);
}
END_TEST

START_TEST(guard_looks_at_once_when_auditing_goes_off_and_leaves_rules_that_settle)
{
	struct guard guard = well(true);
	struct guard_found found = { STAMP + 5, STAMP + 6 };
	struct guard_decision d;

	see(&guard, REMOVE, 5, 110 * SEC);
	see(&guard, OFF, 6, 110 * SEC + 1);
	ck_assert_int_eq(guard_look_usec(&guard), 110 * SEC + 1);
	found.wrong[GUARD_AUDIT] = found.wrong[GUARD_RULES] = true;
	d = guard_found(&guard, &found, 110 * SEC + 2);
	ck_assert(d.put_back && !d.rules);
	ck_assert_int_eq(guard_look_usec(&guard), 110 * SEC + SEC / 10);
	d = look(&guard, GUARD_RULES, SEC / 10, 110 * SEC + SEC / 10);
	ck_assert(d.put_back && d.rules);
}
END_TEST

START_TEST(guard_tells_the_span_from_the_record_to_the_return_and_who)
{
	struct guard guard = well(true);
	struct written w = { 0 };
	struct guard_decision d;

	see(&guard, REMOVE, 5, 110 * SEC);
	d = look(&guard, GUARD_RULES, 100000, 110 * SEC + 100000);
	ck_assert(d.put_back && d.rules && !d.gave_up);
	guard_put_back(&guard, 110 * SEC + 101000);
	d = look(&guard, GUARD_MATTERS, 101500, 110 * SEC + 102000);
	ck_assert(!d.put_back && !d.loaded_by_other);
	guard_write(&guard, STAMP, 111 * SEC, collect, &w);
	ck_assert_uint_eq(w.n, 0);
	guard_write(&guard, STAMP + 2 * SEC, 112 * SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].time_usec, STAMP + 2 * SEC);
	ck_assert_int_eq(w.events[0].trail.event, TRAIL_INCOMPLETE);
	ck_assert_int_eq(w.events[0].trail.cause, CAUSE_RULES_CHANGED);
	ck_assert_int_eq(w.events[0].trail.since_usec, STAMP);
	ck_assert_int_eq(w.events[0].trail.until_usec, STAMP + 101510);
	ck_assert_int_eq(w.events[0].trail.by.pid, 55);
	ck_assert_int_eq(w.events[0].trail.by.auid, 1000);
	ck_assert_str_eq(w.comm[0], "auditctl");
	ck_assert_str_eq(w.detail[0], "this one");
	guard_finish(&guard, STAMP + 9 * SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
}
END_TEST

START_TEST(guard_without_a_record_tells_the_span_from_the_last_good_look)
{
	struct guard guard = well(true);
	struct written w = { 0 };

	ck_assert(look(&guard, GUARD_AUDIT, 0, 160 * SEC).put_back);
	look(&guard, GUARD_MATTERS, 10, 160 * SEC);
	guard_write(&guard, STAMP, 900 * SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].trail.cause, CAUSE_AUDIT_DISABLED);
	ck_assert_int_eq(w.events[0].trail.since_usec, STAMP - SEC);
	ck_assert_int_eq(w.events[0].trail.by.pid, NUMBER_ABSENT);
}
END_TEST

START_TEST(guard_that_missed_records_trusts_no_other_record)
{
	struct guard guard = well(true);
	struct written w = { 0 };

	guard_missed(&guard, 110 * SEC);
	ck_assert_int_eq(guard_look_usec(&guard), 110 * SEC + SEC / 10);
	see(&guard, REMOVE, 5, 110 * SEC);
	look(&guard, GUARD_RULES, 100000, 110 * SEC + 100000);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	ck_assert_int_eq(w.events[0].trail.since_usec, STAMP - SEC);
}
END_TEST

START_TEST(guard_tells_of_rules_that_came_back_by_themselves)
{
	struct guard guard = well(true);
	struct written w = { 0 };
	struct guard_decision d;

	see(&guard, REMOVE, 5, 110 * SEC);
	see(&guard, ADD, 6, 110 * SEC);
	d = look(&guard, GUARD_MATTERS, 100000, 110 * SEC + 100000);
	ck_assert(!d.put_back && d.loaded_by_other);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].trail.since_usec, STAMP);
	ck_assert_int_eq(w.events[0].trail.until_usec, STAMP + 100010);
	ck_assert_int_eq(w.events[0].trail.event, TRAIL_INCOMPLETE);
}
END_TEST

START_TEST(guard_takes_a_rule_of_another_of_us_that_goes_for_nothing)
{
	struct guard guard = well(true);
	struct written w = { 0 };

	see(&guard, ADD, 5, 110 * SEC);
	see(&guard, REMOVE, 6, 110 * SEC);
	look(&guard, GUARD_MATTERS, 100000, 110 * SEC + 100000);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	ck_assert_uint_eq(w.n, 0);
}
END_TEST

static uint32_t spans_of_a_rule_that_went(int64_t looked_usec, const char *add,
					  const char *remove)
{
	struct guard guard = well(true);
	struct written w = { 0 };

	see(&guard, add, 5, 110 * SEC);
	if (looked_usec != NUMBER_ABSENT)
		look(&guard, GUARD_MATTERS, looked_usec, 110 * SEC + 1);
	see(&guard, remove, 6, 110 * SEC + 2);
	look(&guard, GUARD_MATTERS, 100000, 110 * SEC + 100000);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	for (size_t i = 0; i < w.n; i++) {
		ck_assert_int_eq(w.events[i].trail.cause, CAUSE_RULES_SHADOWED);
		ck_assert_int_eq(w.events[i].trail.event, TRAIL_INCOMPLETE);
		ck_assert_int_eq(w.events[i].trail.since_usec, STAMP);
		ck_assert_int_eq(w.events[i].trail.until_usec, STAMP + 100010);
		ck_assert_str_eq(w.comm[i], "auditctl");
		ck_assert_ptr_nonnull(strstr(w.detail[i], "may have hidden"));
	}
	return w.n;
}

START_TEST(guard_tells_of_a_rule_in_front_that_came_and_went_unseen)
{
	ck_assert_uint_eq(spans_of_a_rule_that_went(NUMBER_ABSENT, THEIRS, GONE), 1);
	/* A look began when it may have been gone already. */
	ck_assert_uint_eq(spans_of_a_rule_that_went(0, THEIRS, GONE), 1);
}
END_TEST

START_TEST(guard_takes_a_rule_of_others_that_a_look_saw_in_no_ones_way_for_nothing)
{
	ck_assert_uint_eq(spans_of_a_rule_that_went(-5000, THEIRS, GONE), 0);
}
END_TEST

START_TEST(guard_takes_rules_of_lists_that_hide_nothing_for_nothing)
{
	ck_assert_uint_eq(spans_of_a_rule_that_went(NUMBER_ABSENT,
						    "op=add_rule key=\"x\" list=0 res=1",
						    "op=remove_rule key=\"x\" list=0 "
						    "res=1"),
			  0);
	ck_assert_uint_eq(spans_of_a_rule_that_went(NUMBER_ABSENT, GONE, GONE), 0);
}
END_TEST

START_TEST(guard_looks_at_once_at_a_rule_of_others_and_leaves_ours_until_they_settle)
{
	struct guard guard = well(true);
	struct guard_found found = { STAMP + 5, STAMP + 6 };
	struct written w = { 0 };
	struct guard_decision d;

	see(&guard, REMOVE, 5, 110 * SEC);
	see(&guard, THEIRS, 6, 110 * SEC + 1);
	ck_assert_int_eq(guard_look_usec(&guard), 110 * SEC + 1);
	found.wrong[GUARD_ORDER] = found.wrong[GUARD_RULES] = true;
	d = guard_found(&guard, &found, 110 * SEC + 2);
	ck_assert(!d.put_back);
	see(&guard, ADD, 7, 110 * SEC + 3);
	see(&guard, GONE, 8, 110 * SEC + 4);
	d = look(&guard, GUARD_MATTERS, 100000, 110 * SEC + 100004);
	ck_assert(!d.put_back && d.loaded_by_other);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_int_eq(w.events[0].trail.cause, CAUSE_RULES_CHANGED);
	ck_assert_int_eq(w.events[1].trail.cause, CAUSE_RULES_SHADOWED);
}
END_TEST

START_TEST(guard_looks_soon_again_when_it_was_put_off_and_counts_no_put_back)
{
	struct guard guard = well(true);

	for (int i = 0; i < 20; i++) {
		int64_t now = 110 * SEC + i * SEC / 10;
		struct guard_decision d = look(&guard, GUARD_RULES, 0, now);

		ck_assert(d.put_back && !d.gave_up);
		guard_put_off(&guard, now);
		ck_assert_int_eq(guard_look_usec(&guard), now + SEC / 10);
	}
}
END_TEST

START_TEST(guard_takes_changes_of_our_own_for_nothing)
{
	struct guard guard = well(true);
	struct written w = { 0 };

	guard_ours(&guard, STAMP - 1, STAMP + 1);
	/* Records of some changes may wait at a time. */
	guard_ours(&guard, STAMP + SEC, STAMP + SEC + 1);
	see(&guard, REMOVE, 5, 110 * SEC);
	see(&guard, ADD, 6, 110 * SEC);
	look(&guard, GUARD_MATTERS, 100000, 110 * SEC + 100000);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	ck_assert_uint_eq(w.n, 0);
}
END_TEST

START_TEST(guard_tells_the_span_that_we_ended_ourselves_and_takes_the_rules_for_ours)
{
	struct guard guard = well(true);
	struct record record = record_of(AUDIT_CONFIG_CHANGE, 5, REMOVE);
	struct written w = { 0 };
	struct guard_decision d;

	guard_ours(&guard, STAMP - 1, STAMP + 1);
	record.sec--;
	guard_see(&guard, &record, 110 * SEC);
	record = record_of(AUDIT_SYSCALL, 5, CALL);
	guard_see(&guard, &record, 110 * SEC);
	see(&guard, ADD, 6, 110 * SEC);
	d = look(&guard, GUARD_MATTERS, 100000, 110 * SEC + 100000);
	ck_assert(!d.put_back && !d.loaded_by_other);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].trail.since_usec, STAMP - SEC);
	ck_assert_str_eq(w.comm[0], "auditctl");
}
END_TEST

START_TEST(guard_tells_of_auditing_that_another_switched_on_again)
{
	struct guard guard = well(true);
	struct written w = { 0 };
	struct guard_decision d;

	see(&guard, OFF, 5, 110 * SEC);
	d = look(&guard, GUARD_MATTERS, 300, 110 * SEC + 300);
	ck_assert(d.enabled_by_other && !d.put_back);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].trail.since_usec, STAMP);
	ck_assert_int_eq(w.events[0].trail.until_usec, STAMP + 310);
}
END_TEST

START_TEST(guard_takes_a_late_record_of_what_is_back_for_its_begin)
{
	struct guard guard = well(true);
	struct written w = { 0 };

	ck_assert(look(&guard, GUARD_RULES, SEC, 160 * SEC).put_back);
	ck_assert(!look(&guard, GUARD_MATTERS, SEC + 100, 160 * SEC + 100).put_back);
	see(&guard, REMOVE, 5, 160 * SEC + 200);
	see(&guard, ADD, 6, 160 * SEC + 200);
	look(&guard, GUARD_MATTERS, 2 * SEC, 161 * SEC);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].trail.until_usec, STAMP + SEC + 110);
	ck_assert_str_eq(w.comm[0], "auditctl");
}
END_TEST

START_TEST(guard_gives_up_a_fight_with_one_warning_and_tries_again_ever_more_slowly)
{
	static const int64_t pauses[] = { 60, 120, 240, 480, 600, 600 };
	struct guard guard = well(true);
	int64_t now = 110 * SEC;
	int warnings = 0, put_backs = 0;

	for (int i = 0; i < 200; i++, now += SEC / 5) {
		struct guard_decision d = look(&guard, GUARD_RULES, now, now);

		warnings += d.gave_up;
		put_backs += d.put_back;
		if (d.put_back)
			guard_put_back(&guard, now);
	}
	ck_assert_int_eq(warnings, 1);
	ck_assert_int_eq(put_backs, 5);
	now = 111 * SEC;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		now += pauses[i] * SEC;
		ck_assert(!look(&guard, GUARD_RULES, now, now - 1).put_back);
		ck_assert_int_le(guard_look_usec(&guard), now + 60 * SEC);
		ck_assert(look(&guard, GUARD_RULES, now, now).put_back);
		guard_put_back(&guard, now);
	}
	ck_assert(!look(&guard, GUARD_MATTERS, now, now + 59 * SEC).holds);
	ck_assert(look(&guard, GUARD_MATTERS, now, now + 60 * SEC).holds);
	ck_assert(!look(&guard, GUARD_MATTERS, now, now + 61 * SEC).holds);
	ck_assert(look(&guard, GUARD_RULES, now, now + 62 * SEC).put_back);
}
END_TEST

START_TEST(guard_says_since_when_and_at_the_end_until_when)
{
	struct guard guard = well(false);
	struct written w = { 0 };

	see(&guard, REMOVE, 5, 110 * SEC);
	ck_assert(!look(&guard, GUARD_RULES, 100000, 110 * SEC + 100000).put_back);
	ck_assert_int_eq(guard_deadline(&guard), 111 * SEC + 100000);
	guard_write(&guard, STAMP, 111 * SEC + 100000, collect, &w);
	guard_write(&guard, STAMP, 200 * SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].trail.event, TRAIL_RULES);
	ck_assert_int_eq(w.events[0].trail.since_usec, STAMP);
	ck_assert_int_eq(w.events[0].trail.until_usec, NUMBER_ABSENT);
	ck_assert_str_eq(w.comm[0], "auditctl");
	guard_finish(&guard, STAMP + 7 * SEC, collect, &w);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_int_eq(w.events[1].trail.event, TRAIL_INCOMPLETE);
	ck_assert_int_eq(w.events[1].trail.since_usec, STAMP);
	ck_assert_int_eq(w.events[1].trail.until_usec, STAMP + 7 * SEC);
}
END_TEST

START_TEST(guard_puts_nothing_back_that_is_locked_or_others_rule)
{
	struct guard guard = well(true);
	struct guard_found found = { STAMP, STAMP, .locked = true };

	found.wrong[GUARD_RULES] = true;
	ck_assert(!guard_found(&guard, &found, 110 * SEC).put_back);
	ck_assert(!look(&guard, GUARD_ORDER, 5, 120 * SEC).put_back);
	guard_set(&guard, true, false);
	ck_assert(!look(&guard, GUARD_RULES, 5, 130 * SEC).put_back);
	ck_assert(look(&guard, GUARD_AUDIT, 5, 140 * SEC).put_back);
}
END_TEST

START_TEST(guard_tells_of_a_lower_backlog_limit_but_not_as_a_gap)
{
	struct guard guard = well(true);
	struct written w = { 0 };

	see(&guard, LOW, 5, 110 * SEC);
	ck_assert(look(&guard, GUARD_BACKLOG, 100000, 110 * SEC + 100000).put_back);
	look(&guard, GUARD_MATTERS, 100010, 110 * SEC + 100010);
	guard_finish(&guard, STAMP + SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(w.events[0].trail.event, TRAIL_RULES);
	ck_assert_int_eq(w.events[0].trail.cause, CAUSE_BACKLOG_LOWERED);
	ck_assert_str_eq(w.detail[0], "this one");
}
END_TEST

START_TEST(guard_keeps_an_entry_that_found_no_room)
{
	struct guard guard = well(true);
	struct written w = { 0 };
	int refused = 0;

	see(&guard, REMOVE, 5, 109 * SEC);
	look(&guard, GUARD_RULES, 100000, 110 * SEC);
	guard_write(&guard, STAMP, 111 * SEC, refuse, &refused);
	ck_assert_int_eq(refused, 1);
	guard_write(&guard, STAMP, 112 * SEC - 1, refuse, &refused);
	ck_assert_int_eq(refused, 1);
	guard_write(&guard, STAMP, 112 * SEC, collect, &w);
	ck_assert_uint_eq(w.n, 1);
	look(&guard, GUARD_MATTERS, 100010, 112 * SEC);
	guard_write(&guard, STAMP, 113 * SEC, refuse, &refused);
	ck_assert_int_eq(refused, 2);
	ck_assert_int_eq(guard_deadline(&guard), 114 * SEC);
	guard_write(&guard, STAMP, 114 * SEC, collect, &w);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_int_eq(w.events[1].trail.event, TRAIL_INCOMPLETE);
	ck_assert_str_eq(w.comm[1], "auditctl");
}
END_TEST

START_TEST(guard_makes_one_entry_a_second_of_a_storm)
{
	struct guard guard = well(true);
	struct written w = { 0 };

	for (int i = 0; i < 1000; i++) {
		int64_t now = 110 * SEC + i * 2000;

		see(&guard, REMOVE, 5 + (uint64_t)i, now);
		see(&guard, ADD, 6 + (uint64_t)i, now);
		look(&guard, GUARD_MATTERS, 100000 + i, now + 1);
		guard_write(&guard, STAMP, now + 1, collect, &w);
	}
	ck_assert_uint_le(w.n, 2);
}
END_TEST

SUITE("guard", guard_looks_once_a_minute_without_records,
      guard_waits_until_rules_have_settled_but_not_for_ever,
      guard_looks_at_once_when_auditing_goes_off_and_leaves_rules_that_settle,
      guard_tells_the_span_from_the_record_to_the_return_and_who,
      guard_without_a_record_tells_the_span_from_the_last_good_look,
      guard_that_missed_records_trusts_no_other_record,
      guard_tells_of_rules_that_came_back_by_themselves,
      guard_takes_a_rule_of_another_of_us_that_goes_for_nothing,
      guard_tells_of_a_rule_in_front_that_came_and_went_unseen,
      guard_takes_a_rule_of_others_that_a_look_saw_in_no_ones_way_for_nothing,
      guard_takes_rules_of_lists_that_hide_nothing_for_nothing,
      guard_looks_at_once_at_a_rule_of_others_and_leaves_ours_until_they_settle,
      guard_looks_soon_again_when_it_was_put_off_and_counts_no_put_back,
      guard_takes_changes_of_our_own_for_nothing,
      guard_tells_the_span_that_we_ended_ourselves_and_takes_the_rules_for_ours,
      guard_tells_of_auditing_that_another_switched_on_again,
      guard_takes_a_late_record_of_what_is_back_for_its_begin,
      guard_gives_up_a_fight_with_one_warning_and_tries_again_ever_more_slowly,
      guard_says_since_when_and_at_the_end_until_when,
      guard_puts_nothing_back_that_is_locked_or_others_rule,
      guard_tells_of_a_lower_backlog_limit_but_not_as_a_gap,
      guard_keeps_an_entry_that_found_no_room, guard_makes_one_entry_a_second_of_a_storm)
