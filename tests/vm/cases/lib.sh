# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# What the cases share, besides what the recorded cases do (record/lib.sh: units, begin,
# end). A case is called with its name and the phase, which is one of a machine's boots:
# "first" installs the package, "last" is the last one. Its line `# vm: MACHINES PHASES`
# says where it runs. It prints `ok NAME` and `not ok NAME`, and the host counts; what
# belongs to a failure follows with `# `, and what is worth to be read with `! `.
#
# shellcheck source=tests/vm/record/lib.sh
. /opt/vm/record-lib.sh

state=/var/lib/vm
mkdir -p $state

# scene NAME: what begins now is recorded as that.
scene() {
	name=$1
	units=
}

# The machine: with auditd or without, booted with audit=1 or not.
has_auditd() { ! grep -q 'systemd.mask=auditd' /proc/cmdline; }
is_audited() { grep -qw 'audit=1' /proc/cmdline; }

# check NAME COMMAND...: ok if that command succeeds. It waits for who holds its output.
check() {
	check_name=$1
	shift
	if said=$("$@" 2>&1); then
		echo "ok $check_name"
	else
		echo "not ok $check_name"
		printf '%s\n' "$said" | tail -n 30 | sed 's/^/# /'
	fi
}

# soon COMMAND...: within 20 s; what it says at last.
soon() {
	end=$(($(uptime_seconds) + 20))
	until said=$("$@" 2>&1); do
		[ "$(uptime_seconds)" -lt $end ] || {
			printf '%s\n' "$said"
			return 1
		}
		sleep 0.1
	done
	printf '%s\n' "$said"
}
uptime_seconds() { cut -d. -f1 /proc/uptime; }

# entries FIELD=VALUE...: those of sigtraild in this boot, for people.
entries() {
	journalctl -q -b _UID=0 SYSLOG_IDENTIFIER=sigtraild -o cat "$@"
}

# has FIELD=VALUE...: one entry has all of these.
has() {
	journalctl --sync
	entries "$@" -n 1 | grep . && return
	echo "no entry has $*; the last ones:"
	entries -n 10
	return 1
}

# settled: all that was sent until now is in the journal.
settled() {
	sleep 1000 >/dev/null 2>&1 &
	kill -TERM $!
	wait $! 2>/dev/null || :
	soon has "TARGET_PID=$!" SIGTRAIL_SIGNAL=SIGTERM
}

# why_says SUBJECT VERDICT: that is what sigtrail makes of its end in this boot.
why_says() {
	journalctl --sync
	said=$(sigtrail why -b -o json "$1") || :
	case $said in
	*"\"verdict\":\"$2\""*) ;;
	*)
		sigtrail why -b "$1"
		return 1
		;;
	esac
}

# why_has SUBJECT TEXT: it says that, too.
why_has() {
	sigtrail why -b "$1" | grep -F -- "$2" || {
		sigtrail why -b "$1"
		return 1
	}
}

rules_are_loaded() { auditctl -l | grep -q 'key=sigtrail' && sigtrail rules verify; }
trail_is_kept() { systemctl is-active sigtraild.service; }

# drop_units: those of the case that doesn't end a recording.
drop_units() {
	# shellcheck disable=SC2086 # a list of names
	{
		systemctl stop $units
		systemctl reset-failed $units 2>/dev/null || :
		(cd /run/systemd/system && rm -f $units)
	}
	units=
}

# audit_state: what of the kernel's audit a user sets.
audit_state() {
	auditctl -s | grep -E '^(enabled|failure|rate_limit|backlog_limit|backlog_wait_time) '
	auditctl -l
}

# files: all of the host, but what may differ later: logs, caches, what runs, this test's
# own.
files() {
	find / -xdev \( -path /var/log -o -path /var/cache -o -path /var/lib/apt \
		-o -path /var/lib/dpkg -o -path /tmp -o -path /opt/vm -o -path $state \
		-o -path /root -o -path /var/tmp \) -prune -o -print | sort
}

# remember_host, same_audit, same_files: what the host is like, now and later.
remember_host() {
	audit_state >$state/audit.before
	files >$state/files.before
}
same_audit() { audit_state >audit.now && diff $state/audit.before audit.now; }
same_files() { files >files.now && diff $state/files.before files.now; }
