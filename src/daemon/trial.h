/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* trial: would this program run with this configuration? Asked before we become it. */
#pragma once

#include "core/reason.h"

/* Runs "PROGRAM ARGV[1]... --check-config" for some seconds at most; what it has to say
 * goes to our standard error. 0: it would; or -errno with the reason. */
int trial_run(const char *program, char *const argv[], struct reason *reason);
