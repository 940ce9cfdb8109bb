/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/review.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "review_told.h"
#include "suite.h"

/* --- which signal --- */

START_TEST(review_blames_the_first_of_those_that_killed_a_dying_process)
{
	const struct signal_event *first;

	begins();
	first = sent(SIGTERM, END - 9000);
	sent(SIGTERM, END - 2000);
	dies(SIGTERM);
	ck_assert_word("killed-by");
	ck_assert_ptr_eq(verdict.signal, first);
}
END_TEST

START_TEST(review_does_not_blame_another_signal_than_the_status_names)
{
	begins();
	sent(SIGTERM, END - 9000);
	dies(SIGKILL);
	ck_assert_word("unknown-gap");
	ck_assert_ptr_null(verdict.signal);
}
END_TEST

START_TEST(review_does_not_blame_what_failed)
{
	begins();
	sent(SIGTERM, END - 9000)->result = EPERM;
	exits(143);
	ck_assert_word("own-exit");
}
END_TEST

START_TEST(review_does_not_blame_what_came_after_the_end)
{
	begins();
	exits(143);
	sent(SIGTERM, END + 50000);
	ck_assert_word("own-exit");
}
END_TEST

START_TEST(review_does_not_blame_what_an_earlier_incarnation_got)
{
	begins();
	sent(SIGTERM, START + 2 * SEC - 5000);
	tell(ENDING_MAIN_ENDED, START + 2 * SEC)->how = HOW_EXITED;
	tell(ENDING_STARTED, START + 2 * SEC + 100000);
	exits(143);
	ck_assert_word("own-exit");
	ck_assert_int_eq(verdict.n_ends, 2);
	ck_assert_int_eq(verdict.start_usec, START + 2 * SEC + 100000);
}
END_TEST

START_TEST(review_takes_a_stamp_from_just_before_the_start_is_told)
{
	begins();
	n--;
	sent(SIGTERM, START - 20000);
	tell(ENDING_STARTED, START);
	dies(SIGTERM);
	ck_assert_word("killed-by");
}
END_TEST

START_TEST(review_sees_who_made_it_signal_itself)
{
	const struct signal_event *first;
	struct signal_event *own;

	begins();
	first = sent(SIGTERM, END - 20 * SEC);
	own = sent(SIGTERM, END - 5000);
	own->sender.pid = own->target.pid;
	dies(SIGTERM);
	ck_assert_word("killed-by");
	ck_assert_ptr_eq(verdict.signal, first);
}
END_TEST

START_TEST(review_calls_an_abort_a_crash_and_a_sent_abort_not)
{
	struct signal_event *own;

	begins();
	own = sent(SIGABRT, END - 5000);
	own->sender.pid = own->target.pid;
	dies(SIGABRT);
	ck_assert_word("crashed");
	own->sender.pid = 10;
	ck_assert_word("killed-by");
}
END_TEST

START_TEST(review_takes_a_worker_s_death_only_right_before_the_end)
{
	struct signal_event *ev;

	begins();
	ev = sent(SIGTERM, END - 5000);
	line[n - 1] = (struct ancestor){ .pid = 20, .comm = "main" };
	ev->target.pid = 21;
	exits(143);
	ck_assert_word("exit-after-signal");
	ck_assert(verdict.to_child);
	ev->time_usec = items[2].time_usec = END - 300 * SEC;
	ck_assert_word("own-exit");
}
END_TEST

START_TEST(review_takes_an_answer_after_minutes_for_the_signal_that_the_status_names)
{
	struct signal_event *ev;

	begins();
	ev = sent(SIGTERM, END - 300 * SEC);
	exits(143);
	ck_assert_word("exit-after-signal");
	ev->signo = SIGHUP;
	ck_assert_word("own-exit");
}
END_TEST

START_TEST(review_needs_a_number_that_was_meant_for_another)
{
	struct signal_event *ev;

	begins();
	ev = sent(SIGTERM, END - 5000);
	dies(SIGTERM);
	ev->notes[ev->n_notes++] = "cross-unit";
	ck_assert_word("killed-by");
	ev->notes[ev->n_notes++] = "stale-pidfile=/var/lib/b/b.pid";
	ck_assert_word("wrong-number");
	/* Process 1 knows its processes. */
	ev->sender.pid = 1;
	ck_assert_word("killed-by");
}
END_TEST

/* --- the manager --- */

START_TEST(review_of_a_stop_that_somebody_s_sigkill_cut_short_blames_that)
{
	struct signal_event *ev;

	begins();
	tell(ENDING_STOPPING, END - 2 * SEC);
	sent(SIGTERM, END - 2 * SEC)->sender.pid = 1;
	ev = sent(SIGKILL, END - 9000);
	dies(SIGKILL);
	ck_assert_word("killed-by");
	ck_assert_ptr_eq(verdict.signal, ev);
	/* ExecStop= is the unit's own. */
	ev->sender.unit = UNIT;
	ck_assert_word("stopped-by-manager");
}
END_TEST

START_TEST(review_does_not_blame_the_manager_after_the_oom_killer)
{
	begins();
	tell(ENDING_UNIT_OOM, END - 9000);
	sent(SIGTERM, END - 5000)->sender.pid = 1;
	dies(SIGKILL);
	tell(ENDING_FAILED, END + 1000)->result = "oom-kill";
	ck_assert_word("oom");
	ck_assert_ptr_null(verdict.signal);
}
END_TEST

START_TEST(review_does_not_blame_the_oom_killer_for_a_later_death)
{
	begins();
	tell(ENDING_UNIT_OOM, END - 400 * SEC);
	sent(SIGKILL, END - 5000);
	dies(SIGKILL);
	ck_assert_word("killed-by");
}
END_TEST

START_TEST(review_does_not_take_a_refused_start_for_an_end)
{
	begins();
	sent(SIGKILL, END - 5000);
	dies(SIGKILL);
	tell(ENDING_FAILED, END + 1000)->result = "signal";
	tell(ENDING_STOPPED, END + 2000);
	tell(ENDING_FAILED, END + 3000)->result = "signal";
	ck_assert_word("killed-by");
	ck_assert_int_eq(verdict.n_ends, 1);
	ck_assert_int_eq(verdict.end_usec, END);
	n = 0;
	tell(ENDING_FAILED, END)->result = "start-limit-hit";
	ck_assert_word("nothing-known");
}
END_TEST

/* --- what the trail knows --- */

START_TEST(review_knows_of_an_own_exit_only_where_the_trail_is_complete)
{
	begins();
	exits(143);
	ck_assert_word("own-exit");
	ck_assert(verdict.complete);
	/* Switched on when the daemon started: older processes leave nothing. */
	events[0].trail.since_usec = 100 * SEC - 1000;
	ck_assert_word("unknown-gap");
	ck_assert_str_eq(gap_cause_name(&verdict.gaps[0]), "not-audited");
	events[0].trail.since_usec = NUMBER_ABSENT;
	ck_assert_word("unknown-gap");
}
END_TEST

START_TEST(review_trusts_a_record_of_process_1_that_all_leave_records)
{
	begins();
	events[0].trail.since_usec = NUMBER_ABSENT;
	sent(SIGCONT, START + SEC)->sender.pid = 1;
	exits(143);
	ck_assert_word("own-exit");
}
END_TEST

START_TEST(review_calls_a_status_that_no_signal_gives_the_program_s_own)
{
	begins();
	events[0].trail.since_usec = NUMBER_ABSENT;
	exits(1);
	ck_assert_word("own-exit");
	ck_assert(!verdict.complete);
}
END_TEST

START_TEST(review_sees_a_daemon_that_was_killed_without_a_word)
{
	begins();
	tell(ENDING_MAIN_ENDED, END - 10 * SEC)->unit = "sigtraild.service";
	items[n - 1].context = true;
	exits(143);
	ck_assert_word("unknown-gap");
	ck_assert_str_eq(gap_cause_name(&verdict.gaps[0]), "not-running");
	ck_assert_int_eq(verdict.gaps[0].since_usec, END - 10 * SEC);
}
END_TEST

START_TEST(review_takes_two_starts_in_a_row_for_a_gap)
{
	begins();
	trail(TRAIL_STARTED, END - 10 * SEC);
	exits(143);
	ck_assert_word("unknown-gap");
}
END_TEST

START_TEST(review_takes_the_daemon_s_word_for_how_long_it_was_gone)
{
	struct signal_event *ev;

	begins();
	ev = trail(TRAIL_INCOMPLETE, END - 10 * SEC);
	ev->trail.cause = CAUSE_NOT_RUNNING;
	ev->trail.since_usec = END - 12 * SEC;
	ev->trail.until_usec = END - 10 * SEC;
	trail(TRAIL_STARTED, END - 10 * SEC);
	exits(143);
	ck_assert_word("unknown-gap");
	ck_assert_uint_eq(verdict.n_gaps, 1);
	ck_assert_str_eq(gap_cause_name(&verdict.gaps[0]), "not-running");
	ck_assert_int_eq(verdict.gaps[0].since_usec, END - 12 * SEC);
	ck_assert_int_eq(verdict.gaps[0].until_usec, END - 10 * SEC);
}
END_TEST

START_TEST(review_takes_the_daemon_s_word_for_who_is_unseen)
{
	begins();
	events[0].trail.since_usec = NUMBER_ABSENT;
	events[0].trail.unseen = UNSEEN_NOTHING;
	exits(143);
	ck_assert_word("own-exit");
	ck_assert(verdict.complete);
	events[0].trail.since_usec = 90 * SEC;
	events[0].trail.unseen = UNSEEN_OLDER;
	ck_assert_word("unknown-gap");
	ck_assert_str_eq(gap_cause_name(&verdict.gaps[0]), "not-audited");
}
END_TEST

START_TEST(review_counts_a_loss_only_where_it_touches_the_last_stretch)
{
	struct signal_event *ev;

	begins();
	exits(143);
	ev = trail(TRAIL_INCOMPLETE, END + SEC);
	ev->trail.cause = CAUSE_SOCKET_OVERRUN;
	ev->trail.since_usec = END - SEC;
	ev->trail.until_usec = END + SEC;
	ck_assert_word("unknown-gap");
	ck_assert_str_eq(gap_cause_name(&verdict.gaps[0]), "socket-overrun");
	ev->trail.since_usec = END - 100 * SEC;
	ev->trail.until_usec = END - 91 * SEC;
	ck_assert_word("own-exit");
}
END_TEST

START_TEST(review_takes_what_was_spoiled_and_not_put_back_for_a_gap_to_the_end)
{
	struct signal_event *ev;

	begins();
	ev = trail(TRAIL_RULES, END - 300 * SEC);
	ev->trail.cause = CAUSE_RULES_CHANGED;
	ev->trail.since_usec = END - 301 * SEC;
	exits(143);
	ck_assert_word("unknown-gap");
	ck_assert_uint_eq(verdict.n_gaps, 1);
	ck_assert_str_eq(gap_cause_name(&verdict.gaps[0]), "rules-changed");
	ck_assert_int_eq(verdict.gaps[0].since_usec, END - 301 * SEC);
	ck_assert_int_eq(verdict.gaps[0].until_usec, NUMBER_ABSENT);
	ev->trail.cause = CAUSE_BACKLOG_LOWERED;
	ck_assert_word("own-exit");
}
END_TEST

START_TEST(review_takes_what_was_put_back_for_a_gap_only_meanwhile)
{
	struct signal_event *ev;

	begins();
	ev = trail(TRAIL_RULES, END - 300 * SEC);
	ev->trail.cause = CAUSE_RULES_SHADOWED;
	ev->trail.since_usec = END - 301 * SEC;
	ev = trail(TRAIL_INCOMPLETE, END - 200 * SEC);
	ev->trail.cause = CAUSE_RULES_SHADOWED;
	ev->trail.since_usec = END - 301 * SEC;
	ev->trail.until_usec = END - 201 * SEC;
	exits(143);
	ck_assert_word("own-exit");
	ev->trail.until_usec = END - 20 * SEC;
	ck_assert_word("unknown-gap");
	ck_assert_uint_eq(verdict.n_gaps, 1);
	ck_assert_str_eq(gap_cause_name(&verdict.gaps[0]), "rules-shadowed");
}
END_TEST

START_TEST(review_ends_what_was_spoiled_with_the_daemon_that_told_it)
{
	struct signal_event *ev;

	begins();
	ev = trail(TRAIL_RULES, END - 300 * SEC);
	ev->trail.cause = CAUSE_RULES_CHANGED;
	ev->trail.since_usec = END - 301 * SEC;
	trail(TRAIL_STOPPED, END - 250 * SEC);
	trail(TRAIL_STARTED, END - 200 * SEC);
	exits(143);
	ck_assert_word("own-exit");
}
END_TEST

START_TEST(review_with_too_many_signals_to_look_at_all_of_them_says_so)
{
	begins();
	cut_usec = END - 10 * SEC;
	exits(143);
	ck_assert_word("unknown-gap");
	ck_assert_str_eq(gap_cause_name(&verdict.gaps[0]), "too-many-events");
	cut_usec = END - 91 * SEC;
	ck_assert_word("own-exit");
	cut_usec = NUMBER_ABSENT;
}
END_TEST

/* --- other subjects --- */

START_TEST(review_of_a_pid_takes_the_unit_s_end_only_for_its_main_process)
{
	begins();
	sent(SIGKILL, END - 5000);
	dies(SIGKILL);
	ck_assert_int_eq(judge_as(SUBJECT_PID, 20), VERDICT_KILLED_BY);
	ck_assert_int_eq(verdict.end_usec, END);
	line[2] = (struct ancestor){ .pid = 20, .comm = "main" };
	ck_assert_int_eq(judge_as(SUBJECT_PID, 20), VERDICT_KILLED_BY);
	ck_assert_int_eq(verdict.end_usec, END - 5000);
}
END_TEST

START_TEST(review_of_a_pid_that_acted_later_knows_no_end)
{
	begins();
	n--;
	line[n] = (struct ancestor){ .pid = 20, .comm = "main" };
	sent(SIGHUP, START)->target.ancestry.n = 0;
	ck_assert_int_eq(judge_as(SUBJECT_PID, 20), VERDICT_KILLED_BY);
	sent(SIGCHLD, END)->target.ancestry.n = 0;
	ck_assert_int_eq(judge_as(SUBJECT_PID, 20), VERDICT_NOTHING_KNOWN);
}
END_TEST

START_TEST(review_of_a_unit_that_was_started_again_is_about_its_last_end)
{
	begins();
	sent(SIGKILL, END - 5000);
	dies(SIGKILL);
	tell(ENDING_STARTED, END + SEC);
	ck_assert_word("killed-by");
	ck_assert_int_eq(verdict.again_usec, END + SEC);
	begins();
	sent(SIGHUP, START + SEC);
	ck_assert_word("alive");
}
END_TEST

SUITE("review", review_blames_the_first_of_those_that_killed_a_dying_process,
      review_does_not_blame_another_signal_than_the_status_names,
      review_does_not_blame_what_failed, review_does_not_blame_what_came_after_the_end,
      review_does_not_blame_what_an_earlier_incarnation_got,
      review_takes_a_stamp_from_just_before_the_start_is_told,
      review_sees_who_made_it_signal_itself,
      review_calls_an_abort_a_crash_and_a_sent_abort_not,
      review_takes_a_worker_s_death_only_right_before_the_end,
      review_takes_an_answer_after_minutes_for_the_signal_that_the_status_names,
      review_needs_a_number_that_was_meant_for_another,
      review_of_a_stop_that_somebody_s_sigkill_cut_short_blames_that,
      review_does_not_blame_the_manager_after_the_oom_killer,
      review_does_not_blame_the_oom_killer_for_a_later_death,
      review_does_not_take_a_refused_start_for_an_end,
      review_knows_of_an_own_exit_only_where_the_trail_is_complete,
      review_takes_the_daemon_s_word_for_how_long_it_was_gone,
      review_takes_the_daemon_s_word_for_who_is_unseen,
      review_trusts_a_record_of_process_1_that_all_leave_records,
      review_calls_a_status_that_no_signal_gives_the_program_s_own,
      review_sees_a_daemon_that_was_killed_without_a_word,
      review_takes_two_starts_in_a_row_for_a_gap,
      review_counts_a_loss_only_where_it_touches_the_last_stretch,
      review_takes_what_was_spoiled_and_not_put_back_for_a_gap_to_the_end,
      review_takes_what_was_put_back_for_a_gap_only_meanwhile,
      review_ends_what_was_spoiled_with_the_daemon_that_told_it,
      review_with_too_many_signals_to_look_at_all_of_them_says_so,
      review_of_a_pid_takes_the_unit_s_end_only_for_its_main_process,
      review_of_a_pid_that_acted_later_knows_no_end,
      review_of_a_unit_that_was_started_again_is_about_its_last_end)
