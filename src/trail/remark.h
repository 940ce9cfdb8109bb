/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* remark: gathers what the notes of an event need to know beside it (PID files, unit
 * files, the start of a thread), and has them made. */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "core/event.h"

struct remark;

/* proc_fd: /proc; it stays the caller's. 0 or -errno. */
int remark_new(struct remark **remark, int proc_fd, const struct config *config);
struct remark *remark_free(struct remark *remark);

/* Other PidFiles from now on. 0, or -errno: the old ones stay. */
int remark_set_config(struct remark *remark, const struct config *config);

/* The two clocks, before a batch is read. */
void remark_begin_batch(struct remark *remark, int64_t realtime_usec,
			int64_t boottime_usec);

/* Adds the notes to an event that is described; valid until the next call. */
void remark_event(struct remark *remark, struct signal_event *ev);

/* Goes on looking for PID files after the start, in slices. When to come again
 * (CLOCK_MONOTONIC); INT64_MAX: all are known. */
void remark_expire(struct remark *remark);
int64_t remark_deadline(const struct remark *remark);
