/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* view: events for people or programs, on a stream: the sink of log, why and replay. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "core/reason.h"
#include "io/sink.h"

enum view_format {
	VIEW_TABLE,   /* columns, as wide as the terminal (80 where there is none) */
	VIEW_SHORT,   /* the daemon's text lines */
	VIEW_VERBOSE, /* each known field of an event on a line of its own */
	VIEW_JSON,    /* the daemon's JSON */
	VIEW_EXPORT,  /* journal export format, for systemd-journal-remote(8) */
};

struct people;

struct view_want {
	enum view_format format;
	bool utc;   /* else local time; JSON and export have UTC always */
	bool hosts; /* a column with the host (event.node) */
	bool colour;
	int width;	       /* of the table */
	struct people *people; /* names of uids; NULL: numbers */
};

/* The word of -o. 0, or -EINVAL with the reason, which names what there is. */
int view_format_parse(enum view_format *format, const char *word, struct reason *reason);

/* What stdout is: COLUMNS, or a terminal's width, or 80; colour where it is a terminal,
 * NO_COLOR and TERM=dumb are honoured. The rest is all zero. */
void view_want_for_stdout(struct view_want *want, enum view_format format);

/* Writes to out, which stays the caller's, as want.people does, and may block. The first
 * 32 events go out at once, the others when enough are held back or at flush(): call that
 * before waiting for more, and before the end. write() and flush() give -EPIPE when the
 * reader is gone (SIGPIPE has to be ignored for that), or another -errno of out. Columns
 * are as wide at the millionth event as at the first. 0 or -ENOMEM. */
int view_new(struct sink **view, FILE *out, const struct view_want *want);
