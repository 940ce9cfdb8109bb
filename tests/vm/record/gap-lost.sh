#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Exits with 143 in a flood that sigtraild, with a tiny buffer, cannot follow.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

mkdir -p /etc/sigtrail/sigtrail.conf.d
cat >/etc/sigtrail/sigtrail.conf.d/tiny.conf <<'EOF'
[Source]
ReceiveBuffer=64K
[Burst]
Limit=3
EOF
systemctl restart sigtraild.service
service app.service "/bin/sh -c 'sleep 2; exit 143'"
service patient.service '/bin/sleep infinity'
program flood <<'EOF'
#!/bin/sh
exec /opt/vm/bin/victim flood "$(systemctl show -P MainPID patient.service)" 6000
EOF
service flood.service /usr/local/sbin/flood

# journald reads audit records too: those of the flood are many megabytes.
# shellcheck disable=SC2034 # lib.sh reads it
matches='_TRANSPORT=journal _TRANSPORT=kernel _TRANSPORT=stdout _TRANSPORT=syslog'

begin
systemctl start patient.service app.service flood.service
wait_for is_over app.service
wait_for is_over flood.service
end 4
rm /etc/sigtrail/sigtrail.conf.d/tiny.conf
systemctl restart sigtraild.service
