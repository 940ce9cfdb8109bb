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
	VIEW_EXPORT,  /* journal export format, for systemd-journal-remote */
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

/* What stdout is: a terminal's width or 80; colour where it is a terminal, NO_COLOR and
 * TERM=dumb are honoured. */
void view_want_for_stdout(struct view_want *want, enum view_format format);

/* Writes to out, which stays the caller's, and may block. write() gives -EPIPE when the
 * reader is gone; flush() prints what the table holds back for its columns' sake (at most
 * some ten lines, so that the first come at once). 0 or -errno. */
int view_new(struct sink **view, FILE *out, const struct view_want *want);
