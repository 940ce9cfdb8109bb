/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* units: what the unit files on disk say about a service's signals, without asking the
 * service manager. */
#pragma once

#include <stdint.h>

#include "core/unitfile.h"

struct unit_facts {
	const char *pid_file; /* PIDFile=; NULL: none */
	int stop_signal;      /* KillSignal=; 0: there is no file of this unit */
};

struct units;

/* root: "" but in tests; copied. 0 or -ENOMEM. */
int units_new(struct units **units, const char *root);
struct units *units_free(struct units *units);

/* What is known of a service of the system's manager (NULL, or what is no service:
 * nothing is). Reads its file and drop-ins where they have not been read in the last ten
 * seconds (now_usec: a clock that doesn't go back); 256 units are remembered. Valid until
 * the next but one call. */
struct unit_facts units_find(struct units *units, const char *unit, int64_t now_usec);
