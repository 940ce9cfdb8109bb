/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/pidnumber.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 64

static int parse(const char *text, size_t len, int64_t *number)
{
	int64_t n = 0;
	size_t i = 0, digits;

	while (i < len && (text[i] == ' ' || text[i] == '\t' || text[i] == '\n'))
		i++;
	for (digits = i; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		n = n * 10 + (text[i] - '0');
		if (n > INT32_MAX)
			return -EBADMSG;
	}
	if (i == digits || n == 0 || i == READ_BYTES)
		return -EBADMSG;
	if (i < len && !strchr(" \t\r\n", text[i]))
		return -EBADMSG;
	*number = n;
	return 0;
}

int pidnumber_read(const char *path, struct statx *st, int64_t *number)
{
	/* It may be a pipe by now. */
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[READ_BYTES];
	ssize_t n;
	int r;

	if (fd < 0)
		return -errno;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, st) < 0)
		r = -errno;
	else if (!S_ISREG(st->stx_mode))
		r = -EBADMSG;
	else if ((n = read(fd, text, sizeof(text))) < 0)
		r = -errno;
	else
		r = parse(text, n, number);
	close(fd);
	return r;
}
