/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* foreign: what fills the records of a host whose rules watch execve and files, without a
 * signal: runs itself again and again, and opens a file some times in each life.
 *
 *     foreign COUNT FILE     COUNT execs, each with OPENS opens of FILE */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OPENS 4

int main(int argc, char **argv)
{
	long count = argc == 3 ? strtol(argv[1], NULL, 10) : -1;
	char next[24];

	if (count < 0) {
		fprintf(stderr, "usage: foreign COUNT FILE\n");
		return 2;
	}
	if (count == 0)
		return 0;
	for (int i = 0; i < OPENS; i++) {
		int fd = open(argv[2], O_RDONLY | O_CLOEXEC);

		if (fd < 0) {
			perror("foreign: open");
			return 1;
		}
		close(fd);
	}
	snprintf(next, sizeof(next), "%ld", count - 1);
	execl("/proc/self/exe", argv[0], next, argv[2], NULL);
	perror("foreign: exec");
	return 1;
}
