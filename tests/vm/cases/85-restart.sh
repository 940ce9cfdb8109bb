#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sigtraild starts again, is killed, executes itself and is upgraded while signals are sent:
# none is lost, and none is told twice.
# vm: auditd,kernel last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

# As many signals as that were sent, or more: the sender sleeps after each.
pulses() { [ "$(awk '/^voluntary_ctxt/ { print $2 }' "/proc/$pulse/status")" -ge "$1" ]; }

# steady CONDITION COMMAND...: sends signals before and while that runs, until the condition
# holds, and after it; the entry of the daemon's start may come behind all of them. Sets
# $sent, $victim, $since_usec, and the daemon's number and starts before: $old, $starts.
steady() {
	condition=$1
	shift
	/opt/vm/bin/victim ignore >/dev/null 2>&1 &
	victim=$!
	settled >/dev/null
	old=$(main_pid sigtraild.service)
	starts=$(started)
	since_usec=$(date +%s%6N)
	rm -f enough
	/opt/vm/bin/victim pulse $victim "$PWD/enough" >sent &
	pulse=$!
	soon pulses 150
	"$@" >said 2>&1 || cat said
	soon "$condition" >/dev/null || :
	before=$(awk '/^voluntary_ctxt/ { print $2 }' /proc/$pulse/status)
	soon pulses $((before + 150))
	touch enough
	wait $pulse
	sent=$(cat sent)
	# The host hears that something goes on.
	echo "$sent signals were sent"
	settled >/dev/null
	# What still waits for its interval to end is written.
	systemctl kill -s HUP sigtraild.service
	settled >/dev/null
	kill -KILL $victim
	wait $victim 2>/dev/null || :
}

started() { journalctl --sync && entries SIGTRAIL_EVENT=started | wc -l; }
again() { is sigtraild.service active && [ "$(started)" -gt "$starts" ]; }
fresh() { is sigtraild.service active && [ "$(main_pid sigtraild.service)" != "$old" ]; }

# all_there: the lines and what they stand for are as many as were sent, each line of an
# event of its own.
all_there() {
	journalctl --sync
	entries SIGTRAIL_SIGNAL=SIGCONT "TARGET_PID=$victim" -o export \
		--output-fields=SIGTRAIL_REPEATED,SIGTRAIL_SERIAL >lines
	kept=$(awk -F= '/^SIGTRAIL_SERIAL=/ { n++ } /^SIGTRAIL_REPEATED=/ { n += $2 } END { print n + 0 }' lines)
	twice=$(sed -n 's/^SIGTRAIL_SERIAL=//p' lines | sort | uniq -d | wc -l)
	echo "$kept of $sent signals are in the trail, $twice twice" | tee told
	entries -n 200 | grep trail || :
	[ "$sent" -ge 300 ] && [ "$kept" = "$sent" ] && [ "$twice" = 0 ]
}

# no_loss: no entry says that something is missing of this time. What the case before changed
# may have its entry only now, but that is of the time before.
no_loss() {
	entries SIGTRAIL_EVENT=incomplete -o export >lost || return 1
	! awk -F= -v since="$since_usec" '
		function judge() {
			if (said && (!until || until >= since)) { print said; found = 1 }
			said = until = ""
		}
		/^__CURSOR=/ { judge() }
		/^MESSAGE=/ { said = $0 }
		/^SIGTRAIL_UNTIL_USEC=/ { until = $2 }
		END { judge(); exit !found }' lost
}

# watching_rules COMMAND...: looks all the time whether the rules are there.
watching_rules() {
	: >rules
	rm -f looked
	while [ ! -e looked ]; do
		auditctl -l | grep -c 'key=sigtrail' >>rules || :
		sleep 0.2
	done &
	looker=$!
	"$@"
	touch looked
	wait $looker
}
rules_stay() { sort rules | uniq -c && [ -s rules ] && ! grep -qx 0 rules && rules_are_loaded; }

watching_rules steady fresh systemctl restart sigtraild.service
check "restarted under load: another process is the daemon" fresh
check "restarted under load: the rules stay" rules_stay
check "restarted under load: no signal is lost, none told twice" all_there
check "restarted under load: the trail says so" no_loss
echo "! $(cat told)"

# Each signal has its own line: a SIGKILL would take those held back as repeats.
dropin=/etc/sigtrail/sigtrail.conf.d
mkdir -p $dropin
printf '[Burst]\nLimit=0\n' >$dropin/each.conf
systemctl restart sigtraild.service
watching_rules steady fresh kill_daemon
check "killed under load: another process is the daemon" fresh
check "killed under load: the rules stay" rules_stay
check "killed under load: no signal is lost, none told twice" all_there
check "killed under load: the trail says so" no_loss
echo "! $(cat told)"

watching_rules steady true systemctl kill --kill-who=main --signal=USR2 sigtraild.service
check "executed anew under load: it starts again" soon again
check "executed anew under load: as the same process" [ "$(main_pid sigtraild.service)" = "$old" ]
check "executed anew under load: the rules stay" rules_stay
check "executed anew under load: no signal is lost, none told twice" all_there
check "executed anew under load: the trail says so" no_loss
echo "! $(cat told)"
rm -r $dropin/each.conf
rmdir --ignore-fail-on-non-empty $dropin
systemctl restart sigtraild.service

steady fresh env DEBIAN_FRONTEND=noninteractive apt-get install -qq -o APT::Sandbox::User=root /opt/vm/upgrade.deb
upgraded() { dpkg-query -W -f '${Version}' sigtrail | grep upgrade; }
check "upgraded by apt" upgraded
check "upgraded: another process is the daemon" fresh
check "upgraded under load: no signal is lost, none told twice" all_there
check "upgraded under load: the trail says so" no_loss
echo "! $(cat told)"
