/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* proclook: reads what /proc says of a process into its incarnation. */
#pragma once

#include <stdbool.h>

#include "core/proctable.h"

struct proclook;

/* proc_fd and table stay the caller's. 0 or -ENOMEM. */
int proclook_new(struct proclook **look, int proc_fd, struct proctable *table);
struct proclook *proclook_free(struct proclook *look);

/* Reads the place and, if image is true, the image of a process. */
void proclook_now(struct proclook *look, struct incarnation *inc, bool image);

/* The process has just begun a stage. Reads what it loses first when it dies, its exe,
 * and leaves the rest to proclook_finish(), so that the next one's exe needn't wait for
 * it. That leaves the command line of one whose program is known to proclook_rest(). */
void proclook_exec(struct proclook *look, const struct incarnation *inc);
void proclook_finish(struct proclook *look);

/* A turn is over: reads the command lines of those who have waited since the last one,
 * as far as they live: most of the short lives end without that cost. Does anybody wait
 * for the next? */
bool proclook_turn(struct proclook *look);

/* Reads the command lines of all who wait. */
void proclook_rest(struct proclook *look);
