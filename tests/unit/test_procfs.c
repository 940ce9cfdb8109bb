/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/procfs.h"

#include <errno.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "fakeproc.h"
#include "suite.h"

static int open_proc(void)
{
	int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

START_TEST(procfs_reads_the_own_process)
{
	char exe[PATH_MAX + 1], wanted[PATH_MAX + 1] = "", cmdline[PROCFS_CMDLINE_MAX];
	struct proc_stat stat;
	int64_t innermost;
	int depth, proc_fd = open_proc();
	bool cut = true;
	ssize_t n;

	prctl(PR_SET_NAME, "a) S (b");
	ck_assert_int_eq(procfs_stat(proc_fd, getpid(), &stat), 0);
	ck_assert_int_eq(stat.pid, getpid());
	ck_assert_int_eq(stat.ppid, getppid());
	ck_assert_str_eq(stat.comm, "a) S (b");
	ck_assert_uint_gt(stat.image, PROC_IMAGE_HIDDEN);
	ck_assert(!stat.exiting);

	ck_assert_int_gt(readlink("/proc/self/exe", wanted, PATH_MAX), 0);
	n = procfs_exe(proc_fd, getpid(), exe, sizeof(exe));
	ck_assert_int_eq(n, (ssize_t)strlen(wanted));
	ck_assert_str_eq(exe, wanted);
	ck_assert_int_eq(procfs_exe(proc_fd, getpid(), exe, n), -ENAMETOOLONG);
	ck_assert_int_eq(procfs_exe(proc_fd, getpid(), exe, n + 1), n);

	n = procfs_cmdline(proc_fd, getpid(), cmdline, &cut);
	ck_assert_int_gt(n, 0);
	ck_assert(!cut);
	ck_assert_int_eq(cmdline[n - 1], '\0');
	ck_assert_ptr_nonnull(strstr(cmdline, "test_procfs"));

	ck_assert_int_eq(procfs_nspid(proc_fd, getpid(), &depth, &innermost), 0);
	ck_assert_int_ge(depth, 1);
	close(proc_fd);
}
END_TEST

START_TEST(procfs_image_changes_with_an_exec_and_not_with_a_fork)
{
	struct proc_stat own, forked, changed;
	int proc_fd = open_proc(), go[2], status;
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (read(go[0], &byte, 1) == 1)
			execl("/bin/sleep", "sleep", "60", (char *)NULL);
		_exit(1);
	}
	ck_assert_int_eq(procfs_stat(proc_fd, getpid(), &own), 0);
	ck_assert_int_eq(procfs_stat(proc_fd, pid, &forked), 0);
	ck_assert_uint_eq(own.image, forked.image);
	ck_assert_int_eq(write(go[1], "x", 1), 1);
	do {
		usleep(1000);
		ck_assert_int_eq(procfs_stat(proc_fd, pid, &changed), 0);
	} while (strcmp(changed.comm, "sleep") != 0 || changed.image == PROC_IMAGE_NONE);
	ck_assert_uint_ne(changed.image, forked.image);
	ck_assert_uint_eq(changed.start_ticks, forked.start_ticks);
	kill(pid, SIGKILL);
	do
		ck_assert_int_eq(procfs_stat(proc_fd, pid, &changed), 0);
	while (!changed.exiting);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(procfs_stat(proc_fd, pid, &changed), -ENOENT);
	close(proc_fd);
}
END_TEST

START_TEST(procfs_of_a_process_that_is_gone_is_an_error)
{
	char text[PATH_MAX], cmdline[PROCFS_CMDLINE_MAX];
	struct cgroup_place place;
	struct proc_stat stat;
	struct fakeproc f;
	int64_t innermost;
	int depth;
	bool cut;

	fakeproc_new(&f);
	ck_assert_int_eq(procfs_stat(f.fd, 9, &stat), -ENOENT);
	ck_assert_int_eq(procfs_cgroup(f.fd, 9, &place), -ENOENT);
	ck_assert_int_eq(procfs_nspid(f.fd, 9, &depth, &innermost), -ENOENT);
	ck_assert_int_eq(procfs_exe(f.fd, 9, text, sizeof(text)), -ENOENT);
	ck_assert_int_eq(procfs_cmdline(f.fd, 9, cmdline, &cut), -ENOENT);
	fakeproc_text(&f, 9, "stat", "9 (x");
	ck_assert_int_eq(procfs_stat(f.fd, 9, &stat), -EBADMSG);
	fakeproc_free(&f);
}
END_TEST

START_TEST(procfs_exe_is_raw)
{
	static const char target[] = "/opt/a\nb \xff (deleted)";
	char text[PATH_MAX];
	struct fakeproc f;

	fakeproc_new(&f);
	fakeproc_text(&f, 9, "stat", "");
	fakeproc_exe(&f, 9, target);
	ck_assert_int_eq(procfs_exe(f.fd, 9, text, sizeof(text)), sizeof(target) - 1);
	ck_assert_str_eq(text, target);
	fakeproc_free(&f);
}
END_TEST

START_TEST(procfs_cmdline_is_cut_at_its_bound)
{
	char cmdline[PROCFS_CMDLINE_MAX], args[PROCFS_CMDLINE_MAX * 2];
	struct fakeproc f;
	bool cut;

	fakeproc_new(&f);
	memset(args, 'a', sizeof(args));
	fakeproc_write(&f, 9, "cmdline", args, PROCFS_CMDLINE_MAX);
	ck_assert_int_eq(procfs_cmdline(f.fd, 9, cmdline, &cut), PROCFS_CMDLINE_MAX);
	ck_assert(!cut);
	fakeproc_write(&f, 9, "cmdline", args, PROCFS_CMDLINE_MAX + 1);
	ck_assert_int_eq(procfs_cmdline(f.fd, 9, cmdline, &cut), PROCFS_CMDLINE_MAX);
	ck_assert(cut);
	ck_assert_int_eq(memcmp(cmdline, args, PROCFS_CMDLINE_MAX), 0);
	memset(args + 5, 0, sizeof(args) - 5);
	fakeproc_write(&f, 9, "cmdline", args, sizeof(args));
	ck_assert_int_eq(procfs_cmdline(f.fd, 9, cmdline, &cut), 6);
	ck_assert(!cut);
	fakeproc_write(&f, 9, "cmdline", args, 0);
	ck_assert_int_eq(procfs_cmdline(f.fd, 9, cmdline, &cut), 0);
	ck_assert(!cut);
	fakeproc_free(&f);
}
END_TEST

START_TEST(procfs_cgroup_never_takes_half_a_line)
{
	struct cgroup_place place;
	struct fakeproc f;
	char text[20000];
	size_t n;

	fakeproc_new(&f);
	fakeproc_text(&f, 9, "cgroup", "0::/system.slice/ssh.service\n");
	ck_assert_int_eq(procfs_cgroup(f.fd, 9, &place), 0);
	ck_assert_str_eq(place.unit, "ssh.service");
	/* The read ends within the name that a second line has at 16 KiB. */
	memset(text, 'x', sizeof(text));
	memcpy(text, "2:cpu:/", 7);
	memcpy(text + 16384 - 20, "\n1:memory:/lxc/", 15);
	n = sizeof(text);
	text[n - 1] = '\n';
	fakeproc_write(&f, 9, "cgroup", text, n);
	ck_assert_int_eq(procfs_cgroup(f.fd, 9, &place), 0);
	ck_assert_str_eq(place.container, "");
	fakeproc_free(&f);
}
END_TEST

START_TEST(procfs_nspid_is_found_behind_many_groups)
{
	char text[16384] = "Name:\tx\nGroups:\t";
	struct fakeproc f;
	int64_t innermost;
	int depth;

	fakeproc_new(&f);
	for (int i = 0; i < 1000; i++)
		sprintf(text + strlen(text), "%d ", 1000000000 + i);
	strcat(text, "\nNSpid:\t9\t1\n");
	fakeproc_text(&f, 9, "status", text);
	ck_assert_int_eq(procfs_nspid(f.fd, 9, &depth, &innermost), 0);
	ck_assert_int_eq(depth, 2);
	ck_assert_int_eq(innermost, 1);
	fakeproc_free(&f);
}
END_TEST

SUITE("procfs", procfs_reads_the_own_process,
      procfs_image_changes_with_an_exec_and_not_with_a_fork,
      procfs_of_a_process_that_is_gone_is_an_error, procfs_exe_is_raw,
      procfs_cmdline_is_cut_at_its_bound, procfs_cgroup_never_takes_half_a_line,
      procfs_nspid_is_found_behind_many_groups)
