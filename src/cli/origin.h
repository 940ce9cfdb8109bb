/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* origin: where a login session came from, as the journal tells it. */
#pragma once

#include <stdint.h>

#include "core/buffer.h"
#include "io/journal_read.h"

/* Adds "by sshd from 10.0.0.5 port 50022", "by cron" for this audit session of this boot;
 * nothing where the journal doesn't say. Only what was written as root is believed, and
 * only programs that begin sessions are named. Raw bytes. Some lookups in the journal's
 * index; its matches and its place are others then. 0 or -errno. */
int origin_find(struct buffer *out, struct journal_read *journal, const char *boot,
		int64_t session);
