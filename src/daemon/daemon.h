/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* daemon: the loop, from the start to the state of the host that was there before. */
#pragma once

#include "core/config.h"
#include "daemon/options.h"

/* Runs until SIGTERM, SIGINT, the end of input or of the output's reader. Takes *config
 * over and gives it back freed. The exit status: 0, or 1 with a sentence on standard
 * error. */
int daemon_run(const struct options *options, struct config *config);
