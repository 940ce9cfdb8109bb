/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct queue_entry {
	struct queue_entry *next;
	size_t len;
	char data[];
};

int queue_add(struct queue *queue, const void *data, size_t len)
{
	struct queue_entry *entry;
	size_t room = queue->limit - queue->used;

	if (room < sizeof(*entry) || room - sizeof(*entry) < len)
		return -ENOBUFS;
	entry = malloc(sizeof(*entry) + len);
	if (!entry)
		return -ENOMEM;
	entry->next = NULL;
	entry->len = len;
	memcpy(entry->data, data, len);
	if (queue->first)
		*queue->end = entry;
	else
		queue->first = entry;
	queue->end = &entry->next;
	queue->used += sizeof(*entry) + len;
	return 0;
}

size_t queue_peek(const struct queue *queue, struct iovec *iov, size_t max)
{
	struct queue_entry *entry = queue->first;
	size_t n = 0;

	for (; entry && n < max; entry = entry->next)
		iov[n++] = (struct iovec){ entry->data, entry->len };
	return n;
}

void queue_drop(struct queue *queue, size_t n)
{
	while (n-- && queue->first) {
		struct queue_entry *entry = queue->first;

		queue->first = entry->next;
		queue->used -= sizeof(*entry) + entry->len;
		free(entry);
	}
}
