# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# What the cases share, besides what the recorded cases do (record/lib.sh: units, begin,
# end). A case is called with its name and the phase, which is one of a machine's boots:
# "first" installs the package, "last" is the last one. Its line `# vm: MACHINES PHASES`
# says where it runs. It prints `ok NAME` and `not ok NAME`, and the host counts; what
# belongs to a failure follows with `# `, and what is worth to be read with `! `. Where a
# case only prepares (`after PHASE` in that line) it gives no verdict.
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

# check NAME COMMAND...: ok if that command succeeds. It waits for who holds its output. In a
# function the first command that fails is its end.
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

# soon COMMAND...: within a minute, also on a busy host; what it says at last.
soon() {
	end=$(($(uptime_seconds) + 60))
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

# has FIELD=VALUE...: one entry has all of these. To journalctl two of one field are either.
has() {
	journalctl --sync
	printf '%s\n' "$@" >wanted
	# An entry begins so; an empty line is also behind a field in bytes.
	entries "$@" -o export | awk '
		NR == FNR { wanted[$0]; n++; next }
		/^__CURSOR=/ { if (seen == n) said = message; seen = 0 }
		/^MESSAGE=/ { message = substr($0, 9) }
		$0 in wanted { seen++ }
		END { if (seen == n) said = message; print said; exit !said }' wanted - && return
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

# once: ten signals that are caught are ten lines, each of an event of its own.
once() {
	/opt/vm/bin/victim ignore >/dev/null 2>&1 &
	once_target=$!
	soon grep -q '^SigIgn:.*[4567c-f]...$' "/proc/$once_target/status"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		kill -TERM $once_target
	done
	settled || :
	kill -KILL $once_target
	wait $once_target 2>/dev/null || :
	lines=$(entries "TARGET_PID=$once_target" SIGTRAIL_SIGNAL=SIGTERM | wc -l)
	serials=$(entries "TARGET_PID=$once_target" SIGTRAIL_SIGNAL=SIGTERM \
		--output-fields=SIGTRAIL_SERIAL | sort -u | wc -l)
	echo "$lines lines of 10 signals, $serials serials"
	[ "$lines" = 10 ] && [ "$serials" = 10 ]
}

# remember_here, since_here MATCH...: what the journal has from here on.
remember_here() {
	echo "$name" | systemd-cat -t vm-case
	journalctl --sync
	here=$(journalctl -q -b -t vm-case -n 1 --show-cursor | sed -n 's/^-- cursor: //p')
	[ -n "$here" ]
}
since_here() {
	journalctl --sync
	# What stands there itself is nothing that a match asks for.
	journalctl -q --cursor="$here" -o cat "$@"
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

# has_threads UNIT N: its main process has as many.
has_threads() { grep -qx "Threads:	$2" "/proc/$(main_pid "$1")/status"; }

# thread_gets NUMBER UNIT: starts the unit, whose program makes thirty threads, until one of
# them has that number. The kernel comes round to it with one of the next thirty, if nobody
# else gets it in between. Where it can't be had the case ends.
thread_gets() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sysctl -q kernel.ns_last_pid=$(($1 - 10))
		systemctl restart "$2"
		wait_for has_threads "$2" 31
		[ ! -e "/proc/$(main_pid "$2")/task/$1" ] || return 0
	done
	echo "in ten attempts no thread of $2 got the number $1"
	exit 1
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

# files: all of the host, with modes, owners and where links lead, but what may differ
# later: logs, caches, the system's own daily copies, what runs, this test's own. Below /etc
# also what is in them, except in passwd(5)'s copies of the last edit.
files() {
	find / -xdev \( -path /var/log -o -path /var/cache -o -path /var/lib/apt \
		-o -path /var/backups -o -path /var/lib/dpkg -o -path /tmp -o -path /opt/vm -o -path $state \
		-o -path /root -o -path /var/tmp \) -prune -o -printf '%p %m %u:%g %l\n' | sort
	find /etc -xdev -type f ! -name '*-' -exec sha256sum {} + | sort -k 2
}

# kill_daemon, kills: kills it, of which systemd warns, and how often that was done until now.
kill_daemon() {
	systemctl kill --kill-who=main --signal=KILL sigtraild.service
	echo killed >>$state/kills
}
kills() { cat $state/kills 2>/dev/null | wc -l; }

# remember_host, same_audit, same_files: what the host is like, now and later.
remember_host() {
	audit_state >$state/audit.before
	files >$state/files.before
}
same_audit() { audit_state >audit.now && diff $state/audit.before audit.now; }
same_files() { files >files.now && diff $state/files.before files.now; }
