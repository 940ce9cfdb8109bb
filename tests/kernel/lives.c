/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lives: short lives for the live tests and benchmarks, told as JSON lines.
 *
 *     lives pairs COUNT USEC VICTIM HOME_A HOME_B   so many targets, each ended that long
 *         after its exec and reaped at once, by a sender of its own; senders come from a
 *         process in cgroup HOME_A, targets, which run VICTIM, from one in HOME_B
 *     lives reuse COUNT VICTIM_A VICTIM_B           pairs of targets with the same number
 *     lives forks COUNT                             forks that exit at once
 *     lives execs COUNT                             the same with an exec
 *     lives threads COUNT                           threads that end at once
 *     lives herd COUNT                              so many that live, until input ends
 *     lives headless PID                            its main thread ends; at a byte of
 *         input another one, "worker", sends that process SIGHUP
 *     lives wait | lives end PID | lives targets 0 VICTIM | lives senders COUNT USEC FD
 *         what the above run */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char self[4096];

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "lives: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void go_home(const char *cgroup)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		die(path);
	close(fd);
}

static pid_t checked_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

/* Forks and execs; returns after the exec. */
static pid_t start(const char *program, const char *word, const char *argument)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		die("pipe");
	pid = checked_fork();
	if (pid == 0) {
		execl(program, program, word, argument, NULL);
		_exit(127);
	}
	close(ends[1]);
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(ends[0]);
	return pid;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* A child that sends the signal and exits. */
static pid_t run_sender(pid_t target)
{
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%d", (int)target);
	pid = checked_fork();
	if (pid == 0) {
		execl(self, self, "end", number, NULL);
		_exit(127);
	}
	return pid;
}

/* Starts a target for each byte that comes, tells its number and reaps it. */
static int serve_targets(const char *victim)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) == 1) {
		pid_t pid = start(victim, "wait", NULL);

		if (write(STDOUT_FILENO, &pid, sizeof(pid)) != sizeof(pid))
			break;
		reap(pid);
	}
	return 0;
}

/* As a service manager does it: into the cgroup first, and then exec. */
static pid_t start_at(const char *home, int in, int out, const char *const argv[])
{
	pid_t pid = checked_fork();

	if (pid != 0)
		return pid;
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		die("dup");
	go_home(home);
	execv(self, (char *const *)argv);
	die(self);
}

/* A sender for each target that it asks for on that descriptor and gets from input. */
static int send_each(int count, int usec, int requests)
{
	for (int i = 0; i < count; i++) {
		pid_t target = -1, sender;

		if (write(requests, "", 1) != 1 ||
		    read(STDIN_FILENO, &target, sizeof(target)) != sizeof(target))
			die("target");
		if (usec)
			usleep((useconds_t)usec);
		sender = run_sender(target);
		reap(sender);
		printf("{\"sender\":%d,\"target\":%d}\n", (int)sender, (int)target);
	}
	return 0;
}

/* Both parents are children of this one: what children do elsewhere than their parent
 * tells nothing of those of the two. */
static int pairs(const char *count, const char *usec, const char *victim,
		 const char *home_a, const char *home_b)
{
	int requests[2], pids[2], asks;
	pid_t targets, senders;
	char number[16];

	if (pipe2(requests, O_CLOEXEC) < 0 || pipe2(pids, O_CLOEXEC) < 0)
		die("pipe");
	targets = start_at(home_b, requests[0], pids[1],
			   (const char *[]){ self, "targets", "0", victim, NULL });
	asks = dup(requests[1]);
	close(requests[1]);
	snprintf(number, sizeof(number), "%d", asks);
	senders =
		start_at(home_a, pids[0], STDOUT_FILENO,
			 (const char *[]){ self, "senders", count, usec, number, NULL });
	close(asks);
	printf("{\"sender_parent\":%d,\"target_parent\":%d}\n", (int)senders,
	       (int)targets);
	fflush(stdout);
	reap(senders);
	reap(targets);
	return 0;
}

/* The next fork gets that number, if it is free. */
static void set_next_pid(pid_t pid)
{
	FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "we");

	if (!file || fprintf(file, "%d", (int)pid - 1) < 0 || fclose(file) != 0)
		die("ns_last_pid");
}

static int reuse(int count, const char *victim_a, const char *victim_b)
{
	for (int i = 0; i < count; i++) {
		pid_t first = start(victim_a, "wait", NULL), second, sender[2];

		sender[0] = run_sender(first);
		reap(first);
		reap(sender[0]);
		set_next_pid(first);
		second = start(victim_b, "wait", NULL);
		sender[1] = run_sender(second);
		reap(second);
		reap(sender[1]);
		printf("{\"first\":%d,\"second\":%d,\"senders\":[%d,%d]}\n", (int)first,
		       (int)second, (int)sender[0], (int)sender[1]);
	}
	return 0;
}

static int forks(int count, const char *program)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = checked_fork();

		if (pid == 0) {
			if (program)
				execl(program, program, NULL);
			_exit(0);
		}
		reap(pid);
	}
	return 0;
}

static void *nothing(void *arg)
{
	return arg;
}

static int threads(int count)
{
	pthread_t thread;

	for (int i = 0; i < count; i++) {
		if (pthread_create(&thread, NULL, nothing, NULL) != 0)
			die("thread");
		pthread_join(thread, NULL);
	}
	return 0;
}

static void *work(void *target)
{
	char byte;

	pthread_setname_np(pthread_self(), "worker");
	while (read(STDIN_FILENO, &byte, 1) > 0)
		kill(*(pid_t *)target, SIGHUP);
	exit(0);
}

static int headless(pid_t target)
{
	static pid_t kept;
	pthread_t thread;

	kept = target;
	if (pthread_create(&thread, NULL, work, &kept) != 0)
		die("thread");
	pthread_exit(NULL);
}

static int herd(int count)
{
	char byte;

	for (int i = 0; i < count; i++) {
		if (checked_fork() == 0) {
			/* Ends with its parent: the last writer of the pipe is gone. */
			while (read(STDIN_FILENO, &byte, 1) > 0)
				;
			_exit(0);
		}
	}
	puts("{\"ready\":true}");
	fflush(stdout);
	while (wait(NULL) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 0;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0)
		self[n] = '\0';
	if (strcmp(what, "wait") == 0) {
		for (;;)
			pause();
	}
	if (strcmp(what, "end") == 0 && argc == 3)
		return kill(count, SIGKILL) < 0;
	if (strcmp(what, "pairs") == 0 && argc == 7)
		return pairs(argv[2], argv[3], argv[4], argv[5], argv[6]);
	if (strcmp(what, "senders") == 0 && argc == 5)
		return send_each(count, atoi(argv[3]), atoi(argv[4]));
	if (strcmp(what, "targets") == 0 && argc == 4)
		return serve_targets(argv[3]);
	if (strcmp(what, "reuse") == 0 && argc == 5)
		return reuse(count, argv[3], argv[4]);
	if (strcmp(what, "forks") == 0)
		return forks(count, NULL);
	if (strcmp(what, "execs") == 0)
		return forks(count, "/bin/true");
	if (strcmp(what, "threads") == 0)
		return threads(count);
	if (strcmp(what, "headless") == 0)
		return headless(count);
	if (strcmp(what, "herd") == 0)
		return herd(count);
	fprintf(stderr, "usage: see the source\n");
	return 2;
}
