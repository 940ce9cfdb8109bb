#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemctl stop; catches SIGTERM and exits with 143.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

program web <<'EOF'
#!/bin/sh
trap 'exit 143' TERM
touch /run/web.ready
while :; do sleep 0.2; done
EOF
service web.service /usr/local/sbin/web

begin
systemctl start web.service
wait_for ready web
systemctl stop web.service
end
