/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/texts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/join.h"

#define EVENT_MAX_BYTES (4 << 20)
#define SPARE_MAX_BYTES 65536

struct texts *texts_free(struct texts *texts)
{
	if (!texts)
		return NULL;
	buffer_free(&texts->bytes);
	free(texts->obj_pids);
	free(texts);
	return NULL;
}

struct texts *texts_take(struct texts_spares *spares)
{
	return spares->n ? spares->of[--spares->n] : calloc(1, sizeof(struct texts));
}

void texts_give(struct texts_spares *spares, struct texts *texts)
{
	if (spares->n == TEXTS_SPARES || texts->bytes.size > SPARE_MAX_BYTES) {
		texts_free(texts);
		return;
	}
	buffer_reset(&texts->bytes);
	texts->syscall = texts->proctitle = texts->death = (struct span){ 0 };
	texts->n_obj_pids = texts->n_targets = 0;
	spares->of[spares->n++] = texts;
}

void texts_clear(struct texts_spares *spares)
{
	while (spares->n)
		texts_free(spares->of[--spares->n]);
}

size_t texts_bytes(const struct texts *texts)
{
	return texts->bytes.len + texts->n_obj_pids * sizeof(*texts->obj_pids);
}

int texts_add(struct texts *texts, const struct bytes *body, struct span *span)
{
	struct span added = { texts->bytes.len, body->len };

	if (buffer_reserve(&texts->bytes, body->len) < 0) {
		texts->bytes.failed = false;
		return -ENOMEM;
	}
	buffer_add(&texts->bytes, body->data, body->len);
	*span = added;
	return 0;
}

int texts_add_obj_pid(struct texts *texts, const struct bytes *body)
{
	texts->n_targets++;
	if (texts->n_obj_pids == JOIN_TARGETS_MAX ||
	    texts_bytes(texts) + body->len > EVENT_MAX_BYTES)
		return 0;
	if (texts->n_obj_pids == texts->size_obj_pids) {
		size_t size = texts->size_obj_pids ? texts->size_obj_pids * 2 : 4;
		struct span *spans = reallocarray(texts->obj_pids, size, sizeof(*spans));

		if (!spans)
			return -ENOMEM;
		texts->obj_pids = spans;
		texts->size_obj_pids = size;
	}
	if (texts_add(texts, body, &texts->obj_pids[texts->n_obj_pids]) < 0)
		return -ENOMEM;
	texts->n_obj_pids++;
	return 0;
}

struct span texts_target(const struct texts *texts, size_t i)
{
	size_t last = texts->n_obj_pids - 1;
	bool backwards = texts->syscall.at > texts->obj_pids[last].at;

	return texts->obj_pids[backwards ? last - i : i];
}

struct bytes texts_get(const struct texts *texts, struct span span)
{
	return (struct bytes){ span.len ? texts->bytes.data + span.at : NULL, span.len };
}
