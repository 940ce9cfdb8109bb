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

/* Is this end the one? A pid may also be the tid of a target's thread, a unit a user's, a
 * name a thread's that the kernel recorded. */
bool who_matches(const struct who *who, const struct party *party);

/* The rules of who_matches() for one field's value alone, for an index of values: is this
 * the exe (also where its file was removed since), does it end with /NAME, is it the comm
 * (the kernel keeps 15 bytes)? */
bool who_exe_is(const char *exe, const char *path);
bool who_exe_ends(const char *exe, const char *name);
bool who_comm_is(const char *comm, const char *name);

/* Is nothing asked for but times? */
bool select_is_any(const struct select *select);

/* Does the event pass? Entries of the trail about itself pass unless anything but the
 * times is asked for. A line that stands for more events passes where any time of theirs
 * may be within the bounds. A target that was asked for by its pid is also the number of
 * a call that found nobody. Deaths have no sender and don't fail. */
bool select_matches(const struct select *select, const struct signal_event *ev);
