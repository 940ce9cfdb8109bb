#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Somebody logs in and kills a process of his own, which belongs to no service.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

id alice >/dev/null 2>&1 || useradd -m -s /bin/bash alice

begin
script -qec 'login -f alice' /dev/null <<'EOF'
sleep 1000 &
sleep 0.5
kill $!
sleep 0.5
exit
EOF
end
loginctl terminate-user alice 2>/dev/null || :
wait_for is_over user@1000.service
wait_for is_over user-1000.slice
