/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* config_file: reads sigtrail.conf(5) and its drop-ins through libeconf. */
#pragma once

#include "core/config.h"
#include "core/reason.h"

/* Reads this one file into *config (the caller's) over the defaults. -ENOENT when it
 * isn't there; -EINVAL for what it holds (also a line that libeconf would read as
 * something else than it looks like), -EPERM when others than its owner (root or us) may
 * write it; the reason names file and line, section and key. On failure *config stays as
 * it was. */
int config_file_read(struct config **config, const char *path, struct reason *reason);

/* Reads PREFIX/usr/lib/sigtrail/sigtrail.conf, PREFIX/etc/sigtrail/sigtrail.conf and
 * PREFIX/etc/sigtrail/sigtrail.conf.d/ (NAME.conf) in the order of their names, merged
 * key by key, the later wins; files that aren't there are passed over. PREFIX is "" but
 * in tests. */
int config_file_read_default(struct config **config, const char *prefix,
			     struct reason *reason);
