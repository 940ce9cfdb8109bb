/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keep: what outlives this process, by a crash, a restart or a program of a newer
 * version: the sockets, and a file in memory (memfd_create(2)) that says at every moment
 * what was read from them and what was written. Who goes on gets the descriptors from the
 * service manager's store (sd_listen_fds_with_names(3)), or from the process that it was
 * before (execve(2)). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/carry.h"
#include "core/reason.h"
#include "io/queue.h"

/* What the queue of lines may take: its ring is in the file. */
#define KEEP_QUEUE_BYTES (8 * 1024 * 1024)

enum keep_what {
	KEEP_STATE,	/* the file */
	KEEP_RECORDS,	/* the audit socket */
	KEEP_PROCESSES, /* the process connector's two */
	KEEP_ALARM,
	KEEP_COUNT,
};

struct keep;

/* Takes the descriptors that were handed over out of the environment. With those of
 * records and state whose state can be read this one goes on; else it begins, with reason
 * saying why what was there is of no use (empty: nothing was there). *keep is the
 * caller's. 0, or -errno with the reason. */
int keep_new(struct keep **keep, struct reason *reason);

/* Begins all the same: what was handed over is closed. */
void keep_begin(struct keep *keep);

/* Closes what was handed over and nobody took. */
struct keep *keep_free(struct keep *keep);

/* Was anything handed over, of use or not? */
bool keep_was_handed(const struct keep *keep);

/* Was something handed over there that isn't this one (-1: none)? */
bool keep_was_left(const struct keep *keep, enum keep_what what, int fd);

/* What was carried over; NULL: this one begins. */
struct carry *keep_carried(struct keep *keep);

/* A descriptor that was handed over, once: it is the caller's; -1: there is none. */
int keep_take(struct keep *keep, enum keep_what what);

/* The state's, which stays the keep's. */
int keep_state_fd(const struct keep *keep);
const char *keep_name(enum keep_what what);

/* The parts of the file that are written to all the time. */
struct queue_sent *keep_sent(struct keep *keep);
char *keep_ring(struct keep *keep);
void *keep_batch(struct keep *keep, size_t bytes);

/* From now on this is the state, whole: a crash in the middle leaves the one before. What
 * is too long is not taken: -E2BIG. got_on: what was carried over is done with; a state
 * from which nobody gets on is given up after a few attempts. */
int keep_commit(struct keep *keep, const struct buffer *state, bool got_on);

/* Hands descriptors on to the program that this process will be (execve(2)): puts their
 * numbers (-1: none) into the environment and lets them stay open; or takes that back,
 * when there will be none. 0 or -errno. */
int keep_hand_on(struct keep *keep, const int fds[KEEP_COUNT]);
void keep_hold_back(struct keep *keep, const int fds[KEEP_COUNT]);
