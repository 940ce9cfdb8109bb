/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* output: chooses the sink and lets it out as fast as its reader reads. */
#pragma once

#include <systemd/sd-event.h>

#include "core/config.h"
#include "core/reason.h"
#include "io/sink.h"

struct output {
	struct sink *sink;
	const char *name;	   /* "the journal", "text", "JSON" */
	sd_event_source *writable; /* watches sink->fd, where it can be watched */
	sd_event_source *gather;   /* running while the journal makes more room */
	int watched_fd;
	bool ends_with_reader; /* a pipe or terminal is all that it's for; journald comes
				  back */
	bool is_journal;
	bool waiting; /* the queue isn't empty */
	bool gone;    /* the reader is: a clean stop */
	sd_event *loop;
};

/* Makes the sink that format asks for. 0, or -errno with the reason. */
int output_new(struct output *output, sd_event *loop, enum config_format format,
	       struct reason *reason);

/* The same for a sink of the caller's choice, which becomes the output's. name: for
 * people. ends_with_reader: when who reads the sink's descriptor is gone, that is the
 * end. */
void output_take(struct output *output, sd_event *loop, struct sink *sink,
		 const char *name, bool ends_with_reader);
void output_free(struct output *output);

/* Sends what is queued as far as it goes; ends the loop when a reader is gone that it
 * ends with. */
void output_flush(struct output *output);

/* At the end: sends what is queued, waiting up to a second for a reader that is slow, and
 * says what is left. goes_on: another process may go on with that. */
void output_drain(struct output *output, bool goes_on);
