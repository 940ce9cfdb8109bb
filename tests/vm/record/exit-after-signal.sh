#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Catches SIGTERM, and exits with 143.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

program app <<'EOF'
#!/bin/sh
trap 'exit 143' TERM
touch /run/app.ready
while :; do sleep 0.2; done
EOF
service app.service /usr/local/sbin/app
program deploy <<'EOF'
#!/bin/sh
kill -TERM "$(systemctl show -P MainPID app.service)"
EOF
service deploy.service /usr/local/sbin/deploy Type=oneshot

begin
systemctl start app.service
wait_for ready app
systemctl start deploy.service
wait_for is_over app.service
end
