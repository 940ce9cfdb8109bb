# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# shellcheck disable=SC2086 # lists of names without blanks
#
# What the cases share. A case prepares its units, says begin, lets things happen, and
# says end: what the journal has of that time becomes NAME.export in the current
# directory. Before it stand the kernel's command line and what sigtraild said at its
# start: since when the trail is kept, and whose signals it can't see.

name=$1
units=
# Of all entries those that these journalctl(1) matches let through.
matches=
trail_started=d2fde6447e3547699fa0b51b90f7b51a

# unit NAME <TEXT: a unit until end.
unit() {
	cat >"/run/systemd/system/$1"
	units="$units $1"
}

# program NAME <TEXT: a script in /usr/local/sbin.
program() {
	mkdir -p /usr/local/sbin
	cat >"/usr/local/sbin/$1"
	chmod 755 "/usr/local/sbin/$1"
}

# service NAME COMMAND [LINE]...: a unit of that name that runs COMMAND.
service() {
	service_name=$1
	command=$2
	shift 2
	unit "$service_name" <<-END
		[Unit]
		Description=The ${service_name%.service} service
		[Service]
		ExecStart=$command
		$([ $# = 0 ] || printf '%s\n' "$@")
	END
}

# wait_for WORD...: until that command succeeds, for 20 s.
wait_for() {
	tries=200
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || {
			echo "waited in vain for: $*"
			return 1
		}
		sleep 0.1
	done
}

main_pid() { systemctl show -P MainPID "$1"; }
is() { [ "$(systemctl show -P ActiveState "$1")" = "$2" ]; }

# is_over UNIT: it ran, and has ended well or badly.
is_over() { is "$1" inactive || is "$1" failed; }

# runs UNIT PROGRAM: its main process executes PROGRAM.
runs() { [ "$(readlink "/proc/$(main_pid "$1")/exe")" = "$2" ]; }

# ready NAME: its program has touched that file; a signal finds its trap set.
ready() { [ -e "/run/$1.ready" ]; }

begin() {
	systemctl daemon-reload
	# What the case before has left is written by then.
	sleep 0.5
	journalctl --sync
	{
		journalctl -q -b -o export -n 1 --grep '^Command line: ' _TRANSPORT=kernel
		run=_SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID sigtraild.service)
		journalctl -q -o export "$run" _TRANSPORT=stdout + "$run" MESSAGE_ID=$trail_started
	} >"$name.export"
	journalctl -q -n 1 --cursor-file="$name.cursor" $matches >/dev/null
}

# end [SECONDS]: so long until all that happened is written.
end() {
	sleep "${1:-1}"
	journalctl --sync
	journalctl -q -o export --cursor-file="$name.cursor" $matches >>"$name.export"
	rm "$name.cursor"
	[ -z "$units" ] || {
		systemctl stop $units
		systemctl reset-failed $units 2>/dev/null || :
		(cd /run/systemd/system && rm -f $units)
	}
	rm -f /run/*.ready
}
