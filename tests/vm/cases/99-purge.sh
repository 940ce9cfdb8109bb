#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# It goes, and leaves the host as it was.
# vm: all last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

# warnings: what systemd had to say about our units in this boot.
warnings() {
	said=$(journalctl -q -b _PID=1 -p warning -o cat --grep sigtrail || :)
	[ -z "$said" ] || {
		echo "$said"
		return 1
	}
}
check "systemd had no warning about its units" warnings

systemctl stop sigtraild.service
check "stopped: the kernel's audit is as it was" soon same_audit
systemctl start sigtraild.service
check "started again: it runs" trail_is_kept
check "apt purges it" apt-get purge -qq sigtrail
check "purged: the kernel's audit is as it was" soon same_audit
check "purged: the files are those from before" same_files
gone() { ! systemctl cat sigtraild.service && ! ls /run/sigtrail; }
check "purged: no unit and no state is left" gone
