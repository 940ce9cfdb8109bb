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
tries=1500
until [ -e /run/second.go ]; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || exit 1
	sleep 0.1
done
mkdir -p ${file%/*}
echo $$ >$file
exec sleep infinity
EOF
scene story
service second.service /usr/local/sbin/second
# As often as it takes.
service first.service '/opt/vm/bin/victim threads 30' '[Unit]' StartLimitIntervalSec=0
if [ "$2" = first ]; then
	sysctl -q kernel.ns_last_pid=20000
	touch /run/second.go
	systemctl start first.service second.service
	wait_for has_threads first.service 31
	wait_for runs second.service /usr/bin/sleep
	exit
fi

number=$(cat /var/lib/second/second.pid)
begin
thread_gets "$number" first.service
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
