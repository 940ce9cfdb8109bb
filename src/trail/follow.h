/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* follow: the loop's part in following the host's processes. */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/config.h"
#include "io/keep.h"
#include "trail/pipeline.h"

struct follow {
	struct identity *identity;
	sd_event_source *scan; /* until the loop begins */
	sd_event_source *alarm;
	sd_event_source *readable;
	sd_event_source *patience; /* running while readable is off */
	sd_event_source *rest;	   /* running while something is left to be read */
	uint64_t read_usec;	   /* when forks and exits were read last */
	uint64_t overruns;	   /* said already */
};

/* Begins as [Process] says, with the connector that keep (or NULL) has, if any; where
 * that isn't possible, says so once. */
void follow_start(struct follow *follow, sd_event *loop, struct pipeline *pipeline,
		  const struct config *config, struct keep *keep);
void follow_stop(struct follow *follow);
