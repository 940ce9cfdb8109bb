#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Under its unit, with few capabilities, sigtraild still sees all that it needs: programs,
# units and PID files of other users' services.
# vm: bare last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

number=3000
service first.service '/opt/vm/bin/victim threads 30' User=nobody \
	'[Unit]' StartLimitIntervalSec=0
program second <<'EOF'
#!/bin/sh
kill "$(cat /var/lib/second/second.pid)"
EOF
service second.service /usr/local/sbin/second
service third.service '/bin/sleep 400001' User=nobody
program fourth <<'EOF'
#!/bin/sh
pkill -KILL -f '^/bin/sleep 400001$'
EOF
service fourth.service /usr/local/sbin/fourth Type=oneshot User=nobody

mkdir -p /var/lib/second
echo $number >/var/lib/second/second.pid
touch -d yesterday /var/lib/second/second.pid
systemctl daemon-reload
systemctl restart sigtraild.service

capabilities() {
	kept=$(awk '/^CapEff/ { print $2 }' "/proc/$(main_pid sigtraild.service)/status")
	echo "$kept"
	[ "$kept" = 0000002060081000 ]
}
check "it has the capabilities that it needs, and no other" capabilities

thread_gets $number first.service
systemctl start second.service
wait_for is_over first.service
systemctl start third.service
wait_for runs third.service /usr/bin/sleep
systemctl start fourth.service
wait_for is_over third.service
check "all of it is in the journal soon" settled

check "the thread of nobody's service, and the PID file that named it" \
	has SIGTRAIL_SIGNAL=SIGTERM SENDER_UNIT=second.service TARGET_UNIT=first.service \
	TARGET_EXE=/opt/vm/bin/victim SIGTRAIL_NOTES=thread-target \
	SIGTRAIL_NOTES=stale-pidfile=/var/lib/second/second.pid
check "nobody's program, killed by another of nobody's" \
	has SIGTRAIL_SIGNAL=SIGKILL SENDER_UNIT=fourth.service TARGET_UNIT=third.service \
	TARGET_EXE=/usr/bin/sleep TARGET_UID=65534 SENDER_UID=65534
# Without audit=1 it says what it can't see from before, and no more.
complaints() {
	run=$(systemctl show -P InvocationID sigtraild.service)
	journalctl -q -b -u sigtraild.service _SYSTEMD_INVOCATION_ID="$run" -o cat >all || return 1
	journalctl -q -b -u sigtraild.service -p warning _SYSTEMD_INVOCATION_ID="$run" \
		_TRANSPORT=stdout -o cat >warnings || return 1
	cat warnings
	[ -s all ] && ! grep -qv 'before\|boot' warnings
}
check "it complains of nothing" complaints
drop_units
rm -r /var/lib/second /usr/local/sbin/second /usr/local/sbin/fourth
