/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pidnumber: the number in a PID file. */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

/* Reads the number of a file that was regular when *st was made, and makes *st anew. 0,
 * -EBADMSG: it isn't regular any more, or doesn't begin with a number (blanks before it,
 * and a blank, newline or the end behind it), or other -errno. Doesn't wait. */
int pidnumber_read(const char *path, struct statx *st, int64_t *number);
