/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* opening: where recording begins: the source, and the trail's entry. */
#pragma once

#include <stdbool.h>

#include "core/config.h"
#include "core/reason.h"
#include "io/record_socket.h"
#include "io/source.h"
#include "trail/capture.h"
#include "trail/output.h"
#include "trail/pipeline.h"

/* Opens the source that the configuration names, with what makes the kernel record
 * (*capture; none for standard input). place: see capture_new(). alone: privileges that
 * aren't needed from here on are dropped. Both are the caller's, also when this fails. 0,
 * or -errno with the reason. */
int opening_source(const struct config *config, bool alone, struct record_place *place,
		   struct capture **capture, struct source **source,
		   struct reason *reason);

/* Writes the trail's first entry; goes_on: where another one was. capture may be NULL. */
void opening_say(struct pipeline *pipeline, const struct capture *capture,
		 const struct output *output, bool goes_on);
