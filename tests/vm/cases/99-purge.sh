#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# It goes, and leaves the host as it was: on each machine from another state.
# vm: all last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

# of_systemd MATCH...: what it says, also before journald is there, in all boots.
of_systemd() { journalctl -q SYSLOG_IDENTIFIER=systemd -o cat "$@"; }
# warnings: what it had to say about our units. Of a daemon that a case kills it says two
# things.
warnings() {
	of_systemd >all && of_systemd -p warning >warned || return 1
	boots=$(journalctl -q --list-boots | wc -l)
	starts=$(grep -c 'Started sigtraild.service' all)
	grep sigtrail warned >ours || [ $? = 1 ] || return 1
	echo "sigtraild started $starts times in $boots boots, was killed $(kills) times; warnings:"
	cat ours
	[ "$starts" -ge "$boots" ] && [ "$boots" -ge 2 ] &&
		[ "$(wc -l <ours)" = $((2 * $(kills))) ] && ! grep -qv 'killed, status=9/KILL\|result .signal' ours
}
check "systemd had no warning about its units, in any boot" warnings

systemctl stop sigtraild.service
check "stopped: the kernel's audit is as it was" soon same_audit
systemctl start sigtraild.service
check "started again: it runs" trail_is_kept
check "started again: the rules are loaded" soon rules_are_loaded

dropin=/etc/sigtrail/sigtrail.conf.d/broken.conf
case "$(has_auditd && echo auditd) $(is_audited && echo audited)" in
"auditd audited")
	check "apt removes it" apt-get remove -qq sigtrail
	check "removed: the kernel's audit is as it was" soon same_audit
	check "removed: its configuration stays" test -s /etc/sigtrail/sigtrail.conf
	how="removed before"
	;;
"auditd ")
	how="with a broken configuration"
	mkdir -p ${dropin%/*}
	printf '[Nothing]\nof=this\nis a setting\n' >$dropin
	refused() { ! sigtraild --check-config; }
	check "$how sigtraild says so" refused
	;;
" audited")
	how="after sigtrail rules load"
	check "sigtrail rules load" sigtrail rules load
	;;
*)
	how="beside a sigtrail watch"
	systemd-run -q --unit=watcher.service -p StandardOutput="file:$PWD/watched" sigtrail watch
	watches() { kill -CONT $$ && [ -s watched ]; }
	check "$how, which sees signals" soon watches
	;;
esac
check "apt purges it, $how" apt-get purge -qq sigtrail
if [ "$how" = "beside a sigtrail watch" ]; then
	: >watched
	check "purged $how: that goes on" soon watches
	systemctl kill -s INT watcher.service
	check "purged $how: it ends" soon is_over watcher.service
fi
if [ -e $dropin ]; then
	rm -r $dropin
	rmdir -p --ignore-fail-on-non-empty ${dropin%/*}
fi
check "purged $how: the kernel's audit is as it was" soon same_audit
check "purged $how: the files are those from before" same_files
gone() {
	systemctl cat sigtraild.service sigtrail-rules.service || :
	ls /run/sigtrail || :
	! systemctl cat sigtraild.service && ! systemctl cat sigtrail-rules.service &&
		! [ -e /run/sigtrail ]
}
check "purged $how: no unit and no state is left" soon gone
