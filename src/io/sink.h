/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sink: where lines go. A sink never blocks: what can't go out now waits in a bounded
 * queue, and what doesn't fit there is counted. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"

struct queue;
struct handed;
struct sink;

struct sink_ops {
	/* Queues one entry. 0; -ENOBUFS: the queue is full, the entry is dropped and
	 * counted in lost; -ENOMEM likewise. */
	int (*write)(struct sink *sink, const struct signal_event *ev);
	/* Sends what is queued as far as it goes. 0: all is out; -EAGAIN: the rest waits,
	 * try again when fd is writable, or after a second where there is none (fd -1);
	 * -EPIPE: the reader is gone for good; other -errno: broken. */
	int (*flush)(struct sink *sink);
	/* SIGHUP: opens a file again under its name, for log rotation. 0 or -errno. */
	int (*reopen)(struct sink *sink);
	struct sink *(*free)(struct sink *sink);
	/* What waits, so that it can be kept over a restart; NULL: there is none. */
	struct queue *(*queue)(struct sink *sink);
};

/* What every sink begins with. */
struct sink {
	const struct sink_ops *ops;
	int fd;		   /* may change with every flush */
	uint64_t taken_up; /* of the next two, entries that one before us has left */
	uint64_t queued;   /* entries taken */
	uint64_t written;  /* of them, entries handed to the kernel */
	uint64_t lost;	 /* signals and deaths whose line was dropped since the start: the
			    queue was full */
	uint64_t failed; /* entries that the receiver refused for good (journal: too large
			    ...) */
	struct handed *handed; /* what isn't known to be written; NULL: nobody checks */
};

static inline int sink_write(struct sink *sink, const struct signal_event *ev)
{
	return sink->ops->write(sink, ev);
}

static inline int sink_flush(struct sink *sink)
{
	return sink->ops->flush(sink);
}

/* For implementations: the queue couldn't take its line. What is said of the trail stands
 * for no event. */
static inline void sink_count_lost(struct sink *sink, const struct signal_event *ev)
{
	if (ev->kind != EVENT_TRAIL)
		sink->lost += event_count(ev);
}

/* Entries that wait in the queue. */
static inline uint64_t sink_waiting(const struct sink *sink)
{
	return sink->queued - sink->written - sink->failed;
}

static inline int sink_reopen(struct sink *sink)
{
	return sink->ops->reopen(sink);
}

static inline struct queue *sink_queue(struct sink *sink)
{
	return sink->ops->queue ? sink->ops->queue(sink) : NULL;
}

static inline struct sink *sink_free(struct sink *sink)
{
	return sink ? sink->ops->free(sink) : NULL;
}
