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

systemctl mask -q --runtime --now systemd-journald-audit.socket 2>/dev/null
systemctl restart systemd-journald.service
check "without journald's audit socket the trail goes on" settled
systemctl unmask -q --runtime systemd-journald-audit.socket
systemctl restart systemd-journald.service
check "with it again the trail goes on" settled
rm -r /etc/systemd/journald.conf.d
