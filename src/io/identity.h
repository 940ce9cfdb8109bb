/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* identity: who a pid is. Adds to an event what is known of both ends. */
#pragma once

#include <stdint.h>

#include "core/event.h"

struct identity;

/* proc_fd: a directory like /proc; it stays the caller's. 0 or -ENOMEM. */
int identity_new(struct identity **identity, int proc_fd);
struct identity *identity_free(struct identity *identity);

/* A batch of records was read: what is known from before is checked again before it is
 * used. All signals of a batch were sent before it was read, so one look a process and
 * batch is as near to the signal as one can get. realtime and boottime: the two clocks,
 * now. */
void identity_begin_batch(struct identity *identity, int64_t realtime_usec,
			  int64_t boottime_usec);

/* Fills in sender and target (process_merge_sender(), process_merge_target()). A process
 * that started after the signal is another one with the same number: it adds nothing, nor
 * does anything of now to an event more than 10 s away from now or of another host
 * (node). The strings are valid until the next call. */
void identity_describe(struct identity *identity, struct signal_event *ev);
