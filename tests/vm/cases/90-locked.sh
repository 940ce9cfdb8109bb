#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The rules are in /etc/audit/rules.d, and locked (-e 2) from the boot on.
# vm: audited locked after first
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

rules=/etc/audit/rules.d
if [ "$2" = first ]; then
	cp /usr/share/sigtrail/rules/40-sigtrail.rules $rules
	echo "-e 2" >$rules/99-finalize.rules
	exit
fi

locked() { auditctl -s | grep -x 'enabled 2'; }
check "the rules are locked" locked
check "sigtraild runs" trail_is_kept
check "sigtrail rules verify finds all of them" sigtrail rules verify
check "a signal is in the trail" settled
systemctl restart sigtraild.service
check "after a restart of sigtraild, too" settled
failed() {
	unit=$(systemctl --failed --plain --no-legend | grep sigtrail || :)
	[ -z "$unit" ] || {
		echo "$unit"
		return 1
	}
}
check "none of its units has failed" failed
rm $rules/40-sigtrail.rules $rules/99-finalize.rules
