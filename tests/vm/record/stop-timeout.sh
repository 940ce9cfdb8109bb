#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemctl stop; ignores SIGTERM, and gets SIGKILL after a second.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

program stubborn <<'EOF'
#!/bin/sh
trap '' TERM
touch /run/stubborn.ready
while :; do sleep 1; done
EOF
service stubborn.service /usr/local/sbin/stubborn TimeoutStopSec=1

begin
systemctl start stubborn.service
wait_for ready stubborn
systemctl stop stubborn.service
end
