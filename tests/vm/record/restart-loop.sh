#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Is killed again and again, and systemd gives up starting it.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service app.service '/bin/sleep infinity' Restart=on-failure RestartSec=100ms \
	'[Unit]' StartLimitIntervalSec=60 StartLimitBurst=3
program reaper <<'EOF'
#!/bin/sh
for _ in 1 2 3; do
	sleep 1
	kill -KILL "$(systemctl show -P MainPID app.service)"
done
EOF
service reaper.service /usr/local/sbin/reaper Type=oneshot

begin
systemctl start app.service
systemctl start reaper.service
wait_for is_over app.service
end
