#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Containers by systemd-nspawn and by podman: signals inside, from outside in.
# vm: audited,bare last
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

scene nspawn
program box-init <<'EOF'
#!/bin/sh
sleep 200001 &
sleep 0.5
kill -HUP $!
exec sleep 200002
EOF
begin
systemd-run -q --unit=box.service -p KillMode=mixed systemd-nspawn -q --directory=/ \
	--volatile=yes --machine=box --bind-ro=/usr/local/sbin/box-init:/run/box-init \
	/bin/sh /run/box-init
wait_for pgrep -f '^sleep 200002$'
settled >/dev/null
check "nspawn: a signal inside" \
	has SIGTRAIL_SIGNAL=SIGHUP SENDER_CONTAINER=box TARGET_CONTAINER=box
pid=$(pgrep -f '^sleep 200002$')
pkill -KILL -f '^sleep 200002$'
wait_for is_over box.service
settled >/dev/null
check "nspawn: a signal from outside" has SIGTRAIL_SIGNAL=SIGKILL TARGET_CONTAINER=box \
	SENDER_COMM=pkill
check "sigtrail why PID" why_says "$pid" killed-by
end 0
systemctl reset-failed box.service 2>/dev/null || :

# podman, without images, which would have to come from somewhere: the root is of the host's
# own programs.
scene podman
bundle=/var/tmp/bundle
mkdir -p $bundle/proc $bundle/usr $bundle/dev $bundle/sys $bundle/run $bundle/etc $bundle/tmp
for directory in bin lib lib64; do
	ln -sfn usr/$directory $bundle/$directory
done
cp /usr/local/sbin/box-init $bundle/init
sed -i 's/20000/30000/' $bundle/init
begin
systemd-run -q --unit=engine.service -p Delegate=yes podman run --name store \
	--cidfile /run/engine.id --network none --log-driver none --volume /usr:/usr:ro \
	--rootfs $bundle /bin/sh /init
runs_or_failed() { pgrep -f '^sleep 300002$' || is engine.service failed; }
wait_for runs_or_failed >/dev/null
! is engine.service failed || {
	systemctl status engine.service
	exit 1
}
id=$(cat /run/engine.id)
settled >/dev/null
check "podman: a signal inside" \
	has SIGTRAIL_SIGNAL=SIGHUP "SENDER_CONTAINER=$id" "TARGET_CONTAINER=$id"
pkill -KILL -f '^sleep 300002$'
gone() { ! pgrep -f '^sleep 300002$'; }
wait_for gone >/dev/null
wait_for is_over engine.service
settled >/dev/null
check "podman: a signal from outside" has SIGTRAIL_SIGNAL=SIGKILL "TARGET_CONTAINER=$id" \
	SENDER_COMM=pkill
check "sigtrail why CONTAINER" why_says "$(echo "$id" | cut -c 1-12)" killed-by
end 0
systemctl stop engine.service 2>/dev/null || :
systemctl reset-failed engine.service 2>/dev/null || :
podman rm -f "$id" >/dev/null
rm -rf /var/lib/containers /etc/cni/net.d/cni.lock
systemd-tmpfiles --create --boot podman.conf
rm -r $bundle /usr/local/sbin/box-init
