/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* patience: how long records are left to gather under load, since each turn has its
 * price. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PATIENCE_MIN_USEC 2000
#define PATIENCE_MAX_USEC 8000
/* A receive buffer that holds what the fastest host sends in so long, many times over. */
#define PATIENCE_BUFFER_BYTES (16 * 1024 * 1024)

/* All zero is one that has seen nothing, and a small receive buffer. */
struct patience {
	bool roomy;	 /* the receive buffer is as large as that */
	int64_t usec;	 /* how long, after the turn that was seen last */
	uint64_t events; /* of ours, up to then */
};

/* After a turn: was it soon after the last one, and how many events of ours there were up
 * to now. Where all that comes is others', it is the longer turn by turn. */
void patience_see(struct patience *patience, bool busy, uint64_t events);

/* Is a turn so long after the last one soon after it? */
bool patience_is_busy(const struct patience *patience, int64_t since_usec);
