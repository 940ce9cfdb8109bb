/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ancestry: the line of a process's ancestors, for people. */
#pragma once

#include "core/buffer.h"
#include "core/event.h"

/* Adds "pkill[4312] < sh[4310] < cron[500] < systemd[1]": the process itself and its
 * ancestors, names escaped. */
void ancestry_add_line(struct buffer *out, const struct party *party);

/* Reads back what json_ancestry() wrote: into of and *n; what they point to is added to
 * strings, which must be empty. 0; -EBADMSG: that never writes it; -ENOMEM. */
int ancestry_parse(struct ancestor of[ANCESTRY_MAX], size_t *n, struct buffer *strings,
		   struct bytes json);
