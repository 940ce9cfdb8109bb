#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Script runs script runs kill, and all of them are gone at once.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service shop.service '/bin/sleep infinity'
program nightly <<'EOF'
#!/bin/sh
/usr/local/sbin/free-memory "$1"
EOF
program free-memory <<'EOF'
#!/bin/sh
/bin/kill -USR2 "$(systemctl show -P MainPID "$1")"
EOF
service nightly.service '/usr/local/sbin/nightly shop.service' Type=oneshot

begin
systemctl start shop.service
wait_for runs shop.service /usr/bin/sleep
systemctl start nightly.service
wait_for is_over shop.service
end
