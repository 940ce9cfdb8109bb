/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source_stdin: records as lines, as auditd hands them to its plugins. */
#pragma once

#include "io/source.h"

/* Reads lines from fd, which stays the caller's. *source is the caller's. 0 or -ENOMEM.
 */
int source_stdin_new(struct source **source, int fd);
