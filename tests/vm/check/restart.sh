#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A restart of sigtraild's service, also one that a SIGKILL causes, loses no event and writes
# none twice; the rules stay for it, and go when the service is stopped.
#
#     sudo tests/vm/boot --append audit=1 --out DIR TREE tests/vm/check
#
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

# shellcheck disable=SC2034 # lib.sh reads it
matches=SIGTRAIL_EVENT=started
mkdir -p /etc/sigtrail/sigtrail.conf.d
printf '[Ignore]\nchatter=\n[Burst]\nLimit=0\n' >/etc/sigtrail/sigtrail.conf.d/restart.conf
systemctl restart sigtraild.service
rules() { auditctl -l | grep -c 'key=sigtrail' || :; }
[ "$(rules)" -gt 0 ]

begin
/opt/vm/bin/flood 1500 &
flood=$!
for _ in 1 2; do
	sleep 0.7
	systemctl restart sigtraild.service
	sleep 0.7
	systemctl kill --kill-who=main --signal=KILL sigtraild.service
	wait_for is sigtraild.service active
done
sleep 0.5
systemctl kill --kill-who=main --signal=USR2 sigtraild.service
wait $flood
end 3
# A line each: how many, and how many stamps.
journalctl -q -b SYSLOG_IDENTIFIER=sigtraild SENDER_PID=$flood -o export >lines
lines=$(grep -ac '^SIGTRAIL_SERIAL=' lines)
stamps=$(grep -a '^SIGTRAIL_SERIAL=' lines | sort -u | wc -l)
echo "1500 sent, $lines lines, $stamps events"
journalctl -q -b SYSLOG_IDENTIFIER=sigtraild SIGTRAIL_EVENT=started -o cat
journalctl -q -b SYSLOG_IDENTIFIER=sigtraild SIGTRAIL_EVENT=incomplete -o short-precise
journalctl -q -b -u sigtraild.service _TRANSPORT=stdout -o cat | tail -n 30
[ "$lines" = 1500 ] && [ "$stamps" = 1500 ]
[ "$(rules)" -gt 0 ]

systemctl stop sigtraild.service
wait_for is sigtrail-rules.service inactive
[ "$(rules)" = 0 ] || {
	auditctl -l
	cat /run/sigtrail/rules
	journalctl -q -b -u sigtrail-rules.service
	exit 1
}
rm /etc/sigtrail/sigtrail.conf.d/restart.conf
systemctl start sigtraild.service
[ "$(rules)" -gt 0 ]
