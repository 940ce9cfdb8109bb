// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * victim: what the cases need and a shell can't do.
 *
 *     victim threads N           sleeps with N named threads
 *     victim segv|abort|forbid   dies of SIGSEGV, of abort(3), calls getpriority(2)
 *     victim eat                 touches memory until it is killed
 *     victim flood PID N         sends PID so many SIGCONT
 *     victim ignore              lives on without caring for SIGTERM
 *     victim pulse PID FILE      sends PID a SIGCONT each ms until FILE is there, and
 *                                says how many
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void *thread_sleep(void *name)
{
	prctl(PR_SET_NAME, name);
	for (;;)
		pause();
	return NULL;
}

static int threads(int count)
{
	static char names[64][16];
	pthread_t thread;

	if (count > 64)
		return 2;
	for (int i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "GC-worker-%d", i + 1);
		if (pthread_create(&thread, NULL, thread_sleep, names[i]))
			return 1;
	}
	for (;;)
		pause();
}

static int eat(void)
{
	for (;;) {
		char *block = malloc(1 << 20);

		if (!block)
			return 1;
		memset(block, 1, 1 << 20);
		/* Keeps the compiler from leaving the store out. */
		__asm__ volatile("" : : "r"(block) : "memory");
	}
}

static int flood(pid_t pid, int count)
{
	while (count-- > 0)
		kill(pid, SIGCONT);
	return 0;
}

static int stay(void)
{
	signal(SIGTERM, SIG_IGN);
	while (pause())
		;
	return 0;
}

static int pulse(pid_t pid, const char *file)
{
	int count = 0;

	for (; access(file, F_OK); count++) {
		kill(pid, SIGCONT);
		usleep(1000);
	}
	return printf("%d\n", count) < 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "threads") && argc == 3)
		return threads(atoi(argv[2]));
	if (!strcmp(what, "flood") && argc == 4)
		return flood(atoi(argv[2]), atoi(argv[3]));
	if (!strcmp(what, "ignore"))
		return stay();
	if (!strcmp(what, "pulse") && argc == 4)
		return pulse(atoi(argv[2]), argv[3]);
	if (!strcmp(what, "eat"))
		return eat();
	if (!strcmp(what, "abort"))
		abort();
	if (!strcmp(what, "forbid"))
		return getpriority(PRIO_PROCESS, 0);
	if (!strcmp(what, "segv")) {
		volatile int *volatile nowhere = NULL;

		*nowhere = 1;
	}
	return 2;
}
