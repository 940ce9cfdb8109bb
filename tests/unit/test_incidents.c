/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Incidents that several causes could explain: what is blamed, and what is not denied. */
#include "core/review.h"

#include <signal.h>
#include <string.h>

#include "core/review_words.h"
#include "review_told.h"
#include "suite.h"

static void below_main(struct signal_event *ev)
{
	line[n - 1] = (struct ancestor){ .pid = 20, .comm = "main" };
	ev->target.pid = 21;
}

/* Do the sentences of the verdict say that? */
static bool says(const char *words)
{
	const struct review review = {
		.subject = { .kind = SUBJECT_UNIT, .name = UNIT, .unit = UNIT },
		.items = items,
		.n_items = n,
	};
	const struct review_show show = { .clock = &text_utc };
	struct buffer out = { 0 };
	bool found;

	review_add_verdict(&out, &review, &verdict, &show);
	found = strstr(out.data, words) != NULL;
	buffer_free(&out);
	return found;
}

static void ends_well(void)
{
	tell(ENDING_SUCCEEDED, END);
}

START_TEST(incident_of_a_slow_end_is_put_down_to_the_request)
{
	begins();
	sent(SIGTERM, END - 30 * SEC);
	ends_well();
	ck_assert_word("exit-after-signal");
	begins();
	sent(SIGTERM, END - 30 * SEC);
	exits(1);
	ck_assert_word("exit-after-signal");
	begins();
	sent(SIGTERM, END - 300 * SEC);
	exits(1);
	ck_assert_word("own-exit");
}
END_TEST

START_TEST(incident_of_a_reload_long_before_is_an_own_exit_that_is_not_denied_the_signal)
{
	struct signal_event *ev;

	begins();
	ev = sent(SIGHUP, END - 30 * SEC);
	exits(1);
	ck_assert_word("own-exit");
	ck_assert_ptr_eq(verdict.other, ev);
	ck_assert(says("It had got SIGHUP, sent by"));
	ck_assert(!says("Nothing sent it"));
	ck_assert_uint_eq(verdict.n_evidence, 2);
}
END_TEST

START_TEST(incident_of_a_killed_worker_is_told_with_the_main_process_s_own_exit)
{
	begins();
	below_main(sent(SIGKILL, END - SEC));
	exits(1);
	ck_assert_word("own-exit");
	ck_assert(says("One of its processes, "));
	ck_assert(!says("Nothing sent it"));
}
END_TEST

START_TEST(incident_after_systemctl_kill_of_log_rotation_is_an_own_exit)
{
	begins();
	tell(ENDING_CLIENT_KILLS, END - 400 * SEC)->signo = SIGUSR1;
	ends_well();
	ck_assert_word("own-exit");
	begins();
	tell(ENDING_CLIENT_KILLS, END - 400 * SEC)->signo = SIGTERM;
	ends_well();
	ck_assert_word("own-exit");
	begins();
	tell(ENDING_CLIENT_KILLS, END - SEC)->signo = SIGTERM;
	ends_well();
	ck_assert_word("killed-by");
}
END_TEST

START_TEST(incident_of_another_signal_by_the_manager_is_not_the_client_s)
{
	begins();
	tell(ENDING_CLIENT_KILLS, END - 400 * SEC)->signo = SIGUSR1;
	sent(SIGTERM, END - 5000)->sender.pid = 1;
	dies(SIGTERM);
	ck_assert_word("killed-by");
	ck_assert_ptr_null(verdict.request);
}
END_TEST

START_TEST(incident_of_a_crash_on_the_way_down_is_a_crash)
{
	begins();
	tell(ENDING_STOPPING, END - SEC);
	sent(SIGTERM, END - SEC)->sender.pid = 1;
	dies(SIGSEGV);
	ck_assert_word("crashed");
	ck_assert(says("was stopping it when that happened"));
	/* KillSignal=SIGABRT. */
	begins();
	tell(ENDING_STOPPING, END - SEC);
	sent(SIGABRT, END - SEC)->sender.pid = 1;
	dies(SIGABRT);
	ck_assert_word("stopped-by-manager");
	/* KillSignal=SIGQUIT, process 1 leaves no records. */
	begins();
	tell(ENDING_STOPPING, END - SEC);
	dies(SIGQUIT);
	ck_assert_word("stopped-by-manager");
	/* TimeoutStopFailureMode=abort. */
	begins();
	tell(ENDING_STOPPING, END - 3 * SEC);
	tell(ENDING_STOP_TIMEOUT, END - SEC);
	dies(SIGABRT);
	ck_assert_word("stop-timeout");
}
END_TEST

START_TEST(incident_of_sigquit_from_nobody_is_no_crash)
{
	begins();
	dies(SIGQUIT);
	ck_assert_word("unknown-gap");
	begins();
	dies(SIGSEGV);
	ck_assert_word("crashed");
}
END_TEST

START_TEST(
	incident_of_a_worker_out_of_memory_does_not_hide_a_later_kill_of_the_main_process)
{
	struct ending *oom;

	begins();
	oom = tell(ENDING_UNIT_OOM, END - 30 * SEC);
	sent(SIGKILL, END - 9000);
	dies(SIGKILL);
	ck_assert_word("killed-by");
	/* Systemd, which stops the rest. */
	events[n - 2].sender.pid = 1;
	ck_assert_word("oom");
	events[n - 2].sender.pid = 10;
	oom->pid = 20;
	ck_assert_word("oom");
}
END_TEST

START_TEST(incident_of_a_child_out_of_memory_is_not_the_wrapper_s_own_choice)
{
	begins();
	tell(ENDING_UNIT_OOM, END - SEC);
	exits(137);
	ck_assert_word("oom");
	ck_assert(says("killed a process of it"));
	begins();
	tell(ENDING_UNIT_OOM, END - SEC);
	exits(1);
	ck_assert_word("own-exit");
	ck_assert(says("OOM killer had taken one of its processes 1.0 s before"));
	ck_assert(!says("Nothing sent it"));
}
END_TEST

static void crashed(int signo, int64_t time_usec)
{
	struct signal_event *ev = sent(signo, time_usec);

	ev->kind = EVENT_DEATH;
	ev->sender.pid = NUMBER_ABSENT;
	below_main(ev);
}

START_TEST(incident_of_a_child_that_crashed_is_not_the_wrapper_s_own_choice)
{
	begins();
	crashed(SIGSEGV, END - 5000);
	exits(139);
	ck_assert_word("crashed");
	ck_assert(says("exited with status 139, as a process below the main one, "));
	begins();
	crashed(SIGSEGV, END - 5000);
	exits(1);
	ck_assert_word("own-exit");
	ck_assert(says("had died of SIGSEGV right before"));
	ck_assert(!says("Nothing sent it"));
	begins();
	crashed(SIGSEGV, END - 60 * SEC);
	exits(1);
	ck_assert_word("own-exit");
	ck_assert(says("Nothing sent it"));
	ck_assert_ptr_null(verdict.death);
}
END_TEST

START_TEST(incident_of_a_oneshot_begins_with_its_own_start)
{
	begins();
	ends_well();
	tell(ENDING_FINISHED, END + 1000);
	ck_assert_word("own-exit");
	ck_assert(!number_known(verdict.again_usec));
	tell(ENDING_STARTING, END + 50 * SEC);
	sent(SIGTERM, END + 60 * SEC);
	tell(ENDING_SUCCEEDED, END + 60 * SEC + 5000);
	tell(ENDING_FINISHED, END + 60 * SEC + 6000);
	ck_assert_word("killed-by");
	ck_assert_int_eq(verdict.start_usec, END + 50 * SEC);
	ck_assert_uint_eq(verdict.n_ends, 2);
}
END_TEST

SUITE("incidents", incident_of_a_slow_end_is_put_down_to_the_request,
      incident_of_a_reload_long_before_is_an_own_exit_that_is_not_denied_the_signal,
      incident_of_a_killed_worker_is_told_with_the_main_process_s_own_exit,
      incident_after_systemctl_kill_of_log_rotation_is_an_own_exit,
      incident_of_another_signal_by_the_manager_is_not_the_client_s,
      incident_of_a_crash_on_the_way_down_is_a_crash,
      incident_of_sigquit_from_nobody_is_no_crash,
      incident_of_a_worker_out_of_memory_does_not_hide_a_later_kill_of_the_main_process,
      incident_of_a_child_out_of_memory_is_not_the_wrapper_s_own_choice,
      incident_of_a_child_that_crashed_is_not_the_wrapper_s_own_choice,
      incident_of_a_oneshot_begins_with_its_own_start)
