#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sigtraild starts again, and is upgraded, while signals are sent: none is lost.
# vm: auditd,kernel last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

# steady COMMAND...: sends signals as long as that runs. Sets $sent, $victim, $since.
steady() {
	/opt/vm/bin/victim ignore >/dev/null 2>&1 &
	victim=$!
	settled >/dev/null
	since=@$(date +%s)
	rm -f enough
	/opt/vm/bin/victim pulse $victim "$PWD/enough" >sent &
	pulse=$!
	sleep 1
	"$@" >said 2>&1 || cat said
	soon trail_is_kept >/dev/null
	sleep 1
	touch enough
	wait $pulse
	sent=$(cat sent)
	settled >/dev/null
	# What still waits for its interval to end is written.
	systemctl kill -s HUP sigtraild.service
	settled >/dev/null
	kill -KILL $victim
	wait $victim 2>/dev/null || :
}

# all_there: the lines and what they stand for are as many as were sent.
all_there() {
	journalctl --sync
	kept=$(journalctl -q -b _UID=0 SYSLOG_IDENTIFIER=sigtraild SIGTRAIL_SIGNAL=SIGCONT \
		"TARGET_PID=$victim" -o export --output-fields=SIGTRAIL_REPEATED,SIGTRAIL_SERIAL |
		awk -F= '/^SIGTRAIL_SERIAL=/ { n++ } /^SIGTRAIL_REPEATED=/ { n += $2 } END { print n + 0 }')
	echo "$kept of $sent signals are in the trail"
	journalctl -q --since="$since" SYSLOG_IDENTIFIER=sigtraild -o cat |
		grep trail || :
	[ "$kept" = "$sent" ]
}
no_loss() {
	lost=$(journalctl -q --since="$since" SYSLOG_IDENTIFIER=sigtraild -o cat \
		_UID=0 --grep 'trail incomplete' || :)
	[ -z "$lost" ] || {
		echo "$lost"
		return 1
	}
}

# What the case before changed has its entry by then.
sleep 2
steady systemctl restart sigtraild.service
check "restarted under load: no signal is lost" all_there
check "restarted under load: the trail says so" no_loss
echo "! $(all_there | head -n 1)"

old=$(main_pid sigtraild.service)
steady env DEBIAN_FRONTEND=noninteractive apt-get install -qq -o APT::Sandbox::User=root /opt/vm/upgrade.deb
upgraded() { dpkg-query -W -f '${Version}' sigtrail | grep upgrade; }
check "upgraded by apt" upgraded
fresh() { is sigtraild.service active && [ "$(main_pid sigtraild.service)" != "$old" ]; }
check "upgraded: the new one runs" fresh
check "upgraded under load: no signal is lost" all_there
check "upgraded under load: the trail says so" no_loss
echo "! $(all_there | head -n 1)"
