/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/procfind.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

#define SECOND INT64_C(1000000)
#define MS     INT64_C(1000)

static struct proctable *table;
static bool flag;

static void set_up(void)
{
	struct incarnation *sh;

	ck_assert_int_eq(proctable_new(&table, 100 * SECOND, 1000), 0);
	/* What most others are forked by. */
	sh = proctable_found(table, 2, 0, 0);
	procimage_set(sh->stage.image, "/bin/bash", bytes_of("bash"), false, 0);
	procstage_set_comm(&sh->stage, "bash");
}

static void tear_down(void)
{
	proctable_free(table);
}

static struct incarnation *fork_at(int pid, int ppid, int64_t time)
{
	struct incarnation *inc = proctable_fork(table, pid, ppid, time);

	ck_assert_ptr_nonnull(inc);
	return inc;
}

static void exec_at(int pid, const char *exe, int64_t time)
{
	struct incarnation *inc = proctable_exec(table, pid, time);

	if (!exe)
		return;
	procimage_set(inc->stage.image, exe, bytes_of(exe), false, time);
	procstage_set_comm(&inc->stage, strrchr(exe, '/') + 1);
}

static struct procquery asked(int pid, int64_t time, const char *comm)
{
	return (struct procquery){
		.pid = pid, .time_usec = time, .comm = comm, .ppid = NUMBER_ABSENT
	};
}

static struct incarnation *find(int pid, int64_t time, const char *comm)
{
	const struct procquery query = asked(pid, time, comm);

	return procfind(table, &query, &flag);
}

static const char *exe_of(int pid, int64_t time, const char *comm)
{
	const struct procquery query = asked(pid, time, comm);
	const struct incarnation *inc = procfind(table, &query, &flag);
	const struct procstage *stage = procfind_stage(inc, &query, &flag);

	return stage && stage->image ? stage->image->exe : NULL;
}

static void place(struct incarnation *inc, const char *unit)
{
	char text[128];

	snprintf(text, sizeof(text), "0::/system.slice/%s\n", unit);
	ck_assert_int_eq(proctable_set_place(table, inc, text, strlen(text), 0), 0);
	proctable_compare_places(inc);
}

static void assert_unit(const struct incarnation *inc, const char *unit)
{
	const struct procplace *at = procfind_place(inc);

	if (unit) {
		ck_assert_ptr_nonnull(at);
		ck_assert_str_eq(at->unit, unit);
	} else {
		ck_assert_ptr_null(at);
	}
}

START_TEST(procfind_takes_stamps_up_to_10_ms_off)
{
	struct incarnation *inc;

	set_up();
	inc = fork_at(10, 2, SECOND);
	ck_assert_ptr_null(find(10, SECOND - 10 * MS - 1, NULL));
	ck_assert_ptr_eq(find(10, SECOND - 10 * MS, NULL), inc);
	ck_assert_ptr_eq(find(10, 9 * SECOND, NULL), inc);
	ck_assert_ptr_null(find(11, SECOND, NULL));
	tear_down();
}
END_TEST

START_TEST(procfind_of_two_at_one_time_takes_the_one_whose_comm_agrees)
{
	struct incarnation *first, *second;

	set_up();
	first = fork_at(10, 2, SECOND);
	exec_at(10, "/bin/kill", SECOND + 100);
	proctable_exit(table, 10, SECOND + 1000);
	second = fork_at(10, 2, SECOND + 2000);
	exec_at(10, "/bin/sleep", SECOND + 2100);
	ck_assert_ptr_eq(find(10, SECOND, "kill"), first);
	ck_assert(!flag);
	ck_assert_ptr_eq(find(10, SECOND, "sleep"), second);
	ck_assert_ptr_null(find(10, SECOND, "other"));
	ck_assert(flag);
	ck_assert_ptr_null(find(10, SECOND, NULL));
	ck_assert(flag);
	/* Only one fits. */
	ck_assert_ptr_eq(find(10, SECOND - 9 * MS, NULL), first);
	ck_assert(!flag);
	ck_assert_ptr_eq(find(10, SECOND + 12 * MS, NULL), second);
	tear_down();
}
END_TEST

START_TEST(procfind_of_two_with_one_name_takes_the_one_whose_parent_agrees)
{
	struct incarnation *first;
	struct procquery query = asked(10, SECOND, "kill");

	set_up();
	fork_at(5, 2, 0);
	fork_at(6, 2, 0);
	first = fork_at(10, 5, SECOND);
	exec_at(10, "/bin/kill", SECOND + 100);
	proctable_exit(table, 10, SECOND + 1000);
	fork_at(10, 6, SECOND + 2000);
	exec_at(10, "/bin/kill", SECOND + 2100);
	ck_assert_ptr_null(procfind(table, &query, &flag));
	ck_assert(flag);
	query.ppid = 5;
	ck_assert_ptr_eq(procfind(table, &query, &flag), first);
	/* Neither's, and both parents live: it is neither. */
	query.ppid = 1;
	ck_assert_ptr_null(procfind(table, &query, &flag));
	tear_down();
}
END_TEST

START_TEST(procfind_of_a_zombie_is_the_one_that_died)
{
	struct incarnation *inc;

	set_up();
	inc = fork_at(10, 2, SECOND);
	exec_at(10, "/bin/java", SECOND + 100);
	proctable_exit(table, 10, 2 * SECOND);
	ck_assert_ptr_eq(find(10, 30 * SECOND, "java"), inc);
	ck_assert_ptr_eq(find(10, 30 * SECOND, NULL), inc);
	ck_assert_ptr_null(find(10, 30 * SECOND, "other"));
	/* Until another one has the number. */
	fork_at(10, 2, 40 * SECOND);
	ck_assert_ptr_eq(find(10, 30 * SECOND, "java"), inc);
	ck_assert_ptr_ne(find(10, 41 * SECOND, "java"), inc);
	tear_down();
}
END_TEST

START_TEST(procfind_stage_is_the_one_of_the_time_and_the_name)
{
	set_up();
	fork_at(5, 2, 0);
	exec_at(5, "/bin/sh", 100);
	fork_at(10, 5, SECOND);
	exec_at(10, "/bin/sleep", SECOND + 100);
	/* Both were possible then: the name tells. */
	ck_assert_str_eq(exe_of(10, SECOND - 3 * MS, "sleep"), "/bin/sleep");
	ck_assert_str_eq(exe_of(10, SECOND - 3 * MS, "sh"), "/bin/sh");
	ck_assert_ptr_null(exe_of(10, SECOND - 3 * MS, NULL));
	ck_assert_ptr_null(exe_of(10, SECOND - 3 * MS, "worker"));
	/* Later only one was, whatever its thread is called. */
	ck_assert_str_eq(exe_of(10, SECOND + MS, "worker"), "/bin/sleep");
	exec_at(10, "/bin/true", 5 * SECOND);
	ck_assert_str_eq(exe_of(10, 4 * SECOND, "sleep"), "/bin/sleep");
	ck_assert_str_eq(exe_of(10, 5 * SECOND + MS, "true"), "/bin/true");
	tear_down();
}
END_TEST

START_TEST(procfind_stage_of_an_image_that_could_not_be_read_is_never_the_one_before)
{
	set_up();
	fork_at(5, 2, 0);
	exec_at(5, "/bin/sh", 100);
	fork_at(10, 5, SECOND);
	exec_at(10, NULL, SECOND + 100);
	proctable_exit(table, 10, SECOND + 200);
	ck_assert_ptr_null(exe_of(10, SECOND, "sleep"));
	/* Not even where the name is the parent's: it may have run itself again. */
	ck_assert_ptr_null(exe_of(10, SECOND, "sh"));
	/* Killed within its exec, it has another name and gave no message. */
	fork_at(11, 5, 2 * SECOND);
	proctable_exit(table, 11, 2 * SECOND + 200);
	ck_assert_ptr_null(exe_of(11, 2 * SECOND, "sleep"));
	ck_assert_str_eq(exe_of(11, 2 * SECOND, "sh"), "/bin/sh");
	/* Long after the fork it is a thread's name. */
	fork_at(12, 5, 3 * SECOND);
	ck_assert_str_eq(exe_of(12, 4 * SECOND, "worker"), "/bin/sh");
	tear_down();
}
END_TEST

START_TEST(procfind_stage_of_two_images_of_one_program_is_that_program_alone)
{
	struct procquery query = asked(10, SECOND, "sh");
	const struct procstage *stage;

	set_up();
	fork_at(5, 2, 0);
	exec_at(5, "/bin/sh", 100);
	fork_at(10, 5, SECOND);
	exec_at(10, "/bin/sh", SECOND + 100);
	stage = procfind_stage(proctable_newest(table, 10), &query, &flag);
	ck_assert_ptr_nonnull(stage);
	ck_assert_str_eq(stage->image->exe, "/bin/sh");
	ck_assert(flag);
	query.time_usec = 2 * SECOND;
	stage = procfind_stage(proctable_newest(table, 10), &query, &flag);
	ck_assert(!flag);
	/* The record's program decides where there is one. */
	query = asked(10, SECOND, NULL);
	query.exe = "/bin/other";
	ck_assert_ptr_null(procfind_stage(proctable_newest(table, 10), &query, &flag));
	tear_down();
}
END_TEST

START_TEST(procfind_place_of_one_not_read_is_its_parents_unless_that_moves_others)
{
	struct incarnation *parent, *child, *grandchild;

	set_up();
	proctable_found(table, 1, 0, 0);
	parent = fork_at(10, 1, 0);
	place(parent, "a.service");
	child = fork_at(11, 10, SECOND);
	grandchild = fork_at(12, 11, SECOND);
	assert_unit(child, "a.service");
	assert_unit(grandchild, "a.service");
	/* Process 1 puts each child somewhere. */
	assert_unit(fork_at(13, 1, SECOND), NULL);
	/* Once seen to do that, so does any other. */
	place(fork_at(14, 10, SECOND), "b.service");
	ck_assert(parent->mover);
	assert_unit(child, NULL);
	assert_unit(grandchild, NULL);
	place(child, "c.service");
	assert_unit(child, "c.service");
	assert_unit(grandchild, "c.service");
	tear_down();
}
END_TEST

START_TEST(procfind_place_of_a_child_whose_parent_moved_since_is_not_known)
{
	struct incarnation *parent, *child;

	set_up();
	parent = fork_at(10, 2, 0);
	place(parent, "ssh.service");
	child = fork_at(11, 10, SECOND);
	assert_unit(child, "ssh.service");
	place(parent, "session-3.scope");
	assert_unit(child, NULL);
	assert_unit(fork_at(12, 10, SECOND), "session-3.scope");
	tear_down();
}
END_TEST

START_TEST(procfind_ancestry_ends_at_process_1_and_at_16)
{
	struct ancestor list[ANCESTRY_MAX];
	struct incarnation *inc;

	set_up();
	fork_at(99, 98, 0);
	inc = fork_at(1, 99, 0);
	for (int pid = 2; pid <= 40; pid++) {
		inc = fork_at(pid, pid - 1, SECOND);
		ck_assert_uint_eq(procfind_ancestry(inc, list),
				  pid - 1 < ANCESTRY_MAX ? pid - 1 : ANCESTRY_MAX);
		ck_assert_int_eq(list[0].pid, pid - 1);
	}
	ck_assert_ptr_null(list[0].comm);
	ck_assert_ptr_null(list[0].exe);
	ck_assert_ptr_null(list[0].unit);
	tear_down();
}
END_TEST

SUITE("procfind", procfind_takes_stamps_up_to_10_ms_off,
      procfind_of_two_at_one_time_takes_the_one_whose_comm_agrees,
      procfind_of_two_with_one_name_takes_the_one_whose_parent_agrees,
      procfind_of_a_zombie_is_the_one_that_died,
      procfind_stage_is_the_one_of_the_time_and_the_name,
      procfind_stage_of_an_image_that_could_not_be_read_is_never_the_one_before,
      procfind_stage_of_two_images_of_one_program_is_that_program_alone,
      procfind_place_of_one_not_read_is_its_parents_unless_that_moves_others,
      procfind_place_of_a_child_whose_parent_moved_since_is_not_known,
      procfind_ancestry_ends_at_process_1_and_at_16)
