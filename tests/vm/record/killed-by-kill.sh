#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A child of another service kills the main process; SIGKILL.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service first.service '/bin/sleep infinity'
program second-cleanup <<'EOF'
#!/bin/sh
pkill -KILL -f '^/bin/sleep infinity$'
EOF
service second.service /usr/local/sbin/second-cleanup Type=oneshot

begin
systemctl start first.service
wait_for runs first.service /usr/bin/sleep
systemctl start second.service
wait_for is_over first.service
end
