/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* flood N: sends itself SIGCONT N times, 300 in a second. */
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define EVERY_NSEC 3333333

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 0;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	while (n--) {
		kill(getpid(), SIGCONT);
		next.tv_nsec += EVERY_NSEC;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		/* Late is made up for. */
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	return 0;
}
