#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The child of a wrapper is killed; the wrapper exits with 143, which nobody sent it.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

program wrapper <<'EOF'
#!/bin/sh
/bin/sleep infinity
status=$?
exit $status
EOF
service wrapped.service /usr/local/sbin/wrapper
program deploy <<'EOF'
#!/bin/sh
pkill -TERM -x sleep -P "$(systemctl show -P MainPID wrapped.service)"
EOF
service deploy.service /usr/local/sbin/deploy Type=oneshot

begin
systemctl start wrapped.service
wait_for pgrep -x sleep
systemctl start deploy.service
wait_for is_over wrapped.service
end
