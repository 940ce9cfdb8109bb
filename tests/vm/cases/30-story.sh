#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# second.service keeps its PID file in /var. After a boot of both it ends what has that
# number now: a thread of first.service.
# vm: all last after first
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

program second <<'EOF'
#!/bin/sh
# Ends its old instance, and notes its own number some time later.
file=/var/lib/second/second.pid
[ ! -e $file ] || kill "$(cat $file)"
until [ -e /run/second.go ]; do sleep 0.1; done
mkdir -p ${file%/*}
echo $$ >$file
exec sleep infinity
EOF
scene story
service second.service /usr/local/sbin/second
# As often as it takes.
service first.service '/opt/vm/bin/victim threads 30' '[Unit]' StartLimitIntervalSec=0
# Its main thread, and thirty.
all_threads() { grep -qx "Threads:	31" "/proc/$(main_pid first.service)/status"; }
if [ "$2" = first ]; then
	sysctl -q kernel.ns_last_pid=20000
	touch /run/second.go
	systemctl start first.service second.service
	wait_for all_threads
	wait_for runs second.service /usr/bin/sleep
	exit
fi

number=$(cat /var/lib/second/second.pid)
begin
# The kernel comes round to that number with one of the next thirty threads, if nobody
# else gets it in between.
hit=
for _ in 1 2 3 4 5 6 7 8 9 10; do
	sysctl -q kernel.ns_last_pid=$((number - 10))
	systemctl restart first.service
	wait_for all_threads
	[ ! -e "/proc/$(main_pid first.service)/task/$number" ] || {
		hit=yes
		break
	}
done
[ -n "$hit" ] || {
	echo "in ten attempts no thread of first.service got the number $number"
	exit 1
}
systemctl start second.service
wait_for is_over first.service
check "all of it is in the journal soon" settled
touch /run/second.go
wait_for runs second.service /usr/bin/sleep

beside() {
	journalctl -q -b -u first.service -o cat >said
	cat said
	grep -q 'SIGTERM from .*second.service.* to victim.*via thread' said &&
		grep -q 'first.service: Deactivated successfully' said
}
check "journalctl -u first.service has the line beside systemd's" beside
check "the line tells of the thread and of the PID file" \
	has SIGTRAIL_SIGNAL=SIGTERM SENDER_UNIT=second.service TARGET_UNIT=first.service \
	SIGTRAIL_NOTES=thread-target SIGTRAIL_NOTES=stale-pidfile=/var/lib/second/second.pid
check "sigtrail why first.service: wrong-number" why_says first.service wrong-number
check "sigtrail why names the PID file" why_has first.service /var/lib/second/second.pid
end 0
rm -r /var/lib/second /usr/local/sbin/second /run/second.go
