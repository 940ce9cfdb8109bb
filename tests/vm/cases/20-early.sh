#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A unit that is started right after sysinit.target kills another at boot.
# vm: all last after first
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

units="early-victim.service early-killer.service"
directory=/etc/systemd/system
if [ "$2" = first ]; then
	cat >$directory/early-victim.service <<-END
		[Unit]
		DefaultDependencies=no
		[Service]
		Type=exec
		ExecStart=/bin/sleep infinity
	END
	cat >$directory/early-killer.service <<-END
		[Unit]
		DefaultDependencies=no
		After=sysinit.target early-victim.service
		Requires=early-victim.service
		[Service]
		Type=oneshot
		ExecStart=/bin/sh -c 'kill "\$(systemctl show -P MainPID early-victim.service)"'
		[Install]
		WantedBy=sysinit.target
	END
	systemctl daemon-reload
	systemctl enable -q early-killer.service
	exit
fi

check "sigtraild runs again after a boot" trail_is_kept
stamp() { systemctl show -P "$2" "$1"; }
ready=$(stamp sigtraild.service ActiveEnterTimestampMonotonic)
took_usec=$((ready - $(stamp sigtraild.service ExecMainStartTimestampMonotonic)))
echo "! started in $((took_usec / 1000)) ms of this boot"
in_time() {
	sysinit=$(stamp sysinit.target ActiveEnterTimestampMonotonic)
	echo "ready at $ready us, sysinit.target at $sysinit us"
	[ "$ready" -gt 0 ] && [ "$ready" -lt "$sysinit" ]
}
check "sigtraild is ready before sysinit.target" in_time
# Far from what it takes: a start that waits for something in vain is found.
swift() { echo "$took_usec us" && [ $took_usec -gt 0 ] && [ $took_usec -lt 15000000 ]; }
check "sigtraild's start holds nobody up" swift
check "a signal sent right after sysinit.target is in the trail" \
	has SIGTRAIL_SIGNAL=SIGTERM SENDER_UNIT=early-killer.service \
	TARGET_UNIT=early-victim.service
check "sigtrail why knows of it" why_says early-victim.service killed-by

systemctl disable -q early-killer.service
for unit in $units; do
	rm "$directory/$unit"
done
systemctl daemon-reload
