#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A unit that is started right after sysinit.target kills another at boot.
# vm: all first,last
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
check "a signal sent right after sysinit.target is in the trail" \
	has SIGTRAIL_SIGNAL=SIGTERM SENDER_UNIT=early-killer.service \
	TARGET_UNIT=early-victim.service
check "sigtrail why knows of it" why_says early-victim.service killed-by

systemctl disable -q early-killer.service
for unit in $units; do
	rm "$directory/$unit"
done
systemctl daemon-reload
