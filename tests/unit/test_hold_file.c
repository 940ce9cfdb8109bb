/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/hold_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

static char base[] = "/tmp/sigtrail-hold_file-XXXXXX";
static char dir[sizeof(base) + 4];

static void setup(void)
{
	memcpy(base + strlen(base) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(base));
	snprintf(dir, sizeof(dir), "%s/run", base);
}

static void in_dir(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", dir, name);
}

static bool exists(const char *name)
{
	char path[256];

	in_dir(path, sizeof(path), name);
	return access(path, F_OK) == 0;
}

static void remove_file(const char *name)
{
	char path[256];

	in_dir(path, sizeof(path), name);
	unlink(path);
}

static void cleanup(void)
{
	remove_file("rules");
	remove_file("rules.new");
	remove_file("lock");
	rmdir(dir);
	ck_assert_int_eq(rmdir(base), 0);
}

static void lock(struct hold_file *file)
{
	struct reason reason = { "" };

	ck_assert_int_eq(hold_file_init(file, dir, &reason), 0);
	ck_assert_msg(hold_file_lock(file, &reason) == 0, "%s", reason.text);
}

START_TEST(hold_file_makes_directory_and_files_with_their_modes)
{
	struct hold_file file;
	struct ledger ledger = { .enabled = true };
	struct stat st;
	char path[256];

	setup();
	umask(077);
	lock(&file);
	ck_assert_int_eq(hold_file_write(&file, &ledger, NULL), 0);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	in_dir(path, sizeof(path), "rules");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert(!exists("rules.new"));
	hold_file_remove(&file);
	ck_assert_int_lt(access(dir, F_OK), 0);
	hold_file_close(&file);
	cleanup();
}
END_TEST

START_TEST(hold_file_reads_what_was_written_and_says_when_there_is_none)
{
	struct hold_file file;
	struct ledger ledger = { .backlog = true, .backlog_old = 1, .backlog_new = 2 };
	struct ledger back = { 0 };

	setup();
	lock(&file);
	ck_assert_int_eq(hold_file_read(&file, &back, NULL), 0);
	ck_assert_int_eq(ledger_add_rule(&ledger, "-a x"), 0);
	ck_assert_int_eq(hold_file_write(&file, &ledger, NULL), 0);
	ck_assert_int_eq(hold_file_read(&file, &back, NULL), 1);
	ck_assert(back.backlog && back.backlog_new == 2 &&
		  ledger_has_rule(&back, "-a x"));
	ledger_clear(&ledger);
	ledger_clear(&back);
	hold_file_close(&file);
	cleanup();
}
END_TEST

START_TEST(hold_file_refuses_a_damaged_list_with_its_path)
{
	struct hold_file file;
	struct ledger back = { 0 };
	struct reason reason = { "" };
	char path[256];
	FILE *f;

	setup();
	lock(&file);
	in_dir(path, sizeof(path), "rules");
	f = fopen(path, "w");
	fputs("nonsense\n", f);
	fclose(f);
	ck_assert_int_eq(hold_file_read(&file, &back, &reason), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(reason.text, path));
	ck_assert_ptr_nonnull(strstr(reason.text, "line 1"));
	hold_file_close(&file);
	cleanup();
}
END_TEST

START_TEST(hold_file_write_that_fails_leaves_the_old_list)
{
	struct hold_file file;
	struct ledger ledger = { .enabled = true };
	struct ledger back = { 0 };
	struct reason reason = { "" };
	char path[256];

	setup();
	lock(&file);
	ck_assert_int_eq(hold_file_write(&file, &ledger, NULL), 0);
	in_dir(path, sizeof(path), "rules.new");
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ledger.enabled_by_other = true;
	ck_assert_int_lt(hold_file_write(&file, &ledger, &reason), 0);
	ck_assert_str_ne(reason.text, "");
	ck_assert_int_eq(hold_file_read(&file, &back, NULL), 1);
	ck_assert(back.enabled && !back.enabled_by_other);
	ck_assert_int_eq(rmdir(path), 0);
	hold_file_close(&file);
	cleanup();
}
END_TEST

START_TEST(hold_file_knows_whether_others_hold)
{
	struct hold_file one, two;

	setup();
	lock(&one);
	ck_assert(hold_file_alone(&one));
	ck_assert_int_eq(hold_file_join(&one, NULL), 0);
	ck_assert(hold_file_alone(&one));
	hold_file_unlock(&one);
	lock(&two);
	ck_assert(!hold_file_alone(&two));
	ck_assert_int_eq(hold_file_join(&two, NULL), 0);
	ck_assert(!hold_file_alone(&one));
	hold_file_close(&one);
	ck_assert(hold_file_alone(&two));
	hold_file_close(&two);
	cleanup();
}
END_TEST

START_TEST(hold_file_gives_each_holder_a_number_that_ends_with_it)
{
	struct hold_file one, two;
	unsigned first;

	setup();
	lock(&one);
	ck_assert(!hold_file_holds(&one, 0));
	ck_assert(!hold_file_holds(&one, 1));
	ck_assert_int_eq(hold_file_join(&one, NULL), 0);
	first = one.holder;
	ck_assert(hold_file_holds(&one, first));
	hold_file_unlock(&one);
	lock(&two);
	ck_assert_int_eq(hold_file_join(&two, NULL), 0);
	ck_assert_uint_ne(two.holder, first);
	ck_assert(hold_file_holds(&two, first) && hold_file_holds(&two, two.holder));
	ck_assert(!hold_file_holds(&two, HOLD_FILE_HOLDERS_MAX + 1));
	hold_file_close(&one);
	ck_assert(!hold_file_holds(&two, first));
	hold_file_close(&two);
	cleanup();
}
END_TEST

START_TEST(hold_file_refuses_one_too_many)
{
	struct flock taken = { .l_type = F_WRLCK,
			       .l_whence = SEEK_SET,
			       .l_start = 1,
			       .l_len = HOLD_FILE_HOLDERS_MAX - 1 };
	struct hold_file one, two;
	struct reason reason = { "" };
	char path[256];
	int fd;

	setup();
	lock(&one);
	in_dir(path, sizeof(path), "lock");
	fd = open(path, O_RDWR);
	ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &taken), 0);
	ck_assert_int_eq(hold_file_join(&one, NULL), 0);
	ck_assert_uint_eq(one.holder, HOLD_FILE_HOLDERS_MAX);
	hold_file_unlock(&one);
	lock(&two);
	ck_assert_int_eq(hold_file_join(&two, &reason), -EUSERS);
	ck_assert_ptr_nonnull(strstr(reason.text, path));
	close(fd);
	hold_file_close(&one);
	hold_file_close(&two);
	cleanup();
}
END_TEST

/* A child that has the mutex, holds, and waits to be killed. */
static pid_t holder(void)
{
	struct hold_file file;
	int ready[2];
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (hold_file_init(&file, dir, NULL) || hold_file_lock(&file, NULL) ||
		    hold_file_join(&file, NULL) || write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

START_TEST(hold_file_locks_end_with_a_process_that_is_killed)
{
	struct hold_file file;
	pid_t pid;

	setup();
	pid = holder();
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	lock(&file);
	ck_assert(hold_file_alone(&file));
	hold_file_close(&file);
	cleanup();
}
END_TEST

START_TEST(hold_file_lock_waits_and_then_names_the_lock)
{
	struct hold_file file;
	struct reason reason = { "" };
	pid_t pid;

	setup();
	pid = holder();
	ck_assert_int_eq(hold_file_init(&file, dir, NULL), 0);
	ck_assert_int_eq(hold_file_lock(&file, &reason), -EBUSY);
	ck_assert_ptr_nonnull(strstr(reason.text, dir));
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(hold_file_lock(&file, &reason), 0);
	hold_file_close(&file);
	cleanup();
}
END_TEST

START_TEST(hold_file_lock_at_once_never_waits)
{
	struct hold_file one, two;
	struct reason reason = { "" };
	struct timespec begin, end;

	setup();
	lock(&one);
	ck_assert_int_eq(hold_file_init(&two, dir, NULL), 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(hold_file_lock_at_once(&two, &reason), -EBUSY);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_assert_int_le(end.tv_sec - begin.tv_sec, 1);
	ck_assert_ptr_nonnull(strstr(reason.text, dir));
	remove_file("lock");
	hold_file_unlock(&one);
	ck_assert_int_eq(hold_file_lock_at_once(&two, &reason), 0);
	hold_file_close(&two);
	hold_file_close(&one);
	cleanup();
}
END_TEST

START_TEST(hold_file_lock_finds_the_new_file_where_the_old_one_was_removed)
{
	struct hold_file one, two, three;

	setup();
	lock(&one);
	ck_assert_int_eq(hold_file_join(&one, NULL), 0);
	hold_file_unlock(&one);
	hold_file_remove(&one);
	lock(&two);
	ck_assert(hold_file_alone(&two));
	ck_assert_int_eq(hold_file_join(&two, NULL), 0);
	ck_assert_uint_eq(two.holder, one.holder);
	hold_file_unlock(&two);
	/* One is where all others are now, and still holds. */
	ck_assert_int_eq(hold_file_lock(&one, NULL), 0);
	ck_assert_uint_ne(two.holder, one.holder);
	ck_assert(!hold_file_alone(&two));
	ck_assert_int_eq(hold_file_init(&three, dir, NULL), 0);
	hold_file_unlock(&one);
	ck_assert_int_eq(hold_file_lock(&three, NULL), 0);
	ck_assert(!hold_file_alone(&three));
	hold_file_close(&one);
	hold_file_close(&two);
	hold_file_close(&three);
	cleanup();
}
END_TEST

START_TEST(hold_file_lock_says_why_a_directory_cannot_be)
{
	struct hold_file file;
	struct reason reason = { "" };

	ck_assert_int_eq(hold_file_init(&file, "/proc/sigtrail", NULL), 0);
	ck_assert_int_lt(hold_file_lock(&file, &reason), 0);
	ck_assert_ptr_nonnull(strstr(reason.text, "/proc/sigtrail"));
	hold_file_close(&file);
}
END_TEST

SUITE("hold_file", hold_file_makes_directory_and_files_with_their_modes,
      hold_file_reads_what_was_written_and_says_when_there_is_none,
      hold_file_refuses_a_damaged_list_with_its_path,
      hold_file_write_that_fails_leaves_the_old_list, hold_file_knows_whether_others_hold,
      hold_file_gives_each_holder_a_number_that_ends_with_it,
      hold_file_refuses_one_too_many, hold_file_locks_end_with_a_process_that_is_killed,
      hold_file_lock_waits_and_then_names_the_lock, hold_file_lock_at_once_never_waits,
      hold_file_lock_finds_the_new_file_where_the_old_one_was_removed,
      hold_file_lock_says_why_a_directory_cannot_be)
