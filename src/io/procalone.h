/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* procalone: who a pid is, by /proc alone: what is gone when its record comes stays
 * unknown. */
#pragma once

#include <stdint.h>

#include "core/process.h"

struct procalone;

/* proc_fd: a directory like /proc; it stays the caller's. 0 or -ENOMEM. */
int procalone_new(struct procalone **alone, int proc_fd);
struct procalone *procalone_free(struct procalone *alone);

/* What is known from before is checked again before it is used: one look a process and
 * batch. realtime and boottime: the two clocks, now. */
void procalone_begin_batch(struct procalone *alone, int64_t realtime_usec,
			   int64_t boottime_usec);

/* The process that had this pid at the time of the event, which isn't long ago; NULL if
 * that can't be told. Valid until the second call after this one. */
const struct process *procalone_find(struct procalone *alone, int64_t pid,
				     int64_t time_usec);
