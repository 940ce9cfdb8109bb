/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/say.h"

#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe that polls writable takes as much without blocking (pipe(7)). */
#define LINE_BYTES PIPE_BUF

static const char *program = "sigtraild";

void say_as(const char *name)
{
	program = name;
}

/* Is standard error the stream that the service manager reads? (systemd.exec(5)) */
static bool is_managed(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

void say(int priority, const char *format, ...)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	char line[LINE_BYTES];
	va_list args;
	int head, n;

	if (is_managed())
		head = snprintf(line, sizeof(line), "<%d>", priority);
	else
		head = snprintf(line, sizeof(line), "%s: ", program);
	va_start(args, format);
	n = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	n = (int)strlen(line);
	line[n++] = '\n';
	/* Nobody reads it: the loop must not wait for them. */
	if (poll(&p, 1, 0) == 1 && write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}
