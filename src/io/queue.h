/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue: entries that wait to go out, in order and in bounded memory. */
#pragma once

#include <stddef.h>
#include <sys/uio.h>

struct queue_entry;

/* All zero but limit is an empty queue. */
struct queue {
	size_t limit; /* bytes that it may take, its own bookkeeping too */
	size_t used;
	struct queue_entry *first;
	struct queue_entry **end; /* where the next one is hung in */
};

/* Appends a copy of the bytes. 0; -ENOBUFS: it doesn't fit; -ENOMEM. */
int queue_add(struct queue *queue, const void *data, size_t len);

/* Points iov at the first entries, at most max; how many. They stay in the queue. */
size_t queue_peek(const struct queue *queue, struct iovec *iov, size_t max);

/* Drops the first n entries. */
void queue_drop(struct queue *queue, size_t n);
