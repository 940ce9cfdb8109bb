/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>
#include <unistd.h>

#include "trail/say.h"
#include "io/now.h"
#include "io/sink_journal.h"
#include "io/sink_stream.h"

/* What waits for a slow reader; a line has some 300 bytes, an entry of the journal 1,000.
 */
#define QUEUE_BYTES (8 * 1024 * 1024)
#define DRAIN_USEC  1000000
/* journald's socket holds 11 entries (net.unix.max_dgram_qlen), and tells of room when it
 * has taken one: in so long it takes most of the others, too. */
#define GATHER_USEC 300

static enum config_format choose(enum config_format format)
{
	if (format != FORMAT_AUTO)
		return format;
	if (isatty(STDOUT_FILENO))
		return FORMAT_TEXT;
	return sink_journal_listens(SINK_JOURNAL_SOCKET) ? FORMAT_JOURNAL : FORMAT_TEXT;
}

static void reader_gone(struct output *output)
{
	output->gone = true;
	output->writable = sd_event_source_disable_unref(output->writable);
	if (output->ends_with_reader)
		(void)sd_event_exit(output->loop, 0);
}

static bool gathers(const struct output *output)
{
	return output->gather && sd_event_source_get_enabled(output->gather, NULL) > 0;
}

static int on_gathered(sd_event_source *source, uint64_t usec, void *userdata)
{
	output_flush(userdata);
	return 0;
}

/* Leaves the journal alone for a moment. */
static int gather_room(struct output *output)
{
	int r = 0;

	if (!output->gather)
		r = sd_event_add_time(output->loop, &output->gather, CLOCK_MONOTONIC, 0,
				      1, on_gathered, output);
	if (r >= 0)
		r = sd_event_source_set_time_relative(output->gather, GATHER_USEC);
	if (r >= 0)
		r = sd_event_source_set_enabled(output->gather, SD_EVENT_ONESHOT);
	if (r >= 0 && output->writable)
		r = sd_event_source_set_io_events(output->writable, 0);
	return r;
}

static int on_writable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct output *output = userdata;

	/* A pipe without a reader says so at once, not only with the next line. */
	if (revents & (EPOLLERR | EPOLLHUP) && output->ends_with_reader)
		reader_gone(output);
	else if (!output->is_journal || revents != EPOLLOUT || gather_room(output) < 0)
		output_flush(output);
	return 0;
}

static void watch_fd(struct output *output, int fd, uint32_t events)
{
	output->writable = sd_event_source_disable_unref(output->writable);
	output->watched_fd = fd;
	if (fd >= 0 && sd_event_add_io(output->loop, &output->writable, fd, events,
				       on_writable, output) < 0)
		output->writable = NULL;
}

static void unwatch(struct output *output)
{
	output->writable = sd_event_source_disable_unref(output->writable);
	output->watched_fd = -1;
}

/* For room, or else for the end of a reader that we end with. The sink's descriptor may
 * be another one after each flush, also one of the same number, or one that can't be
 * watched: then the loop's timer tries again. One that is broken is always ready: that is
 * for the timer, too. */
static void watch(struct output *output, bool for_room)
{
	uint32_t events = for_room ? EPOLLOUT : 0;

	if (!for_room && !output->ends_with_reader) {
		unwatch(output);
		return;
	}
	if (output->sink->fd != output->watched_fd ||
	    (output->writable &&
	     sd_event_source_set_io_events(output->writable, events) < 0))
		watch_fd(output, output->sink->fd, events);
}

void output_flush(struct output *output)
{
	const uint64_t written = output->sink->written;
	int r;

	if (output->gone || gathers(output))
		return;
	r = sink_flush(output->sink);
	if (r == -EPIPE) {
		reader_gone(output);
		return;
	}
	if (r < 0 && r != -EAGAIN && !output->waiting)
		say(LOG_WARNING, "can't write to %s: %s; lines wait", output->name,
		    strerror(-r));
	output->waiting = r < 0;
	/* Who takes some takes more; else there is a word when it does. */
	if (r == -EAGAIN && output->is_journal && output->sink->written > written &&
	    gather_room(output) >= 0)
		return;
	watch(output, r == -EAGAIN);
}

static void drain(struct output *output)
{
	int64_t begin = now_mono_usec(), now = begin;

	while (!output->gone && now - begin < DRAIN_USEC) {
		struct pollfd p = { output->sink->fd, POLLOUT, 0 };
		int r = sink_flush(output->sink);

		if (r != -EAGAIN)
			return;
		(void)poll(&p, p.fd >= 0, 50);
		now = now_mono_usec();
	}
}

void output_drain(struct output *output, bool goes_on)
{
	drain(output);
	/* Nobody takes the trail's word any more: the administrator is told. */
	if (sink_waiting(output->sink) && goes_on)
		say(LOG_WARNING,
		    "%llu lines wait to be written after a restart; a stop drops "
		    "them",
		    (unsigned long long)sink_waiting(output->sink));
	else if (sink_waiting(output->sink))
		say(LOG_WARNING, "%llu line%s could not be written to %s before the end",
		    (unsigned long long)sink_waiting(output->sink),
		    sink_waiting(output->sink) == 1 ? "" : "s", output->name);
}

void output_take(struct output *output, sd_event *loop, struct sink *sink,
		 const char *name, bool ends_with_reader)
{
	*output = (struct output){
		.sink = sink,
		.name = name,
		.loop = loop,
		.watched_fd = -1,
		.ends_with_reader = ends_with_reader,
	};
	watch(output, false);
}

int output_new(struct output *output, sd_event *loop, enum config_format format,
	       struct reason *reason)
{
	struct sink *sink = NULL;
	const char *name;
	int r;

	format = choose(format);
	switch (format) {
	case FORMAT_JOURNAL:
		name = "the journal";
		r = sink_journal_new(&sink, SINK_JOURNAL_SOCKET, QUEUE_BYTES);
		if (r == 0)
			r = sink_journal_number(sink);
		break;
	case FORMAT_JSON:
		name = "standard output as JSON";
		r = sink_stream_new(&sink, STDOUT_FILENO, SINK_STREAM_JSON, QUEUE_BYTES);
		break;
	default:
		name = "standard output as text";
		r = sink_stream_new(&sink, STDOUT_FILENO, SINK_STREAM_TEXT, QUEUE_BYTES);
		break;
	}
	if (r < 0) {
		reason_set(reason, "can't write to %s: %s", name, strerror(-r));
		sink_free(sink);
		return r;
	}
	output_take(output, loop, sink, name, format != FORMAT_JOURNAL);
	output->is_journal = format == FORMAT_JOURNAL;
	return 0;
}

void output_free(struct output *output)
{
	output->writable = sd_event_source_disable_unref(output->writable);
	output->gather = sd_event_source_disable_unref(output->gather);
	output->sink = sink_free(output->sink);
}
