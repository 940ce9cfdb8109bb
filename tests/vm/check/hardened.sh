#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Under its unit sigtraild still sees all that it needs: programs, units and PID files of
# other users' services.
#
#     sudo tests/vm/boot --append audit=1 --out DIR TREE tests/vm/check
#
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

number=3000
service first.service '/opt/vm/bin/victim threads 30' User=nobody
program second <<'EOF'
#!/bin/sh
kill "$(cat /var/lib/second/second.pid)"
EOF
service second.service /usr/local/sbin/second
service third.service '/bin/sleep infinity' User=nobody
program fourth <<'EOF'
#!/bin/sh
pkill -KILL -x sleep
EOF
service fourth.service /usr/local/sbin/fourth Type=oneshot User=nobody

mkdir -p /var/lib/second
echo $number >/var/lib/second/second.pid
touch -d yesterday /var/lib/second/second.pid
systemctl restart sigtraild.service

begin
kept=$(awk '/^CapEff/ { print $2 }' "/proc/$(main_pid sigtraild.service)/status")
echo "capabilities: $kept"
[ "$kept" = 0000002060081000 ]
sysctl -q kernel.ns_last_pid=$((number - 10))
systemctl start first.service
wait_for test -e "/proc/$(main_pid first.service)/task/$number"
systemctl start second.service
wait_for is_over first.service
systemctl start third.service
wait_for runs third.service /usr/bin/sleep
systemctl start fourth.service
wait_for is_over third.service
end

# has FIELD=VALUE...: one entry has all of these.
has() {
	journalctl -q -b _UID=0 SYSLOG_IDENTIFIER=sigtraild "$@" -o cat -n 1 | grep . || {
		echo "no entry has $*"
		journalctl -q -b SYSLOG_IDENTIFIER=sigtraild -o verbose | tail -n 80
		exit 1
	}
}
has SIGTRAIL_SIGNAL=SIGTERM SENDER_UNIT=second.service TARGET_UNIT=first.service \
	TARGET_EXE=/opt/vm/bin/victim SIGTRAIL_NOTES=thread-target \
	SIGTRAIL_NOTES=stale-pidfile=/var/lib/second/second.pid
has SIGTRAIL_SIGNAL=SIGKILL SENDER_UNIT=fourth.service TARGET_UNIT=third.service \
	TARGET_EXE=/usr/bin/sleep TARGET_UID=65534 SENDER_UID=65534
journalctl -q -b -u sigtraild.service -p warning _SYSTEMD_INVOCATION_ID="$(
	systemctl show -P InvocationID sigtraild.service
)" _TRANSPORT=stdout | tee warnings
[ ! -s warnings ] || ! grep -v "before\|boot" warnings
