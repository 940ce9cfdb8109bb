#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A container, as docker names its scope: its first process gets TERM, then KILL.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

id=4f0c2d8c7a1be6935d2b8e1f60a4c97d13e5b2f8860c4a7d9e3f1b5a28c6d704
program container-engine-stop <<'EOF'
#!/bin/sh
# The scope's first process is unshare itself; its child is the container's process 1.
first=$(head -n 1 "/sys/fs/cgroup/system.slice/docker-$1.scope/cgroup.procs")
container=$(pgrep -P "$first")
kill -TERM "$container"
sleep 1
kill -KILL "$container"
EOF
service engine-stop.service "/usr/local/sbin/container-engine-stop $id" Type=oneshot

begin
systemd-run -q --scope --slice=system.slice --unit="docker-$id.scope" \
	unshare --pid --fork --mount-proc sh -c 'while :; do sleep 1; done' &
wait_for pgrep -f 'sh -c while :; do sleep 1; done'
sleep 1
systemctl start engine-stop.service
wait || :
end
