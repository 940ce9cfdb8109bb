/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/source_log.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/unpack.h"

/* More than the longest record, so that a read seldom ends within a line. */
#define BUFFER_BYTES (4 * RECORD_MAX_BYTES)

struct source_log {
	struct source source;
	struct unpack *unpack;
	uint64_t line;
	uint64_t records;
	uint64_t first_malformed;
	bool end;      /* of the input */
	bool skipping; /* within a line that is too long */
	bool interpreted;
	struct record last; /* its stamp and node, for the separator behind it */
	char last_node[256];
	size_t start;
	size_t len;
	char data[BUFFER_BYTES];
};

static void count_malformed(struct source_log *s)
{
	s->source.counts.malformed++;
	if (!s->first_malformed)
		s->first_malformed = s->line;
}

/* `ausearch -i` writes the stamp as a date, a blank and the time of day. */
static bool is_interpreted(const char *line, size_t len)
{
	static const char mark[] = "msg=audit(";
	const char *end = line + len;
	const char *at = memmem(line, len < 400 ? len : 400, mark, sizeof(mark) - 1);
	const char *close = at ? memchr(at, ')', (size_t)(end - at)) : NULL;

	return close && memchr(at, ' ', (size_t)(close - at)) &&
	       memchr(at, ':', (size_t)(close - at));
}

/* A line that was cut, and the next record behind it: which field is whose can't be told.
 * The kernel writes no such text into these records: it encodes names with blanks. */
static bool is_run_together(const struct record *record)
{
	return memmem(record->body.data, record->body.len, " msg=audit(", 11) != NULL;
}

static void remember(struct source_log *s, const struct record *record)
{
	s->last = *record;
	s->last.type = AUDIT_EOE;
	s->last.body = (struct bytes){ 0 };
	/* record_parse_line() takes names of up to 255 bytes. */
	memcpy(s->last_node, record->node.data ? record->node.data : "",
	       record->node.len);
	s->last.node.data = s->last_node;
}

static int take_separator(struct source_log *s, source_record_fn *fn, void *userdata)
{
	if (s->last.type == AUDIT_EOE)
		fn(&s->last, userdata);
	s->last.type = 0;
	return 0;
}

static int take_line(struct source_log *s, const char *line, size_t len,
		     source_record_fn *fn, void *userdata)
{
	struct record record;
	int r;

	if (len >= 4 && memcmp(line, "----", 4) == 0)
		return take_separator(s, fn, userdata);
	r = record_parse_line(line, len, &record);
	if (r == -ENOMSG)
		return 0;
	if (r < 0 || is_run_together(&record)) {
		s->interpreted =
			s->interpreted || (!s->records && is_interpreted(line, len));
		count_malformed(s);
		return 0;
	}
	s->records++;
	remember(s, &record);
	fn(&record, userdata);
	return 1;
}

/* Takes all whole lines. */
static int take_lines(struct source_log *s, source_record_fn *fn, void *userdata)
{
	char *at = s->data + s->start, *stop = s->data + s->len, *newline;
	int n = 0;

	while ((newline = memchr(at, '\n', (size_t)(stop - at)))) {
		s->line++;
		if (s->skipping)
			s->skipping = false;
		else
			n += take_line(s, at, (size_t)(newline - at), fn, userdata);
		at = newline + 1;
	}
	s->start = (size_t)(at - s->data);
	return n;
}

/* Makes room behind what is there: a whole buffer of one line is passed over. */
static void make_room(struct source_log *s)
{
	s->len -= s->start;
	memmove(s->data, s->data + s->start, s->len);
	s->start = 0;
	if (s->len < sizeof(s->data))
		return;
	if (!s->skipping) {
		s->line++;
		count_malformed(s);
		s->line--;
	}
	s->skipping = true;
	s->len = 0;
}

static int fill(struct source_log *s)
{
	ssize_t n = unpack_read(s->unpack, s->data + s->len, sizeof(s->data) - s->len);

	if (n < 0)
		return (int)n;
	s->len += (size_t)n;
	s->end = n == 0;
	return 0;
}

/* A line without its end: auditd is writing it, or the disk was full. What is cut may be
 * within a number, so it isn't believed. */
static void take_rest(struct source_log *s)
{
	if (s->start < s->len && !s->skipping) {
		s->line++;
		count_malformed(s);
	}
	s->start = s->len;
}

static int log_read(struct source *source, source_record_fn *fn, void *userdata)
{
	struct source_log *s = (struct source_log *)source;
	int n = 0, r = 0;

	while (n == 0 && r == 0) {
		n = take_lines(s, fn, userdata);
		if (s->interpreted)
			return -EPROTO;
		if (n > 0)
			break;
		make_room(s);
		if (s->end) {
			take_rest(s);
			return 0;
		}
		r = fill(s);
	}
	return n > 0 ? n : r;
}

static bool find_first(const struct source_log *s, struct record *record)
{
	const char *at = s->data + s->start, *stop = s->data + s->len, *newline;

	while ((newline = memchr(at, '\n', (size_t)(stop - at)))) {
		if (record_parse_line(at, (size_t)(newline - at), record) == 0 &&
		    !is_run_together(record))
			return true;
		at = newline + 1;
	}
	return false;
}

int source_log_peek(struct source *source, struct source_log_first *first)
{
	struct source_log *s = (struct source_log *)source;
	struct record record;
	bool found = find_first(s, &record);
	int r = 0;

	while (!found && r == 0 && !s->end && s->len < sizeof(s->data)) {
		r = fill(s);
		found = find_first(s, &record);
	}
	*first = (struct source_log_first){ .time_usec = NUMBER_ABSENT };
	if (found)
		*first = (struct source_log_first){ record_time_usec(&record),
						    record.serial, record.node.len > 0 };
	return found ? 0 : r;
}

uint64_t source_log_first_malformed(const struct source *source)
{
	return ((const struct source_log *)source)->first_malformed;
}

uint64_t source_log_records(const struct source *source)
{
	return ((const struct source_log *)source)->records;
}

const char *source_log_tool(const struct source *source)
{
	return unpack_tool(((const struct source_log *)source)->unpack);
}

static struct source *log_free(struct source *source)
{
	struct source_log *s = (struct source_log *)source;

	unpack_free(s->unpack);
	free(s);
	return NULL;
}

static const struct source_ops log_ops = {
	.read = log_read,
	.free = log_free,
};

int source_log_new(struct source **source, int fd)
{
	struct source_log *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	r = unpack_new(&s->unpack, fd);
	if (r < 0) {
		free(s);
		return r;
	}
	s->source.ops = &log_ops;
	s->source.fd = fd;
	*source = &s->source;
	return 0;
}
