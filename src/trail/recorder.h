/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* recorder: the loop's part in turning what the kernel records, or standard input gives,
 * into lines: from the start of the capture to the state of the host that was there
 * before. The daemon, watch and run share it. */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/config.h"
#include "core/reason.h"
#include "io/source.h"
#include "trail/output.h"
#include "trail/pipeline.h"

struct recorder;

/* Called at the end of each turn that read records. */
typedef void recorder_turn_fn(void *userdata);

/* What has to outlive this process, and what one before has left: io/keep.h. */
struct keep;

/* Starts: holds the kernel's audit, binds the socket, follows processes, or reads
 * standard input, as config says; the first entry of the trail is written. loop, config
 * and output stay the caller's and must outlive *recorder; turn may be NULL. alone: the
 * process is there for this only: it asks to run soon when there is something to do, and
 * gives up for good all privileges that recording doesn't need. keep: goes on where the
 * one before was, and leaves what another one needs to; NULL: neither. The end of input,
 * a broken source and a reader that is gone end the loop. 0, or -errno with the reason;
 * then the host is as before. */
int recorder_start(struct recorder **recorder, sd_event *loop,
		   const struct config *config, struct output *output, bool alone,
		   struct keep *keep, recorder_turn_fn *turn, void *userdata,
		   struct reason *reason);

/* Says in one line that all is in place. */
void recorder_say_ready(const struct recorder *recorder);

/* Another configuration from now on, which must outlive *recorder. 0, or -errno with the
 * reason; then the old one stays. */
int recorder_reload(struct recorder *recorder, const struct config *config,
		    struct reason *reason);

/* Does what is due and lets lines go out: after every turn, and when something outside
 * has changed. */
void recorder_end_turn(struct recorder *recorder);

/* The same where somebody else was woken up: also does what is due soon. */
void recorder_awake(struct recorder *recorder);

/* The end: takes our rules out (unless keep, or others hold them too), reads what they
 * gave, writes all that is held back and the last entry of the trail. */
void recorder_stop(struct recorder *recorder, bool keep);

/* The end of this process, while another one will go on at once: what is read is written,
 * the rules and what is open stay. recorder_stop() or recorder_free() may follow. */
void recorder_pause(struct recorder *recorder);

/* The last entry of the trail and all lines are written, but another one may go on. */
void recorder_stop_for_now(struct recorder *recorder);

/* The descriptors that another one needs, by enum keep_what; -1: none. False where it
 * can't go on: nothing is kept, or records don't come by multicast. */
bool recorder_keeps(const struct recorder *recorder, int fds[]);

/* Puts the rest of the host's audit state back; the output must still be there. */
struct recorder *recorder_free(struct recorder *recorder);

const struct pipeline_counts *recorder_counts(const struct recorder *recorder);
struct source_counts recorder_source_counts(const struct recorder *recorder);
struct identity_counts recorder_identity_counts(const struct recorder *recorder);
