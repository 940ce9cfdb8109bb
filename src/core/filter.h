/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter: expressions over an event: "signal=SIGCHLD sender.exe=/usr/bin/dockerd". */
#pragma once

#include <stdbool.h>

#include "core/event.h"
#include "core/reason.h"

struct filter;

/* Parses an expression: terms separated by blanks that must all hold, each NAME=VALUE or
 * NAME!=VALUE. NAME is a key of JSON ("sender.exe", "scope"), "signal" (a signal_set:
 * names, numbers, ranges), "self" (VALUE yes or no: sender and target are one process) or
 * "unit" (VALUE same: both ends are in the same unit, user unit and container, and it is
 * known). Other values are globs (fnmatch(3), without FNM_PATHNAME), commas between
 * alternatives; a field that is absent matches no glob; null is "null", arguments have
 * blanks between them, of a set any member may match. *filter is the caller's. 0, -EINVAL
 * with the reason, -ENOMEM. */
int filter_parse(struct filter **filter, const char *expression, struct reason *reason);
struct filter *filter_free(struct filter *filter);

/* Do all terms hold? */
bool filter_match(const struct filter *filter, const struct signal_event *ev);
