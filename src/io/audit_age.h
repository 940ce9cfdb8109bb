/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit_age: since when this boot has been audited, as far as anything has kept it. */
#pragma once

#include <stdint.h>

/* The time (CLOCK_REALTIME) of the oldest trace of auditing in this boot: a record in
 * auditd's log or in the journal, or the daemon's own first entry there. Auditing was
 * switched on then at the latest. *witness gets what says so, static. 0, or -ENOENT. */
int audit_age_find(int64_t *time_usec, const char **witness);

/* How many processes that run now were started before that time (kernel threads are not
 * counted). */
int64_t audit_age_count_older(int64_t time_usec);
