#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Units end in each way that there is, and sigtrail why says which it was.
# vm: all last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service own.service "/bin/sh -c 'exit 143'"
service killed.service '/bin/sleep infinity'
program catcher <<'EOF'
#!/bin/sh
trap 'exit 143' TERM
touch /run/catcher.ready
while :; do sleep 0.1; done
EOF
service caught.service /usr/local/sbin/catcher
program deploy <<'EOF'
#!/bin/sh
kill -KILL "$(systemctl show -P MainPID killed.service)"
kill -TERM "$(systemctl show -P MainPID caught.service)"
EOF
service deploy.service /usr/local/sbin/deploy Type=oneshot
service stopped.service '/bin/sleep infinity'
service asked.service '/bin/sleep infinity'
program stubborn <<'EOF'
#!/bin/sh
trap '' TERM
touch /run/stubborn.ready
while :; do sleep 0.1; done
EOF
service stubborn.service /usr/local/sbin/stubborn TimeoutStopSec=1
service segv.service '/opt/vm/bin/victim segv'
service oom.service '/opt/vm/bin/victim eat' MemoryMax=20M MemorySwapMax=0
service alive.service '/bin/sleep infinity'

systemctl daemon-reload
systemctl start killed caught stopped asked stubborn alive
for unit in killed stopped asked alive; do
	wait_for runs $unit.service /usr/bin/sleep
done
wait_for ready catcher
wait_for ready stubborn
systemctl start own segv oom
systemctl start deploy
systemctl stop stopped
systemctl kill asked
systemctl stop stubborn
for unit in own killed caught stopped asked stubborn segv oom; do
	wait_for is_over $unit.service
done
check "all of it is in the journal soon" settled

if is_audited; then
	check "exit 143, nobody sent anything: own-exit" why_says own own-exit
	check "systemctl stop is in the trail, sent by process 1" \
		has SENDER_PID=1 SIGTRAIL_SIGNAL=SIGTERM TARGET_UNIT=stopped.service
else
	check "exit 143, process 1 can't be seen: unknown-gap" why_says own unknown-gap
	check "sigtrail why says what makes the trail incomplete" why_has own audit=1
fi
check "SIGKILL by another unit: killed-by" why_says killed killed-by
check "and by which" why_has killed deploy.service
check "SIGTERM, caught, exit 143: exit-after-signal" why_says caught exit-after-signal
check "systemctl stop: stopped-by-manager" why_says stopped stopped-by-manager
check "systemctl kill: killed-by" why_says asked killed-by
check "stop timeout, SIGKILL: stop-timeout" why_says stubborn stop-timeout
check "SIGSEGV: crashed" why_says segv crashed
check "out of memory: oom" why_says oom oom
check "it runs: alive" why_says alive alive
failed_ones() {
	sigtrail why --failed >said
	for unit in own killed caught stubborn segv oom; do
		grep -q " $unit.service " said || {
			echo "$unit is missing"
			cat said
			return 1
		}
	done
}
check "sigtrail why --failed has them all" failed_ones
drop_units
rm -f /usr/local/sbin/catcher /usr/local/sbin/deploy /usr/local/sbin/stubborn
