/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/procparse.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* Of /proc/PID/stat, as proc(5) counts them. */
enum stat_field {
	FIELD_PPID = 4,
	FIELD_FLAGS = 9,
	FIELD_THREADS = 20,
	FIELD_STARTTIME = 22,
	FIELD_STARTCODE = 26,
	FIELD_ENDCODE = 27,
	FIELD_STARTSTACK = 28,
	FIELD_START_DATA = 45,
	FIELD_ENV_END = 51,
};

/* PF_EXITING, include/linux/sched.h. */
#define FLAG_EXITING 0x4

/* More ticks than that since boot don't fit into microseconds. */
#define TICKS_MAX ((uint64_t)INT64_MAX / 1000000)

/* Nobody passes so many empty arguments at the end. */
#define PADDING_MIN 8

/* Takes a decimal number off the text, blanks before it skipped. */
static bool take_number(const char **text, const char *end, uint64_t *value,
			bool *negative)
{
	const char *p = *text;
	uint64_t n = 0;
	bool digits = false;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	*negative = p < end && *p == '-';
	if (*negative)
		p++;
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return false;
		digits = true;
	}
	if (!digits || (p < end && *p != ' ' && *p != '\t' && *p != '\n'))
		return false;
	*text = p;
	*value = n;
	return true;
}

/* FNV-1a over the bytes of a number. */
static uint64_t mix(uint64_t hash, uint64_t value)
{
	for (int i = 0; i < 64; i += 8) {
		hash ^= value >> i & 0xff;
		hash *= 0x100000001b3;
	}
	return hash;
}

static uint64_t image_of(const uint64_t field[FIELD_ENV_END + 1])
{
	uint64_t hash = 0xcbf29ce484222325;

	/* do_task_stat() in fs/proc/array.c: 0 without memory, 1 without permission. */
	if (field[FIELD_ENDCODE] == 0)
		return PROC_IMAGE_NONE;
	if (field[FIELD_ENDCODE] == 1)
		return PROC_IMAGE_HIDDEN;
	for (int i = FIELD_STARTCODE; i <= FIELD_STARTSTACK; i++)
		hash = mix(hash, field[i]);
	for (int i = FIELD_START_DATA; i <= FIELD_ENV_END; i++)
		hash = mix(hash, field[i]);
	return hash > PROC_IMAGE_HIDDEN ? hash : PROC_IMAGE_HIDDEN + 1;
}

/* The fields behind the state. */
static int parse_numbers(const char *text, const char *end, struct proc_stat *stat)
{
	uint64_t field[FIELD_ENV_END + 1] = { 0 };
	bool negative;

	for (int i = FIELD_PPID; i <= FIELD_ENV_END; i++) {
		if (!take_number(&text, end, &field[i], &negative)) {
			if (i <= FIELD_STARTSTACK)
				return -EBADMSG;
			break;
		}
		if (negative && (i == FIELD_PPID || i == FIELD_STARTTIME))
			return -EBADMSG;
	}
	if (field[FIELD_PPID] > INT32_MAX || field[FIELD_STARTTIME] > TICKS_MAX)
		return -EBADMSG;
	stat->ppid = field[FIELD_PPID];
	stat->threads = field[FIELD_THREADS];
	stat->start_ticks = field[FIELD_STARTTIME];
	stat->exiting |= (field[FIELD_FLAGS] & FLAG_EXITING) != 0;
	stat->image = image_of(field);
	return 0;
}

int procparse_stat(const char *text, size_t len, struct proc_stat *stat)
{
	const char *end = text + len;
	const char *p = text;
	const char *close;
	bool negative;
	uint64_t pid;
	size_t n;

	*stat = (struct proc_stat){ 0 };
	if (!take_number(&p, end, &pid, &negative) || negative || pid > INT32_MAX)
		return -EBADMSG;
	if (end - p < 2 || p[0] != ' ' || p[1] != '(')
		return -EBADMSG;
	p += 2;
	close = memrchr(p, ')', end - p);
	if (!close || end - close < 4 || close[1] != ' ' || close[3] != ' ')
		return -EBADMSG;
	n = close - p;
	if (n >= sizeof(stat->comm))
		n = sizeof(stat->comm) - 1;
	memcpy(stat->comm, p, n);
	stat->pid = pid;
	stat->exiting = close[2] == 'Z' || close[2] == 'X';
	return parse_numbers(close + 4, end, stat);
}

/* Reads the NSpid line: how many ids it has and the last one, or only the first max. */
static int parse_nspid(const char *text, size_t len, int max, int *depth, int64_t *last)
{
	static const char key[] = "NSpid:";
	const char *end = text + len;
	const char *p = text;
	const char *line_end = NULL;
	bool negative;
	uint64_t n;

	for (; p < end; p = line_end + 1) {
		line_end = memchr(p, '\n', end - p);
		if (!line_end)
			return -ENODATA;
		if (line_end - p > (ptrdiff_t)strlen(key) && !memcmp(p, key, strlen(key)))
			break;
	}
	if (p >= end)
		return -ENODATA;
	*depth = 0;
	for (p += strlen(key); p < line_end && *depth < max; (*depth)++) {
		if (!take_number(&p, line_end, &n, &negative) || negative ||
		    n > INT32_MAX)
			return -ENODATA;
		*last = n;
	}
	return *depth ? 0 : -ENODATA;
}

int procparse_nspid(const char *text, size_t len, int *depth, int64_t *innermost)
{
	return parse_nspid(text, len, INT_MAX, depth, innermost);
}

int procparse_nspid_at(const char *text, size_t len, int depth, int64_t *id)
{
	int found;
	int r = parse_nspid(text, len, depth, &found, id);

	return r == 0 && found != depth ? -ENODATA : r;
}

size_t procparse_cmdline_len(const char *text, size_t len)
{
	size_t n = len;

	while (n && text[n - 1] == '\0')
		n--;
	if (len - n < PADDING_MIN)
		return len;
	return n ? n + 1 : 0;
}
