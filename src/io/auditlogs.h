/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* auditlogs: the logs that auditd keeps on this host, the rotated ones too. */
#pragma once

#include <glob.h>

#include "core/reason.h"

/* Finds them in no order: log_file= of auditd.conf(5), and what stands beside it with a
 * dot or dash behind that name. root goes before all paths, "" is this host. *paths is
 * the caller's, for globfree(). 0, or -errno with the reason. */
int auditlogs_find(const char *root, glob_t *paths, struct reason *reason);
