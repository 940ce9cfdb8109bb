#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A unit with Restart=on-failure that dies every second.
# vm: auditd,kernel last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

scene fragile
program fragile <<'EOF'
#!/bin/sh
[ ! -e /run/fragile.enough ] || exec sleep infinity
sleep 1
kill -KILL $$
EOF
service fragile.service /usr/local/sbin/fragile Restart=on-failure RestartSec=100ms \
	'[Unit]' StartLimitIntervalSec=0

begin
systemctl start fragile.service
restarts() { [ "$(systemctl show -P NRestarts fragile.service)" -ge 5 ]; }
wait_for restarts
# At last it lives on: it died before each of these, and is there to be stopped.
touch /run/fragile.enough
wait_for runs fragile.service /usr/bin/sleep
restarted=$(systemctl show -P NRestarts fragile.service)
systemctl stop fragile.service
settled >/dev/null
deaths() {
	entries SIGTRAIL_SIGNAL=SIGKILL TARGET_UNIT=fragile.service -o json \
		--output-fields=TARGET_PID | sort -u >said
	echo "$(wc -l <said) lines of $restarted deaths"
	[ "$(wc -l <said)" = "$restarted" ]
}
check "each death has its line" deaths
senders() {
	sigtrail log -b -u fragile -s KILL -o short >said || return 1
	cat said
	[ "$(wc -l <said)" = "$restarted" ] && ! grep -qv 'SIGKILL from fragile' said
}
check "and each names the unit itself" senders
check "sigtrail why: the last end is the stop" why_says fragile stopped-by-manager
end 0
rm /usr/local/sbin/fragile /run/fragile.enough
