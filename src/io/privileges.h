/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* privileges: the capabilities that the daemon lives on (capabilities(7)). */
#pragma once

#include "core/reason.h"

/* Are those there without which nothing works? 0, or -EPERM with the reason. */
int privileges_check(struct reason *reason);

/* Asks to run soon when a process has a new image, which may not live for long: another
 * nice value, for the whole session if this process leads it, and a short slice, as far
 * as that is allowed (a busy host's half a millisecond becomes a tenth of one). Before
 * privileges are given up. */
void privileges_hasten(void);

/* Gives up, for good, all capabilities but those for audit, for reading others' /proc and
 * for a larger receive buffer. Descriptors that are open stay. 0, or -errno with the
 * reason. */
int privileges_drop(struct reason *reason);
