/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/overlap.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t add(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t mark_of(const struct record *record)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	hash = add(hash, &record->type, sizeof(record->type));
	hash = add(hash, &record->serial, sizeof(record->serial));
	return add(hash, record->body.data, record->body.len);
}

int overlap_note(struct overlap *overlap, const struct record *record)
{
	if (overlap->n == overlap->room) {
		size_t room = overlap->room ? 2 * overlap->room : 256;
		uint64_t *marks;

		if (room > OVERLAP_MAX)
			return 0;
		marks = reallocarray(overlap->marks, room, sizeof(*marks));
		if (!marks)
			return -ENOMEM;
		overlap->marks = marks;
		overlap->room = room;
	}
	overlap->marks[overlap->n++] = mark_of(record);
	return 0;
}

bool overlap_has(struct overlap *overlap, const struct record *record)
{
	uint64_t mark;

	if (!overlap->n)
		return false;
	mark = mark_of(record);
	while (overlap->next < overlap->n)
		if (overlap->marks[overlap->next++] == mark)
			return true;
	overlap_clear(overlap);
	return false;
}

void overlap_clear(struct overlap *overlap)
{
	free(overlap->marks);
	*overlap = (struct overlap){ 0 };
}
