/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/queue.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define ALIGNMENT 8
/* Instead of a length: the rest of the ring is empty, the next entry is at its begin. */
#define SKIP UINT32_MAX

struct queue_entry {
	uint32_t len;
	uint32_t events;
	char data[];
};

/* A crash ends the program between two of its instructions: the compiler alone may not
 * change the order of what is written. */
static void in_order(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

static size_t size_of(size_t len)
{
	return (sizeof(struct queue_entry) + len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t offset_of(const struct queue *queue, uint64_t position)
{
	return (position - queue->origin) % queue->limit;
}

static struct queue_entry *entry_at(const struct queue *queue, uint64_t position)
{
	return (struct queue_entry *)(queue->ring + offset_of(queue, position));
}

/* Where the entry behind this position is: there, or behind a skipped rest. */
static uint64_t settle(const struct queue *queue, uint64_t position, uint64_t end)
{
	size_t rest = queue->limit - offset_of(queue, position);

	if (position == end || (rest >= sizeof(struct queue_entry) &&
				entry_at(queue, position)->len != SKIP))
		return position;
	return position + rest;
}

static void count_used(struct queue *queue)
{
	queue->used = queue->tail - queue->sent->head;
}

void queue_free(struct queue *queue)
{
	if (!queue->kept) {
		free(queue->sent);
		free(queue->ring);
	}
	*queue = (struct queue){ .limit = queue->limit };
}

void queue_keep(struct queue *queue, struct queue_sent *sent, char *ring)
{
	queue_free(queue);
	queue->kept = true;
	queue->sent = sent;
	queue->ring = ring;
	queue->origin = queue->ready = queue->tail = sent->head;
}

/* Is there a chain of whole entries from the head to the tail? */
static bool is_whole(const struct queue *queue, int *entries)
{
	uint64_t position = queue->sent->head;

	if (position < queue->origin || position > queue->tail ||
	    queue->tail - position > queue->limit || position % ALIGNMENT != 0 ||
	    queue->origin % ALIGNMENT != 0)
		return false;
	while ((position = settle(queue, position, queue->tail)) < queue->tail) {
		size_t size = size_of(entry_at(queue, position)->len);

		if (size > queue->limit - offset_of(queue, position) ||
		    size > queue->tail - position)
			return false;
		position += size;
		++*entries;
	}
	return position == queue->tail;
}

static struct queue_entry *first(const struct queue *queue)
{
	uint64_t position = settle(queue, queue->sent->head, queue->tail);

	return position < queue->tail ? entry_at(queue, position) : NULL;
}

static void take_off_first(struct queue *queue)
{
	uint64_t position = settle(queue, queue->sent->head, queue->tail);

	queue->sent->head = position + size_of(entry_at(queue, position)->len);
	count_used(queue);
}

/* What a call that was under way has sent, and what it may have. */
static void apply_window(struct queue *queue, int *entries, uint64_t *events)
{
	const struct queue_sent *sent = queue->sent;
	const uint32_t n = sent->n < QUEUE_WINDOW ? sent->n : QUEUE_WINDOW;
	const bool uncertain = sent->uncertain;

	if (sent->base != sent->head)
		return;
	for (uint32_t i = 0; i < n && (uncertain || sent->messages[i].msg_len); i++) {
		const struct queue_entry *entry = first(queue);

		if (!entry)
			return;
		*events += uncertain ? entry->events : 0;
		take_off_first(queue);
		--*entries;
	}
}

uint32_t queue_layout(void)
{
	const uint64_t layout[] = {
		QUEUE_WINDOW,
		ALIGNMENT,
		SKIP,
		sizeof(struct queue_entry),
		offsetof(struct queue_entry, len),
		offsetof(struct queue_entry, events),
		offsetof(struct queue_entry, data),
		sizeof(struct queue_sent),
		offsetof(struct queue_sent, head),
		offsetof(struct queue_sent, done),
		offsetof(struct queue_sent, base),
		offsetof(struct queue_sent, n),
		offsetof(struct queue_sent, uncertain),
		offsetof(struct queue_sent, messages),
		sizeof(struct mmsghdr),
	};

	return (uint32_t)crc32_z(0, (const Bytef *)layout, sizeof(layout));
}

int queue_recover(struct queue *queue, uint64_t origin, uint64_t tail, uint64_t *events)
{
	int entries = 0;

	*events = 0;
	queue->origin = origin;
	queue->tail = queue->ready = tail;
	if (!is_whole(queue, &entries)) {
		memset(queue->sent, 0, sizeof(*queue->sent));
		queue_keep(queue, queue->sent, queue->ring);
		return -EBADMSG;
	}
	count_used(queue);
	if (first(queue) ? queue->sent->done > first(queue)->len : true)
		queue->sent->done = 0;
	apply_window(queue, &entries, events);
	if (*events)
		queue->sent->done = 0;
	queue_failed(queue);
	return entries;
}

static int get_memory(struct queue *queue)
{
	if (queue->ring)
		return 0;
	queue->limit -= queue->limit % ALIGNMENT;
	queue->sent = calloc(1, sizeof(*queue->sent));
	/* Not touched before it is used. */
	queue->ring = malloc(queue->limit);
	if (queue->sent && queue->ring)
		return 0;
	queue_free(queue);
	return -ENOMEM;
}

int queue_add(struct queue *queue, const void *data, size_t len, uint64_t events)
{
	struct queue_entry *entry;
	size_t size, rest;

	if (len >= SKIP || size_of(len) > queue->limit)
		return -ENOBUFS;
	if (get_memory(queue) < 0)
		return -ENOMEM;
	size = size_of(len);
	if (!queue->used)
		queue->origin = queue->tail;
	rest = queue->limit - offset_of(queue, queue->tail);
	if (rest >= size)
		rest = 0;
	if (queue->limit - queue->used < rest + size)
		return -ENOBUFS;
	if (rest) {
		entry_at(queue, queue->tail)->len = SKIP;
		queue->tail += rest;
	}
	entry = entry_at(queue, queue->tail);
	entry->len = (uint32_t)len;
	entry->events = events < UINT32_MAX ? (uint32_t)events : UINT32_MAX;
	if (len)
		memcpy(entry->data, data, len);
	queue->tail += size;
	count_used(queue);
	if (!queue->kept)
		queue->ready = queue->tail;
	return 0;
}

void queue_commit(struct queue *queue)
{
	queue->ready = queue->tail;
}

size_t queue_peek(const struct queue *queue, struct iovec *iov, size_t max)
{
	uint64_t position;
	size_t n = 0;

	if (!queue->used)
		return 0;
	position = queue->sent->head;
	while (n < max &&
	       (position = settle(queue, position, queue->ready)) < queue->ready) {
		struct queue_entry *entry = entry_at(queue, position);

		iov[n++] = (struct iovec){ entry->data, entry->len };
		position += size_of(entry->len);
	}
	return n;
}

struct mmsghdr *queue_sending(struct queue *queue, size_t n, bool uncertain)
{
	struct queue_sent *sent = queue->sent;

	sent->n = 0;
	in_order();
	for (size_t i = 0; i < n; i++)
		sent->messages[i].msg_len = 0;
	sent->base = sent->head;
	sent->uncertain = uncertain;
	in_order();
	sent->n = (uint32_t)n;
	in_order();
	return sent->messages;
}

void queue_failed(struct queue *queue)
{
	queue->sent->n = 0;
	in_order();
}

void queue_drop(struct queue *queue, size_t n)
{
	uint64_t position;

	if (!queue->used)
		return;
	position = queue->sent->head;
	while (n-- && (position = settle(queue, position, queue->tail)) < queue->tail)
		position += size_of(entry_at(queue, position)->len);
	in_order();
	/* With this the window is void. */
	if (position != queue->sent->head)
		queue->sent->head = position;
	in_order();
	queue->sent->n = 0;
	count_used(queue);
}

size_t queue_done(const struct queue *queue)
{
	return queue->sent ? queue->sent->done : 0;
}

void queue_set_done(struct queue *queue, size_t done)
{
	if (queue->sent)
		queue->sent->done = done;
}
