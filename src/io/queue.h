/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue: entries that wait to go out, in order and in bounded memory, which may be shared
 * with who comes after a crash: then no entry goes out twice, and none is forgotten. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* As many entries go out by one call at most. */
#define QUEUE_WINDOW 64

/* What is written while entries go out. Positions count bytes and only grow. */
struct queue_sent {
	uint64_t head; /* all before it is out */
	uint64_t done; /* bytes of the entry there that are out, too */
	/* The entries that a call under way takes, n from base on; void where base isn't
	 * head. */
	uint64_t base;
	uint32_t n;
	/* Nobody can tell which of them are out; else those whose msg_len isn't 0. */
	uint32_t uncertain;
	struct mmsghdr messages[QUEUE_WINDOW];
};

/* All zero but limit is an empty queue. */
struct queue {
	size_t limit; /* bytes that it may take, its own bookkeeping too */
	size_t used;
	bool kept;	 /* sent and ring are somebody else's */
	uint64_t origin; /* the position that lies at the ring's begin */
	uint64_t ready;	 /* what is behind it may not go out yet */
	uint64_t tail;
	struct queue_sent *sent;
	char *ring; /* limit bytes */
};

/* Gives the memory back, if it is ours. */
void queue_free(struct queue *queue);

/* Uses this memory, which stays the caller's; the queue must be empty. Entries go out
 * only after queue_commit(). */
void queue_keep(struct queue *queue, struct queue_sent *sent, char *ring);

/* How sent and ring are laid out, as a number: those of another layout can't be taken up.
 */
uint32_t queue_layout(void);

/* Takes up what another one has left in the memory of queue_keep(), given its origin and
 * its tail as they were committed. Entries of which nobody can tell whether they went out
 * are dropped; *events gets what they stood for. How many entries wait, or -EBADMSG for
 * what we never leave; then the queue is empty. */
int queue_recover(struct queue *queue, uint64_t origin, uint64_t tail, uint64_t *events);

/* Appends a copy of the bytes, which stand for so many events. 0; -ENOBUFS: it doesn't
 * fit; -ENOMEM. */
int queue_add(struct queue *queue, const void *data, size_t len, uint64_t events);

/* What was added up to now may go out. */
void queue_commit(struct queue *queue);

/* Points iov at the first entries that may go out, at most max; how many. They stay in
 * the queue. */
size_t queue_peek(const struct queue *queue, struct iovec *iov, size_t max);

/* To be called before n of them are sent; queue_drop() or queue_failed() must follow. The
 * messages to send them by: the kernel writes into msg_len what is out (sendmmsg(2)).
 * uncertain: sent by other means, which leave no such trace. */
struct mmsghdr *queue_sending(struct queue *queue, size_t n, bool uncertain);
void queue_failed(struct queue *queue);

/* Drops the first n entries. */
void queue_drop(struct queue *queue, size_t n);

/* Bytes of the first entry that are out. */
size_t queue_done(const struct queue *queue);
void queue_set_done(struct queue *queue, size_t done);
