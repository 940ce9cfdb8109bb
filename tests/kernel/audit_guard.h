/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit_guard: keeps the host's audit as it was around tests that change it. */
#pragma once

#include "io/audit_status.h"
#include "io/rules.h"

/* Why tests can't use this host's audit, as a sentence; NULL if they can. */
const char *audit_guard_obstacle(void);

/* Says in TAP that nothing is tested, and why; the exit status of main(). Where CI=true
 * is in the environment that is a failure. */
int audit_guard_skip(const char *why);

/* Remembers the state of the host's audit and makes it that of a fresh boot: off, no
 * rules, backlog_limit 64. What was remembered comes back with audit_guard_restore(), or
 * when this process exits, also by SIGINT, SIGTERM and SIGHUP. For the process that runs
 * the tests, not for its children. */
void audit_guard_save(void);
void audit_guard_restore(void);
