/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/event.h"

#include <string.h>

#include "suite.h"

static void check_absent(const struct party *party)
{
	ck_assert_int_eq(party->pid, NUMBER_ABSENT);
	ck_assert_int_eq(party->tid, NUMBER_ABSENT);
	ck_assert_int_eq(party->ppid, NUMBER_ABSENT);
	ck_assert_int_eq(party->namespace_pid, NUMBER_ABSENT);
	ck_assert_int_eq(party->uid, NUMBER_ABSENT);
	ck_assert_int_eq(party->euid, NUMBER_ABSENT);
	ck_assert_int_eq(party->gid, NUMBER_ABSENT);
	ck_assert_int_eq(party->auid, NUMBER_ABSENT);
	ck_assert_int_eq(party->session, NUMBER_ABSENT);
	ck_assert_int_eq(party->start_usec, NUMBER_ABSENT);
	ck_assert_ptr_null(party->comm);
	ck_assert_ptr_null(party->exe);
	ck_assert_ptr_null(party->cmdline.data);
	ck_assert(!party->cmdline_cut);
}

START_TEST(event_init_leaves_nothing_of_what_was_there)
{
	struct signal_event ev;

	memset(&ev, 0x55, sizeof(ev));
	event_init(&ev, EVENT_SIGNAL, 1234567);
	ck_assert_int_eq(ev.kind, EVENT_SIGNAL);
	ck_assert_int_eq(ev.time_usec, 1234567);
	ck_assert_int_eq(ev.serial, NUMBER_ABSENT);
	ck_assert_int_eq(ev.result, NUMBER_ABSENT);
	ck_assert_int_eq(ev.signo, NUMBER_ABSENT);
	ck_assert_int_eq(ev.argument, NUMBER_ABSENT);
	ck_assert_int_eq(ev.targets, NUMBER_ABSENT);
	ck_assert_int_eq(ev.index, NUMBER_ABSENT);
	ck_assert_int_eq(ev.repeated, NUMBER_ABSENT);
	ck_assert_int_eq(ev.since_usec, NUMBER_ABSENT);
	ck_assert_int_eq(ev.scope, SCOPE_UNKNOWN);
	ck_assert_ptr_null(ev.call);
	ck_assert_ptr_null(ev.arch);
	ck_assert_ptr_null(ev.node);
	ck_assert_ptr_null(ev.reason);
	ck_assert_uint_eq(ev.n_notes, 0);
	ck_assert(!ev.has_target);
	check_absent(&ev.sender);
	check_absent(&ev.target);
}
END_TEST

START_TEST(event_init_trail_is_a_trail_entry_without_cause)
{
	struct signal_event ev;

	memset(&ev, 0x55, sizeof(ev));
	event_init_trail(&ev, TRAIL_INCOMPLETE, 99);
	ck_assert_int_eq(ev.kind, EVENT_TRAIL);
	ck_assert_int_eq(ev.time_usec, 99);
	ck_assert_int_eq(ev.trail.event, TRAIL_INCOMPLETE);
	ck_assert_int_eq(ev.trail.cause, CAUSE_NONE);
	ck_assert_int_eq(ev.trail.of, OF_NONE);
	ck_assert_int_eq(ev.trail.lost, NUMBER_ABSENT);
	ck_assert_int_eq(ev.trail.since_usec, NUMBER_ABSENT);
	ck_assert_int_eq(ev.trail.until_usec, NUMBER_ABSENT);
	ck_assert_int_eq(ev.trail.unseen, UNSEEN_UNKNOWN);
	ck_assert_int_eq(ev.trail.seen, NUMBER_ABSENT);
	ck_assert_int_eq(ev.trail.lines, NUMBER_ABSENT);
	ck_assert_int_eq(ev.trail.repeats, NUMBER_ABSENT);
	ck_assert_int_eq(ev.trail.ignored, NUMBER_ABSENT);
}
END_TEST

START_TEST(trail_words_are_the_contract_s)
{
	ck_assert_str_eq(trail_event_name(TRAIL_STARTED), "started");
	ck_assert_str_eq(trail_event_name(TRAIL_STOPPED), "stopped");
	ck_assert_str_eq(trail_event_name(TRAIL_INCOMPLETE), "incomplete");
	ck_assert_str_eq(trail_event_name(TRAIL_RULES), "rules");
	ck_assert_str_eq(trail_event_name(TRAIL_SOURCE), "source");
	ck_assert_str_eq(trail_cause_name(CAUSE_SOCKET_OVERRUN), "socket-overrun");
	ck_assert_str_eq(trail_cause_name(CAUSE_INCOMPLETE_EVENT), "incomplete-event");
	ck_assert_str_eq(trail_cause_name(CAUSE_TOO_MANY_TARGETS), "too-many-targets");
	ck_assert_str_eq(trail_cause_name(CAUSE_QUEUE_FULL), "queue-full");
	ck_assert_str_eq(trail_cause_name(CAUSE_JOURNAL_WRITE), "journal-write");
	ck_assert_str_eq(trail_cause_name(CAUSE_FORGED), "forged");
	ck_assert_str_eq(trail_cause_name(CAUSE_EVICTED), "evicted");
	ck_assert_str_eq(trail_cause_name(CAUSE_SERIAL_GAP), "serial-gap");
	ck_assert_str_eq(trail_cause_name(CAUSE_KERNEL_LOST), "kernel-lost");
	ck_assert_str_eq(trail_cause_name(CAUSE_AUDIT_DISABLED), "audit-disabled");
	ck_assert_str_eq(trail_cause_name(CAUSE_RULES_CHANGED), "rules-changed");
	ck_assert_str_eq(trail_cause_name(CAUSE_RULES_SHADOWED), "rules-shadowed");
	ck_assert_str_eq(trail_cause_name(CAUSE_BACKLOG_LOWERED), "backlog-lowered");
	ck_assert_str_eq(trail_cause_name(CAUSE_NOT_RUNNING), "not-running");
	ck_assert_str_eq(trail_unseen_name(UNSEEN_NOTHING), "nothing");
	ck_assert_str_eq(trail_unseen_name(UNSEEN_OLDER), "older-processes");
	ck_assert_str_eq(trail_of_name(OF_EVENTS), "events");
	ck_assert_str_eq(trail_of_name(OF_RECORDS), "records");
}
END_TEST

START_TEST(trail_words_of_nothing_are_null_and_every_cause_has_one)
{
	ck_assert_ptr_null(trail_event_name(0));
	ck_assert_ptr_null(trail_event_name(99));
	ck_assert_ptr_null(trail_cause_name(CAUSE_NONE));
	ck_assert_ptr_null(trail_cause_name(CAUSE_COUNT));
	ck_assert_ptr_null(trail_of_name(OF_NONE));
	ck_assert_ptr_null(trail_of_name(99));
	ck_assert_ptr_null(trail_unseen_name(UNSEEN_UNKNOWN));
	ck_assert_ptr_null(trail_unseen_name(99));
	for (int i = CAUSE_NONE + 1; i < CAUSE_COUNT; i++)
		ck_assert_ptr_nonnull(trail_cause_name(i));
}
END_TEST

START_TEST(party_name_is_comm_then_thread_then_the_end_of_exe)
{
	struct party party;

	party_init(&party);
	ck_assert_ptr_null(party_name(&party));
	party.exe = "/usr/bin/java";
	ck_assert_str_eq(party_name(&party), "java");
	party.exe = "/odd/";
	ck_assert_str_eq(party_name(&party), "/odd/");
	party.exe = "bare";
	ck_assert_str_eq(party_name(&party), "bare");
	party.thread = "GC-worker";
	ck_assert_str_eq(party_name(&party), "GC-worker");
	party.comm = "tomcat";
	ck_assert_str_eq(party_name(&party), "tomcat");
}
END_TEST

START_TEST(event_count_is_the_line_and_what_it_repeats)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, 0);
	ck_assert_uint_eq(event_count(&ev), 1);
	ev.repeated = 480;
	ck_assert_uint_eq(event_count(&ev), 481);
}
END_TEST

SUITE("event", event_count_is_the_line_and_what_it_repeats,
      event_init_leaves_nothing_of_what_was_there,
      event_init_trail_is_a_trail_entry_without_cause, trail_words_are_the_contract_s,
      trail_words_of_nothing_are_null_and_every_cause_has_one,
      party_name_is_comm_then_thread_then_the_end_of_exe)
