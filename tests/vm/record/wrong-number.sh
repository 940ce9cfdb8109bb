#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A stale PID file names a thread of another service, which dies of it.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

number=3000
service first.service '/opt/vm/bin/victim threads 30'
program second <<'EOF'
#!/bin/sh
# Ends what it believes to be its own old instance.
kill "$(cat /var/lib/second/second.pid)"
EOF
service second.service /usr/local/sbin/second

# Files in /var survive a reboot: the number is from yesterday, and there when sigtraild
# starts.
mkdir -p /var/lib/second
echo $number >/var/lib/second/second.pid
touch -d yesterday /var/lib/second/second.pid
systemctl restart sigtraild.service

begin
# The kernel comes round to that number with one of the next thirty threads.
sysctl -q kernel.ns_last_pid=$((number - 10))
systemctl start first.service
wait_for test -e "/proc/$(main_pid first.service)/task/$number"
systemctl start second.service
wait_for is_over first.service
end
