/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* select: which events a person asks for (-p, -T, -u, -s, -x, -S, -U). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "core/reason.h"
#include "core/signame.h"

enum who_kind { WHO_ANY, WHO_PID, WHO_EXE, WHO_UNIT, WHO_NAME };

/* One end, as it was asked for; text is the caller's. */
struct who {
	enum who_kind kind;
	int64_t pid;
	const char *text; /* exe, unit, or name */
};

/* All zero but the times selects everything; see select_init(). */
struct select {
	struct who sender;
	struct who target;
	const char *unit; /* of the target, with its suffix */
	bool has_signals;
	struct signal_set signals;
	bool failed;	    /* failed calls only */
	int64_t since_usec; /* NUMBER_ABSENT: no bound */
	int64_t until_usec;
};

void select_init(struct select *select);

/* Digits are a pid; what starts with / an exe; what ends like a unit a unit; else a comm
 * (its first 15 bytes) or an exe's last part. 0, or -EINVAL with the reason. */
int who_parse(struct who *who, const char *text, struct reason *reason);

/* Does the name end like a unit (".service", ".scope", ".socket" ...)? */
bool who_is_unit_name(const char *name);

/* Is this end the one? */
bool who_matches(const struct who *who, const struct party *party);

/* Does the event pass? Entries of the trail about itself pass unless anything but the
 * times is asked for. */
bool select_matches(const struct select *select, const struct signal_event *ev);
