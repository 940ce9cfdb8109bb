/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal_last: the last entry that sigtraild wrote into this host's journal. */
#pragma once

#include <stdint.h>

/* When journald got it, CLOCK_REALTIME; absent where there is none or no journal can be
 * read. Found by the journal's index: a look at each file, however many entries there
 * are. To be called before anything is written. */
int64_t journal_last_usec(void);
