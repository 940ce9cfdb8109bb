#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A timer runs a script that sends SIGHUP.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service web.service '/bin/sleep infinity'
program rotate-logs <<'EOF'
#!/bin/sh
pkill -HUP -f '^/bin/sleep infinity$'
EOF
service rotate.service /usr/local/sbin/rotate-logs Type=oneshot
unit rotate.timer <<'EOF'
[Timer]
OnActiveSec=1s
AccuracySec=10ms
EOF

begin
systemctl start web.service
systemctl start rotate.timer
wait_for is_over web.service
end
