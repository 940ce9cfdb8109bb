#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Beside auditd: its logs rotate, it starts again, it loads rules anew. Each signal has one
# line, and the kernel's log stays as it is.
# vm: audited,auditd last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

# Shells print to the kernel's log what they say to /dev/kmsg: from here on.
echo "auditd's case begins" >/dev/kmsg

# once WHEN: ten signals that are caught are ten lines.
once() {
	/opt/vm/bin/victim ignore >/dev/null 2>&1 &
	victim=$!
	soon grep -q '^SigIgn:.*[4567c-f]...$' "/proc/$victim/status"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		kill -TERM $victim
	done
	settled || :
	kill -KILL $victim
	wait $victim 2>/dev/null || :
	lines=$(entries "TARGET_PID=$victim" SIGTRAIL_SIGNAL=SIGTERM | wc -l)
	serials=$(journalctl -q -b "TARGET_PID=$victim" SIGTRAIL_SIGNAL=SIGTERM -o cat \
		--output-fields=SIGTRAIL_SERIAL | sort -u | wc -l)
	echo "$lines lines of 10 signals, $serials serials"
	[ "$lines" = 10 ] && [ "$serials" = 10 ]
}

check "each signal has one line" once
systemctl kill -s USR1 auditd.service
soon test -e /var/log/audit/audit.log.1
check "after auditd rotated its logs, too" once
old=$(main_pid auditd.service)
systemctl restart auditd.service
anew() { is auditd.service active && [ "$(main_pid auditd.service)" != "$old" ]; }
check "auditd starts again" soon anew
check "after that the rules are there" soon rules_are_loaded
check "after that each signal has one line" once
augenrules --load >/dev/null 2>&1
check "after augenrules --load the rules are there" soon rules_are_loaded
check "after that each signal has one line, too" once
cp /usr/share/sigtrail/rules/40-sigtrail.rules /etc/audit/rules.d/ 2>/dev/null ||
	cp /usr/share/doc/sigtrail/examples/40-sigtrail.rules /etc/audit/rules.d/
augenrules --load >/dev/null 2>&1
check "with ours in /etc/audit/rules.d the rules are there" soon rules_are_loaded
doubled() {
	twice=$(auditctl -l | sort | uniq -d)
	[ -z "$twice" ] || {
		echo "$twice"
		return 1
	}
}
check "and none of them twice" doubled
check "with them each signal has one line" once
rm /etc/audit/rules.d/40-sigtrail.rules
augenrules --load >/dev/null 2>&1
rm -f /etc/audit/audit.rules.prev
check "without them the rules are there again" soon rules_are_loaded

# What the kernel says while auditd was away for a moment is not a flood.
quiet() {
	flood=$(dmesg | sed -n "/auditd's case begins/,\$p" | grep -c 'audit: type=')
	echo "$flood audit records in the kernel's log"
	[ "$flood" -lt 50 ]
}
check "the kernel's log is not flooded" quiet
echo "! $(quiet)"
