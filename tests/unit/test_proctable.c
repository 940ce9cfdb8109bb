/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/proctable.h"

#include <stdio.h>
#include <string.h>

#include "core/procfind.h"
#include "suite.h"

#define SECOND INT64_C(1000000)

static struct proctable *table;

static void set_up(int64_t remember_usec, size_t max)
{
	ck_assert_int_eq(proctable_new(&table, remember_usec, max), 0);
}

static void tear_down(void)
{
	ck_assert_ptr_null(proctable_free(table));
}

/* Forks and execs a program at that time, and reads it a millisecond later. */
static struct incarnation *run(int pid, int ppid, const char *exe, int64_t time)
{
	struct incarnation *inc;

	ck_assert_ptr_nonnull(proctable_fork(table, pid, ppid, time));
	inc = proctable_exec(table, pid, time + 100);
	ck_assert_ptr_nonnull(inc);
	ck_assert_int_eq(
		procimage_set(inc->stage.image, exe, bytes_of(exe), false, time + 1000),
		0);
	procstage_set_comm(&inc->stage, strrchr(exe, '/') + 1);
	return inc;
}

static void place(struct incarnation *inc, const char *unit, int64_t time)
{
	char text[128];

	snprintf(text, sizeof(text), "0::/system.slice/%s\n", unit);
	ck_assert_int_eq(proctable_set_place(table, inc, text, strlen(text), time), 0);
	proctable_compare_places(inc);
}

START_TEST(proctable_child_has_its_parents_image_and_name_until_its_exec)
{
	struct incarnation *parent, *child;

	set_up(SECOND, 100);
	parent = run(10, 1, "/bin/sh", SECOND);
	child = proctable_fork(table, 20, 10, 2 * SECOND);
	ck_assert_ptr_eq(child->parent, parent);
	ck_assert_int_eq(child->ppid, 10);
	ck_assert_int_eq(child->start_usec, 2 * SECOND);
	ck_assert_ptr_eq(child->stage.image, parent->stage.image);
	ck_assert_str_eq(child->stage.comm, "sh");
	ck_assert(child->stage.inherited);
	ck_assert_ptr_eq(proctable_exec(table, 20, 3 * SECOND), child);
	/* Unknown, and never the one before. */
	ck_assert_ptr_ne(child->stage.image, parent->stage.image);
	ck_assert(!child->stage.image->read);
	ck_assert_ptr_null(child->stage.image->exe);
	ck_assert_uint_eq(child->stage.image->cmdline.len, 0);
	ck_assert_str_eq(child->stage.comm, "");
	ck_assert_str_eq(parent->stage.image->exe, "/bin/sh");
	proctable_comm(table, 20, "renamed-to-something-long");
	ck_assert_str_eq(child->stage.comm, "renamed-to-some");
	tear_down();
}
END_TEST

START_TEST(proctable_what_was_read_just_before_an_exec_is_of_neither_image)
{
	struct incarnation *inc;

	set_up(SECOND, 100);
	inc = run(10, 1, "/bin/env", SECOND);
	/* Read 10 ms before, it stays. */
	proctable_exec(table, 10, SECOND + 1000 + 10000);
	ck_assert_str_eq(inc->stage.older->image->exe, "/bin/env");
	/* Less than that. */
	procimage_set(inc->stage.image, "/bin/env", bytes_of("env"), false, 3 * SECOND);
	procstage_set_comm(&inc->stage, "env");
	proctable_exec(table, 10, 3 * SECOND + 9999);
	ck_assert(!inc->stage.older->image->read);
	ck_assert_str_eq(inc->stage.older->comm, "");
	tear_down();
}
END_TEST

START_TEST(proctable_keeps_the_last_stages_only)
{
	struct incarnation *inc;
	int n = 0;

	set_up(SECOND, 100);
	inc = run(10, 1, "/bin/sh", SECOND);
	for (int i = 0; i < 100; i++)
		proctable_exec(table, 10, (2 + i) * SECOND);
	for (struct procstage *s = &inc->stage; s; s = s->older)
		n++;
	ck_assert_int_eq(n, 3);
	tear_down();
}
END_TEST

START_TEST(proctable_remembers_the_dead_for_their_time_in_order)
{
	set_up(10 * SECOND, 100);
	run(10, 1, "/bin/a", SECOND);
	run(11, 1, "/bin/b", SECOND);
	proctable_exit(table, 11, 3 * SECOND);
	proctable_exit(table, 10, 4 * SECOND);
	proctable_expire(table, 13 * SECOND - 1);
	ck_assert_ptr_nonnull(proctable_newest(table, 11));
	ck_assert_int_eq(proctable_newest(table, 11)->end_usec, 3 * SECOND);
	proctable_expire(table, 13 * SECOND);
	ck_assert_ptr_null(proctable_newest(table, 11));
	ck_assert_ptr_nonnull(proctable_newest(table, 10));
	proctable_expire(table, 14 * SECOND);
	ck_assert_ptr_null(proctable_newest(table, 10));
	ck_assert_uint_eq(proctable_counts(table).dead, 0);
	ck_assert_uint_eq(proctable_counts(table).evicted, 0);
	tear_down();
}
END_TEST

START_TEST(proctable_exit_behind_the_successors_fork_is_of_the_first)
{
	struct incarnation *first, *second;

	set_up(10 * SECOND, 100);
	first = run(10, 1, "/bin/a", SECOND);
	second = proctable_fork(table, 10, 1, 2 * SECOND);
	ck_assert_ptr_ne(first, second);
	ck_assert_int_eq(first->state, INCARNATION_DEAD);
	ck_assert_int_eq(first->end_usec, 2 * SECOND);
	proctable_exit(table, 10, 2 * SECOND + 5);
	ck_assert_int_eq(second->state, INCARNATION_LIVES);
	proctable_exit(table, 10, 3 * SECOND);
	ck_assert_int_eq(second->state, INCARNATION_DEAD);
	ck_assert_int_eq(second->end_usec, 3 * SECOND);
	tear_down();
}
END_TEST

START_TEST(proctable_what_was_read_as_the_successor_came_is_doubted)
{
	struct incarnation *first;

	set_up(10 * SECOND, 100);
	first = run(10, 1, "/bin/a", SECOND);
	place(first, "a.service", SECOND + 1000);
	proctable_exit(table, 10, SECOND + 500);
	/* The fork message comes up to 1 ms after the process is there. */
	proctable_fork(table, 10, 1, SECOND + 1999);
	ck_assert(!first->stage.image->read);
	ck_assert(!first->place_own);
	first = run(20, 1, "/bin/b", SECOND);
	place(first, "b.service", SECOND + 1000);
	proctable_exit(table, 20, SECOND + 1500);
	proctable_fork(table, 20, 1, SECOND + 2000);
	ck_assert_str_eq(first->stage.image->exe, "/bin/b");
	ck_assert(first->place_own);
	tear_down();
}
END_TEST

START_TEST(proctable_lineage_outlives_the_parents_and_is_let_go_with_the_last_child)
{
	struct ancestor list[ANCESTRY_MAX];
	struct incarnation *child;

	set_up(SECOND, 100);
	proctable_found(table, 1, 0, 0);
	run(10, 1, "/bin/outer", SECOND);
	run(11, 10, "/bin/inner", 2 * SECOND);
	child = run(12, 11, "/bin/sleep", 3 * SECOND);
	proctable_exit(table, 11, 4 * SECOND);
	proctable_exit(table, 10, 4 * SECOND);
	proctable_expire(table, 60 * SECOND);
	/* Nobody finds them, but by their child. */
	ck_assert_ptr_null(proctable_newest(table, 11));
	ck_assert_uint_eq(proctable_counts(table).past, 2);
	ck_assert_uint_eq(procfind_ancestry(child, list), 3);
	ck_assert_int_eq(list[0].pid, 11);
	ck_assert_str_eq(list[0].comm, "inner");
	ck_assert_str_eq(list[0].exe, "/bin/inner");
	ck_assert_int_eq(list[1].pid, 10);
	ck_assert_str_eq(list[1].exe, "/bin/outer");
	ck_assert_int_eq(list[2].pid, 1);
	/* Their numbers are others' now. */
	run(11, 1, "/bin/other", 61 * SECOND);
	ck_assert_uint_eq(procfind_ancestry(child, list), 3);
	ck_assert_str_eq(list[0].exe, "/bin/inner");
	proctable_exit(table, 12, 62 * SECOND);
	proctable_expire(table, 70 * SECOND);
	ck_assert_uint_eq(proctable_counts(table).past, 0);
	ck_assert_uint_eq(proctable_counts(table).live, 2);
	tear_down();
}
END_TEST

START_TEST(proctable_line_of_processes_that_fork_and_die_stays_short)
{
	struct ancestor list[ANCESTRY_MAX];
	struct incarnation *last = NULL;

	set_up(SECOND, 1000);
	for (int i = 0; i < 5000; i++) {
		last = proctable_fork(table, 100 + i, 99 + i, i * SECOND);
		proctable_exit(table, 99 + i, i * SECOND + 10);
		proctable_expire(table, i * SECOND + 20);
	}
	ck_assert_uint_le(proctable_counts(table).past, ANCESTRY_MAX + 2);
	ck_assert_uint_eq(proctable_counts(table).evicted, 0);
	/* What an ancestry reaches is all there. */
	ck_assert_uint_eq(procfind_ancestry(last, list), ANCESTRY_MAX);
	for (int i = 0; i < ANCESTRY_MAX; i++)
		ck_assert_int_eq(list[i].pid, 100 + 4999 - 1 - i);
	tear_down();
}
END_TEST

START_TEST(proctable_gives_up_the_past_then_the_dead_then_the_oldest_living)
{
	struct ancestor list[ANCESTRY_MAX];
	struct incarnation *child;

	set_up(SECOND, 4);
	run(10, 1, "/bin/parent", SECOND);
	child = run(11, 10, "/bin/child", SECOND);
	proctable_exit(table, 10, 2 * SECOND);
	proctable_expire(table, 10 * SECOND);
	run(12, 1, "/bin/dead", 10 * SECOND);
	proctable_exit(table, 12, 10 * SECOND);
	run(13, 1, "/bin/x", 11 * SECOND);
	ck_assert_uint_eq(procfind_ancestry(child, list), 1);
	run(14, 1, "/bin/x", 11 * SECOND);
	ck_assert_uint_eq(procfind_ancestry(child, list), 0);
	ck_assert_ptr_nonnull(proctable_newest(table, 12));
	run(15, 1, "/bin/x", 11 * SECOND);
	ck_assert_ptr_null(proctable_newest(table, 12));
	ck_assert_ptr_nonnull(proctable_newest(table, 11));
	run(16, 1, "/bin/x", 11 * SECOND);
	ck_assert_ptr_null(proctable_newest(table, 11));
	ck_assert_uint_eq(proctable_counts(table).live, 4);
	ck_assert_uint_eq(proctable_counts(table).evicted, 3);
	/* Fewer from now on. */
	proctable_set_limits(table, SECOND, 2);
	ck_assert_uint_eq(proctable_counts(table).live, 2);
	tear_down();
}
END_TEST

START_TEST(proctable_numbers_used_again_keep_each_incarnation_apart)
{
	set_up(1000 * SECOND, 50);
	for (int i = 0; i < 200; i++) {
		run(10, 1, i % 2 ? "/bin/odd" : "/bin/even", i * SECOND);
		proctable_exit(table, 10, i * SECOND + 5000);
	}
	ck_assert_uint_eq(proctable_counts(table).live + proctable_counts(table).dead,
			  50);
	for (int i = 150; i < 200; i++) {
		struct procquery query = { .pid = 10,
					   .time_usec = i * SECOND + 4000,
					   .ppid = NUMBER_ABSENT };
		bool ambiguous;
		struct incarnation *inc = procfind(table, &query, &ambiguous);

		ck_assert_ptr_nonnull(inc);
		ck_assert_int_eq(inc->start_usec, i * SECOND);
		ck_assert_str_eq(inc->stage.image->exe, i % 2 ? "/bin/odd" : "/bin/even");
	}
	tear_down();
}
END_TEST

START_TEST(proctable_found_process_and_its_fork_message_are_one)
{
	struct incarnation *inc;

	set_up(SECOND, 100);
	/* Its child was found before it was. */
	ck_assert_ptr_null(proctable_found(table, 21, 20, 8 * SECOND)->parent);
	inc = proctable_found(table, 20, 1, 7 * SECOND);
	proctable_tie(table);
	ck_assert_ptr_eq(proctable_newest(table, 21)->parent, inc);
	/* /proc rounds the start down to 10 ms. */
	ck_assert_ptr_eq(proctable_fork(table, 20, 1, 7 * SECOND + 9999), inc);
	ck_assert_ptr_ne(proctable_fork(table, 20, 1, 9 * SECOND), inc);
	ck_assert_int_eq(inc->state, INCARNATION_DEAD);
	tear_down();
}
END_TEST

START_TEST(proctable_exec_of_a_thread_goes_on_with_the_number_of_the_dead_leader)
{
	struct incarnation *inc;

	set_up(SECOND, 100);
	inc = run(10, 1, "/bin/a", SECOND);
	proctable_exit(table, 10, 2 * SECOND);
	ck_assert_ptr_eq(proctable_exec(table, 10, 2 * SECOND + 10), inc);
	ck_assert_int_eq(inc->state, INCARNATION_LIVES);
	proctable_expire(table, 100 * SECOND);
	ck_assert_ptr_eq(proctable_newest(table, 10), inc);
	tear_down();
}
END_TEST

START_TEST(proctable_process_without_its_main_thread_owes_no_exit)
{
	struct incarnation *first, *second;

	set_up(SECOND, 100);
	first = run(10, 1, "/bin/a", SECOND);
	proctable_exit(table, 10, 2 * SECOND);
	proctable_go_on(table, first);
	proctable_expire(table, 100 * SECOND);
	ck_assert_ptr_eq(proctable_newest(table, 10), first);
	second = run(10, 1, "/bin/b", 101 * SECOND);
	ck_assert_int_eq(first->state, INCARNATION_DEAD);
	proctable_exit(table, 10, 102 * SECOND);
	ck_assert_int_eq(second->state, INCARNATION_DEAD);
	tear_down();
}
END_TEST

START_TEST(proctable_messages_of_strangers_do_nothing)
{
	set_up(SECOND, 100);
	ck_assert_ptr_null(proctable_exec(table, 10, SECOND));
	proctable_exit(table, 10, SECOND);
	proctable_comm(table, 10, "x");
	ck_assert_ptr_nonnull(proctable_fork(table, 10, 9, SECOND));
	ck_assert_ptr_null(proctable_newest(table, 10)->parent);
	/* A process that says that it is its own parent. */
	ck_assert_ptr_null(proctable_fork(table, 11, 11, SECOND)->parent);
	ck_assert_ptr_null(proctable_free(NULL));
	tear_down();
}
END_TEST

START_TEST(proctable_places_are_shared_and_let_go)
{
	set_up(SECOND, 1000);
	for (int i = 0; i < 100; i++)
		place(run(10 + i, 1, "/bin/a", SECOND), i % 2 ? "a.service" : "b.service",
		      SECOND);
	ck_assert_uint_eq(proctable_places(table), 2);
	for (int i = 0; i < 100; i += 2)
		proctable_exit(table, 10 + i, 2 * SECOND);
	proctable_expire(table, 9 * SECOND);
	ck_assert_uint_eq(proctable_places(table), 1);
	tear_down();
}
END_TEST

START_TEST(proctable_drops_the_command_lines_of_the_dead_when_no_event_asks_for_them)
{
	struct incarnation *sh, *child, *ls;

	set_up(60 * SECOND, 100);
	sh = run(10, 1, "/bin/sh", SECOND);
	child = proctable_fork(table, 20, 10, 2 * SECOND);
	ls = run(30, 10, "/bin/ls", 2 * SECOND);
	proctable_exit(table, 30, 3 * SECOND);
	proctable_exit(table, 10, 4 * SECOND);
	proctable_expire(table, 13 * SECOND);
	ck_assert_uint_eq(ls->stage.image->cmdline.len, 7);
	ck_assert_ptr_nonnull(ls->stage.older);
	proctable_expire(table, 20 * SECOND);
	ck_assert_uint_eq(ls->stage.image->cmdline.len, 0);
	ck_assert_ptr_null(ls->stage.older);
	ck_assert_str_eq(ls->stage.image->exe, "/bin/ls");
	ck_assert_str_eq(ls->stage.comm, "ls");
	/* Its child lives, and runs the same. */
	ck_assert_ptr_eq(child->stage.image, sh->stage.image);
	ck_assert_uint_eq(sh->stage.image->cmdline.len, 7);
	proctable_exit(table, 20, 21 * SECOND);
	proctable_expire(table, 33 * SECOND);
	ck_assert_uint_eq(sh->stage.image->cmdline.len, 0);
	ck_assert_str_eq(sh->stage.image->exe, "/bin/sh");
	/* Its main thread had ended only: it is to be read again. */
	proctable_go_on(table, sh);
	ck_assert(!sh->stage.image->read);
	tear_down();
}
END_TEST

START_TEST(proctable_drops_a_command_line_when_the_last_living_runs_something_else)
{
	struct incarnation *sh;

	set_up(60 * SECOND, 100);
	sh = run(10, 1, "/bin/sh", SECOND);
	proctable_fork(table, 20, 10, 2 * SECOND);
	proctable_exit(table, 10, 3 * SECOND);
	proctable_expire(table, 15 * SECOND);
	ck_assert_uint_eq(sh->stage.image->cmdline.len, 7);
	for (int i = 0; i < 4; i++)
		proctable_exec(table, 20, (16 + i) * SECOND);
	ck_assert_uint_eq(sh->stage.image->cmdline.len, 0);
	tear_down();
}
END_TEST

SUITE("proctable",
      proctable_drops_the_command_lines_of_the_dead_when_no_event_asks_for_them,
      proctable_drops_a_command_line_when_the_last_living_runs_something_else,
      proctable_child_has_its_parents_image_and_name_until_its_exec,
      proctable_what_was_read_just_before_an_exec_is_of_neither_image,
      proctable_keeps_the_last_stages_only,
      proctable_remembers_the_dead_for_their_time_in_order,
      proctable_exit_behind_the_successors_fork_is_of_the_first,
      proctable_what_was_read_as_the_successor_came_is_doubted,
      proctable_lineage_outlives_the_parents_and_is_let_go_with_the_last_child,
      proctable_line_of_processes_that_fork_and_die_stays_short,
      proctable_gives_up_the_past_then_the_dead_then_the_oldest_living,
      proctable_numbers_used_again_keep_each_incarnation_apart,
      proctable_found_process_and_its_fork_message_are_one,
      proctable_exec_of_a_thread_goes_on_with_the_number_of_the_dead_leader,
      proctable_process_without_its_main_thread_owes_no_exit,
      proctable_messages_of_strangers_do_nothing, proctable_places_are_shared_and_let_go)
