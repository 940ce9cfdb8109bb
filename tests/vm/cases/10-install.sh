#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# apt installs the package from a file, and sigtraild keeps the trail at once.
# vm: all first
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

remember_host
check "apt installs it from a file" \
	apt-get install -qq -o APT::Sandbox::User=root /opt/vm/sigtrail.deb
check "the unit is enabled" systemctl is-enabled sigtraild.service
check "the unit is started" soon trail_is_kept
check "the rules are loaded" soon rules_are_loaded

check "the first signal after that is in the trail" settled
shows_counts() {
	systemctl status sigtraild.service | grep 'Status: "[1-9][0-9]* signals and .* deaths seen'
}
check "systemctl status shows the counts" soon shows_counts

verify() {
	problems=$(systemd-analyze verify --man=no sigtraild.service sigtrail-rules.service 2>&1 ||
		echo failed)
	[ -z "$problems" ] || {
		echo "$problems"
		return 1
	}
}
check "systemd-analyze verify finds nothing" verify
exposure() {
	level=$(systemd-analyze security --no-pager "$1" | tail -n 1)
	echo "$level"
	case $level in *': 1.'* | *': 0.'*) ;; *) return 1 ;; esac
}
for unit in sigtraild.service sigtrail-rules.service; do
	check "systemd-analyze security $unit says less than 2.0" exposure $unit
	echo "! $unit: $(exposure $unit)"
done
catalog() { journalctl --dump-catalog ccc71516c8ad4eaea01d4b4f43f043ac; }
check "the catalog explains its entries" catalog
