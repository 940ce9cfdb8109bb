/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* texts: what an open event of join holds of its records. */
#pragma once

#include <stddef.h>

#include "core/buffer.h"
#include "core/bytes.h"

/* Where a body lies in the texts of its event. */
struct span {
	size_t at;
	size_t len;
};

/* All zero holds nothing. */
struct texts {
	struct buffer bytes;
	struct span syscall;
	struct span proctitle;
	struct span death;
	struct span *obj_pids;
	size_t n_obj_pids;
	size_t size_obj_pids;
	size_t n_targets; /* OBJ_PIDs that came, held or not */
};

struct texts *texts_free(struct texts *texts);

/* Those of finished events, with their memory, for the next ones. All zero holds none. */
#define TEXTS_SPARES 16
struct texts_spares {
	struct texts *of[TEXTS_SPARES];
	size_t n;
};

/* Empty ones; NULL without memory. */
struct texts *texts_take(struct texts_spares *spares);

/* The texts become the spares', or are freed where there are enough or they are large. */
void texts_give(struct texts_spares *spares, struct texts *texts);

/* Frees the spares. */
void texts_clear(struct texts_spares *spares);

/* What they weigh. */
size_t texts_bytes(const struct texts *texts);

/* Copies a body; *span says where it lies. 0 or -ENOMEM. */
int texts_add(struct texts *texts, const struct bytes *body, struct span *span);

/* Counts a target and holds it, up to JOIN_TARGETS_MAX of them and 4 MiB of all. 0 or
 * -ENOMEM. */
int texts_add_obj_pid(struct texts *texts, const struct bytes *body);

/* Where the target's body lies, counted in the kernel's order: the SYSCALL is first
 * there. Where it came behind all targets, the log is read backwards (plain ausearch). */
struct span texts_target(const struct texts *texts, size_t i);

struct bytes texts_get(const struct texts *texts, struct span span);
