/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kills: the sender whose signals the benchmarks count, and how long each call takes.
 *
 *     kills flood COUNT RATE     so many SIGUSR1 to a child, so many a second (0: in a
 *                                tight loop)
 *     kills probes COUNT         so many probes of a child, and as many SIGURG to itself
 *     kills delay COUNT MSEC     so many SIGUSR1 with such a pause, and how long until a
 *                                line with its own pid comes on standard input
 *     kills wait COUNT RATE      as flood, when a line has come on standard input
 *     kills many COUNT SENDERS   so many SIGUSR1 from so many senders by turns, each to a
 *                                target of its own
 *
 * Says {"pid", "sent", "seconds", "cpu_seconds", "median_nsec", "p99_nsec"}; the times
 * are of one call, and of one line for delay. many says {"pids", "sent"}. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NSEC		1000000000LL
#define GIVE_UP_MSEC	10000
#define LINES_BYTES_MAX (1 << 20)
#define GIVE_UP_SECONDS 60
#define SENDERS_MAX	128

static void die(const char *what)
{
	fprintf(stderr, "kills: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_nsec(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * NSEC + t.tv_nsec;
}

static void sleep_until(int64_t nsec)
{
	struct timespec t = { nsec / NSEC, nsec % NSEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		continue;
}

/* As fork(), of a child that doesn't outlive us. */
static pid_t fork_bound(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static pid_t make_child(void)
{
	pid_t pid;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGURG, SIG_IGN);
	pid = fork_bound();
	if (pid > 0)
		return pid;
	for (;;)
		pause();
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int finish(pid_t child, uint32_t *nsec, long count, int64_t began, int64_t cpu)
{
	int64_t ended = now_nsec(CLOCK_MONOTONIC);

	cpu = now_nsec(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	qsort(nsec, (size_t)count, sizeof(*nsec), compare);
	printf("{\"pid\":%d,\"sent\":%ld,\"seconds\":%.6f,\"cpu_seconds\":%.6f,"
	       "\"median_nsec\":%u,\"p99_nsec\":%u}\n",
	       getpid(), count, (double)(ended - began) / NSEC, (double)cpu / NSEC,
	       nsec[count / 2], nsec[count * 99 / 100]);
	free(nsec);
	syscall(SYS_kill, child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}

static void wait_for_start(void)
{
	char line[16];

	if (read(STDIN_FILENO, line, sizeof(line)) < 0)
		die("read");
}

static int flood(pid_t child, uint32_t *nsec, long count, long rate)
{
	int64_t began = now_nsec(CLOCK_MONOTONIC);
	int64_t cpu = now_nsec(CLOCK_PROCESS_CPUTIME_ID);

	for (long i = 0; i < count; i++) {
		int64_t start;

		if (rate)
			sleep_until(began + i * (NSEC / rate));
		start = now_nsec(CLOCK_MONOTONIC);
		if (syscall(SYS_kill, child, SIGUSR1) < 0)
			die("kill");
		nsec[i] = (uint32_t)(now_nsec(CLOCK_MONOTONIC) - start);
	}
	return finish(child, nsec, count, began, cpu);
}

static int probes(pid_t child, uint32_t *nsec, long count)
{
	pid_t self = getpid();
	int64_t began = now_nsec(CLOCK_MONOTONIC);
	int64_t cpu = now_nsec(CLOCK_PROCESS_CPUTIME_ID);

	for (long i = 0; i < count; i++) {
		syscall(SYS_kill, child, 0);
		syscall(SYS_tgkill, self, self, SIGURG);
	}
	return finish(child, nsec, count, began, cpu);
}

/* Whether what is in the buffer tells of this sender: "name[PID]" or " pid=PID ". */
static bool tells(const char *lines)
{
	char text[32], record[32];

	snprintf(text, sizeof(text), "kills[%d]", getpid());
	snprintf(record, sizeof(record), " pid=%d ", getpid());
	return strstr(lines, text) || strstr(lines, record);
}

static void await_line(char *lines)
{
	size_t len = 0;

	lines[0] = '\0';
	while (!tells(lines)) {
		struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
		ssize_t n;

		if (poll(&p, 1, GIVE_UP_MSEC) <= 0)
			die("no line has come");
		if (len >= LINES_BYTES_MAX - 1)
			len = 0;
		n = read(STDIN_FILENO, lines + len, LINES_BYTES_MAX - 1 - len);
		if (n <= 0)
			die("no more lines");
		len += (size_t)n;
		lines[len] = '\0';
	}
}

/* What else came of the signal before, none of which is of the next. */
static void drop_lines(char *lines)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };

	while (poll(&p, 1, 0) > 0)
		if (read(STDIN_FILENO, lines, LINES_BYTES_MAX) <= 0)
			die("no more lines");
}

static int delay(pid_t child, uint32_t *nsec, long count, long pause_msec)
{
	char *lines = malloc(LINES_BYTES_MAX);
	int64_t began = now_nsec(CLOCK_MONOTONIC);
	int64_t cpu = now_nsec(CLOCK_PROCESS_CPUTIME_ID);

	if (!lines)
		die("malloc");
	for (long i = 0; i < count; i++) {
		int64_t start;

		sleep_until(now_nsec(CLOCK_MONOTONIC) + pause_msec * 1000000);
		drop_lines(lines);
		start = now_nsec(CLOCK_MONOTONIC);
		syscall(SYS_kill, child, SIGUSR1);
		await_line(lines);
		nsec[i] = (uint32_t)(now_nsec(CLOCK_MONOTONIC) - start);
	}
	free(lines);
	return finish(child, nsec, count, began, cpu);
}

/* A target that ends with its pipe: another signal would be one more line. */
static pid_t make_target(const int *end)
{
	pid_t pid = fork_bound();
	char byte;

	if (pid > 0)
		return pid;
	close(end[1]);
	while (read(end[0], &byte, 1) > 0)
		continue;
	_exit(0);
}

/* Signals its target each time when its turn comes, and gives the turn on. */
static pid_t make_sender(int turn, int next, pid_t target, long count)
{
	pid_t pid = fork_bound();
	char byte;

	if (pid > 0)
		return pid;
	for (long i = 0; i < count; i++)
		if (read(turn, &byte, 1) != 1 || syscall(SYS_kill, target, SIGUSR1) < 0 ||
		    write(next, &byte, 1) != 1)
			die("a turn");
	_exit(0);
}

static int many(long count, long n)
{
	int turns[SENDERS_MAX][2], end[2];
	pid_t senders[SENDERS_MAX];
	int status, failed = 0;

	/* Where one fails the others wait for their turn. */
	alarm(GIVE_UP_SECONDS);
	signal(SIGUSR1, SIG_IGN);
	if (pipe(end) < 0)
		die("pipe");
	for (long i = 0; i < n; i++)
		if (pipe(turns[i]) < 0)
			die("pipe");
	for (long i = 0; i < n; i++)
		senders[i] = make_sender(turns[i][0], turns[(i + 1) % n][1],
					 make_target(end), count / n);
	if (write(turns[0][1], "", 1) != 1)
		die("write");
	for (long i = 0; i < n; i++)
		failed |= waitpid(senders[i], &status, 0) < 0 || status;
	close(end[1]);
	while (wait(NULL) > 0)
		continue;
	printf("{\"sent\":%ld,\"pids\":[", count / n * n);
	for (long i = 0; i < n; i++)
		printf("%s%d", i ? "," : "", senders[i]);
	printf("]}\n");
	return failed;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	long count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	long number = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	uint32_t *nsec;

	if (!strcmp(what, "many") && count > 0 && number > 0 && number <= SENDERS_MAX)
		return many(count, number);
	nsec = count > 0 ? calloc((size_t)count, sizeof(*nsec)) : NULL;
	if (!nsec) {
		fprintf(stderr, "usage: kills flood|wait COUNT RATE | probes COUNT | "
				"delay COUNT MSEC | many COUNT SENDERS\n");
		return 2;
	}
	if (!strcmp(what, "wait"))
		wait_for_start();
	if (!strcmp(what, "flood") || !strcmp(what, "wait"))
		return flood(make_child(), nsec, count, number);
	if (!strcmp(what, "probes"))
		return probes(make_child(), nsec, count);
	if (!strcmp(what, "delay"))
		return delay(make_child(), nsec, count, number);
	fprintf(stderr, "kills: unknown: %s\n", what);
	free(nsec);
	return 2;
}
