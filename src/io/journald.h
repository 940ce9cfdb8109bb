/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journald: how this host's systemd-journald is set. */
#pragma once

#include <stdbool.h>

#include "core/journaldconf.h"

/* Reads PREFIX/etc/systemd/journald.conf (or the same below /run, /usr/local/lib,
 * /usr/lib) and the drop-ins in journald.conf.d, as journald does; files that can't be
 * read are passed over. PREFIX is "" but in tests. */
void journald_read_conf(struct journaldconf *conf, const char *prefix);

/* Does a journald listen on this host? */
bool journald_listens(void);

/* Does systemd not limit how much this service may write to the journal
 * (LogRateLimitIntervalSec=0)? 1, 0, or -errno where systemd doesn't tell. */
int journald_is_unlimited(const char *service);
