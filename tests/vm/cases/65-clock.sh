#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Somebody sets the clock: an hour forth, two back, and right again, each in mid flood.
# vm: kernel,bare last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

lost() { entries SIGTRAIL_EVENT=incomplete | wc -l; }
main_pid() { systemctl show -P MainPID sigtraild.service; }

before=$(lost)
daemon=$(main_pid)
for step in '+1 hour' '-2 hours' '+1 hour'; do
	sleep 1000 >/dev/null 2>&1 &
	target=$!
	# Not the shell's child before it executes sleep.
	soon [ /proc/$target/exe -ef /usr/bin/sleep ] >/dev/null
	# Half of them before, half of them after.
	i=0
	while [ $i -lt 40 ]; do
		[ $i -ne 20 ] || date -s "$step" >/dev/null
		kill -CONT $target
		i=$((i + 1))
	done
	kill -TERM $target
	wait $target 2>/dev/null || :
	# Whole: who it was is known on both sides of the step.
	told() {
		journalctl --sync
		entries "TARGET_PID=$target"
		[ "$(entries "TARGET_PID=$target" SIGTRAIL_SIGNAL=SIGCONT "SENDER_PID=$$" \
			TARGET_EXE=/usr/bin/sleep SIGTRAIL_SYSCALL=kill -o export |
			awk -F= '/^SIGTRAIL_REPEATED=/ { n += $2 } /^SIGTRAIL_SERIAL=/ { n++ } END { print n + 0 }')" = 40 ] &&
			has "TARGET_PID=$target" SIGTRAIL_SIGNAL=SIGTERM TARGET_EXE=/usr/bin/sleep
	}
	check "the clock is set $step: each signal is told, with both ends" soon told
done
nothing_lost() { [ "$(lost)" = "$before" ] || { entries SIGTRAIL_EVENT=incomplete && return 1; }; }
check "the clock was set: nothing is said to be lost" nothing_lost
check "the clock was set: the daemon lives on" [ "$(main_pid)" = "$daemon" ]
