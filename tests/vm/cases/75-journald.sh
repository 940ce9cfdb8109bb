#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# journald starts again, which on Debian 12 switches auditing off; its audit socket is off
# and on.
# vm: audited,bare last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

auditing_is() { auditctl -s | grep -x "enabled $1"; }

systemctl restart systemd-journald.service
check "journald's restart: auditing is on again" soon auditing_is 1
check "journald's restart: the trail goes on" settled
switched_off() {
	entries SIGTRAIL_CAUSE=audit-disabled | grep . ||
		{ entries -n 5 && return 1; }
}
check "journald's restart: the trail says that it was off" soon switched_off

# What follows can be seen where that failed, too.
auditing_is 1 >/dev/null || auditctl -e 1 >/dev/null

mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nAudit=\n' >/etc/systemd/journald.conf.d/audit.conf
before=$(entries SIGTRAIL_CAUSE=audit-disabled | wc -l)
systemctl restart systemd-journald.service
check "Audit= in journald.conf.d: the trail goes on" settled
left_alone() { [ "$(entries SIGTRAIL_CAUSE=audit-disabled | wc -l)" = "$before" ]; }
check "Audit= in journald.conf.d: auditing was not switched off" left_alone

# audit_socket STATE: so it is, and records of signals come into the journal that way or not.
audit_socket() {
	journald=$(main_pid systemd-journald.service)
	systemctl restart systemd-journald.service
	[ "$(main_pid systemd-journald.service)" != "$journald" ] || return 1
	remember_here && settled || return 1
	systemctl show -P ActiveState systemd-journald-audit.socket
	is systemd-journald-audit.socket "$1" || return 1
	records() { since_here _TRANSPORT=audit SYSLOG_IDENTIFIER=audit | grep 'SYSCALL\|OBJ_PID'; }
	case $1 in
	active) soon records ;;
	*) ! records ;;
	esac
}
check "journald's audit socket is on: it reads records, too" audit_socket active
check "and each signal has one line" once
systemctl mask -q --runtime --now systemd-journald-audit.socket 2>/dev/null
check "journald's audit socket is off: it reads none" audit_socket inactive
check "and the trail goes on, one line for each signal" once
systemctl unmask -q --runtime systemd-journald-audit.socket
check "journald's audit socket is on again: it reads them again" audit_socket active
check "and each signal still has one line" once
rm -r /etc/systemd/journald.conf.d
