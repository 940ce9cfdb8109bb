#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Gets SIGHUP and SIGUSR1, catches both, and lives.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

program server <<'EOF'
#!/bin/sh
trap : HUP USR1
touch /run/server.ready
while :; do sleep 0.2; done
EOF
service server.service /usr/local/sbin/server
program poke <<'EOF'
#!/bin/sh
pid=$(systemctl show -P MainPID server.service)
kill -HUP "$pid"
sleep 0.3
kill -USR1 "$pid"
EOF
service poke.service /usr/local/sbin/poke Type=oneshot

begin
systemctl start server.service
wait_for ready server
systemctl start poke.service
end
