/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* timestamp: RFC 3339 times in UTC. */
#pragma once

#include <stdint.h>

#define TIMESTAMP_SIZE 32

/* Writes 2026-11-21T22:27:27.191Z (milliseconds, cut) into text and returns it; without a
 * system call or a time zone. Years 0 to 9999; others as @SECONDS. */
const char *timestamp_format(int64_t usec, char text[TIMESTAMP_SIZE]);

/* Only the time of day, 22:27:20.001Z. */
const char *timestamp_format_clock(int64_t usec, char text[TIMESTAMP_SIZE]);
