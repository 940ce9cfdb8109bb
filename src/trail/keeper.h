/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keeper: sees to it that our rules stay loaded and auditing on, and that the trail says
 * when they weren't: the guard's eyes and hands. */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "core/guard.h"
#include "trail/capture.h"
#include "trail/pipeline.h"

/* All zero keeps nothing. */
struct keeper {
	struct capture *capture; /* NULL: there is no kernel to look at */
	struct pipeline *pipeline;
	struct guard guard;
	int64_t change_usec; /* when a change of ours began, CLOCK_REALTIME */
	int64_t busy_usec;   /* since when another of us is in the way; 0: none is */
	bool complained;     /* that it can't look or put back */
};

/* Begins; the first look is due at once. What keeper_begin_change() was called before has
 * ended. All stay the caller's; capture may be NULL. */
void keeper_start(struct keeper *keeper, struct capture *capture,
		  struct pipeline *pipeline, const struct config *config);

/* To be shown each record; and told that some may have been lost. */
void keeper_see(struct keeper *keeper, const struct record *record);
void keeper_missed(struct keeper *keeper);

/* Around a change of our own. */
void keeper_begin_change(struct keeper *keeper);
void keeper_end_change(struct keeper *keeper, const struct config *config);

/* Somebody is awake: what may as well be done now is due. */
void keeper_awake(struct keeper *keeper);

/* Does what is due, and when the next thing is (INT64_MAX: nothing is), CLOCK_MONOTONIC.
 */
void keeper_expire(struct keeper *keeper);
int64_t keeper_deadline(const struct keeper *keeper);

/* Another process goes on from here, perhaps: looks, and writes what it has to say. */
void keeper_pause(struct keeper *keeper);

/* The end, before our rules go. */
void keeper_end(struct keeper *keeper);
