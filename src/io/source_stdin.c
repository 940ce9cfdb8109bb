/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/source_stdin.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Holds the longest record and more, so that a read seldom ends within a line. */
#define BUFFER_BYTES (4 * RECORD_MAX_BYTES)

struct source_stdin {
	struct source source;
	size_t len;
	bool skipping; /* within a line that is too long */
	char data[BUFFER_BYTES];
};

static int take_line(struct source_stdin *s, const char *line, size_t len,
		     source_record_fn *fn, void *userdata)
{
	struct record record;
	int r = record_parse_line(line, len, &record);

	if (r == 0) {
		fn(&record, userdata);
		return 1;
	}
	if (r != -ENOMSG)
		s->source.counts.malformed++;
	return 0;
}

/* Takes all whole lines, and at the end of input what stands there without a newline. */
static int take_lines(struct source_stdin *s, bool end, source_record_fn *fn,
		      void *userdata)
{
	char *at = s->data, *stop = s->data + s->len, *newline;
	int n = 0;

	while ((newline = memchr(at, '\n', (size_t)(stop - at)))) {
		if (s->skipping)
			s->skipping = false;
		else
			n += take_line(s, at, (size_t)(newline - at), fn, userdata);
		at = newline + 1;
	}
	if (end && at < stop && !s->skipping) {
		n += take_line(s, at, (size_t)(stop - at), fn, userdata);
		at = stop;
	}
	s->len = (size_t)(stop - at);
	memmove(s->data, at, s->len);
	if (s->len == sizeof(s->data)) {
		if (!s->skipping)
			s->source.counts.malformed++;
		s->skipping = true;
		s->len = 0;
	}
	return n;
}

static int stdin_read(struct source *source, source_record_fn *fn, void *userdata)
{
	struct source_stdin *s = (struct source_stdin *)source;
	struct pollfd p = { source->fd, POLLIN, 0 };
	ssize_t n;

	/* The description is somebody else's too, so it is not ours to make non-blocking.
	 */
	if (poll(&p, 1, 0) == 0)
		return -EAGAIN;
	n = read(source->fd, s->data + s->len, sizeof(s->data) - s->len);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (n == 0) {
		take_lines(s, true, fn, userdata);
		return 0;
	}
	s->len += (size_t)n;
	n = take_lines(s, false, fn, userdata);
	return n ? (int)n : -EAGAIN;
}

static struct source *stdin_free(struct source *source)
{
	free(source);
	return NULL;
}

static const struct source_ops stdin_ops = {
	.read = stdin_read,
	.free = stdin_free,
};

int source_stdin_new(struct source **source, int fd)
{
	struct source_stdin *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->source.ops = &stdin_ops;
	s->source.fd = fd;
	*source = &s->source;
	return 0;
}
