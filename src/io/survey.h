/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* survey: a look at the kernel's audit as it is, for the guard. */
#pragma once

#include "core/guard.h"
#include "core/reason.h"
#include "io/rules.h"

/* Compares what is loaded and set with the rules of want. Changes nothing. 0 or -errno
 * with the reason. */
int survey_take(int audit_fd, const struct rules_want *want, struct guard_found *found,
		struct reason *reason);
