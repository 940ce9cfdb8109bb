#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A script of another service kills the main process; SIGTERM, default action.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service first.service '/bin/sleep infinity'
program second-cleanup <<'EOF'
#!/bin/sh
kill "$(systemctl show -P MainPID first.service)"
EOF
service second.service /usr/local/sbin/second-cleanup Type=oneshot

begin
systemctl start first.service
wait_for runs first.service /usr/bin/sleep
systemctl start second.service
wait_for is_over first.service
end
