/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shellquote: a command line's arguments, as one string that a POSIX shell would split
 * into the same arguments. */
#pragma once

#include <stdbool.h>

#include "core/buffer.h"
#include "core/bytes.h"

/* Takes the next argument off the front of a command line, in which each ends with a NUL
 * (the last one's may be missing). False when there is none left. */
bool shellquote_next(struct bytes *cmdline, struct bytes *argument);

/* Adds the arguments with a blank between them, each in single quotes where the shell
 * needs that, otherwise with their raw bytes. */
void shellquote_add(struct buffer *out, struct bytes cmdline);

/* Reads back what shellquote_add() wrote: adds the arguments, a NUL behind each. 0;
 * -EBADMSG: that never writes it; -ENOMEM. */
int shellquote_split(struct buffer *out, struct bytes text);
