#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Beside auditd: its logs rotate, it starts again, it loads rules anew. Each signal has one
# line, and the kernel's log stays as it is.
# vm: audited,auditd last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

# quiet_from, quiet: in between the kernel printed no audit record, nor had too many to
# print each. auditd is there all the time: it takes them.
stretch=0
quiet_from() {
	stretch=$((stretch + 1))
	echo "auditd's case begins $stretch" >/dev/kmsg
}
quiet() {
	echo "auditd's case ends $stretch" >/dev/kmsg
	dmesg >kernel.log || return 1
	sed -n "/auditd's case begins $stretch\$/,/auditd's case ends $stretch\$/p" kernel.log >stretch.log
	cat stretch.log
	grep -q "begins $stretch\$" stretch.log && grep -q "ends $stretch\$" stretch.log &&
		! grep -q 'audit: type=\|callbacks suppressed' stretch.log
}

quiet_from
check "each signal has one line" once
systemctl kill -s USR1 auditd.service
soon test -e /var/log/audit/audit.log.1
check "after auditd rotated its logs, too" once
check "the kernel printed none of the records" quiet
old=$(main_pid auditd.service)
systemctl restart auditd.service
anew() { is auditd.service active && [ "$(main_pid auditd.service)" != "$old" ]; }
check "auditd starts again" soon anew
quiet_from
check "after that the rules are there" soon rules_are_loaded
check "after that each signal has one line" once
augenrules --load >/dev/null 2>&1
check "after augenrules --load the rules are there" soon rules_are_loaded
check "after that each signal has one line, too" once
cp /usr/share/sigtrail/rules/40-sigtrail.rules /etc/audit/rules.d/
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
check "since auditd is there again the kernel printed none of the records" quiet
