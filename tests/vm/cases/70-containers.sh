#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Containers by systemd-nspawn and by crun, as podman starts it: signals inside, from
# outside in.
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

id=7d1be6935d2b8e1f60a4c97d13e5b2f8860c4a7d9e3f1b5a28c6d7044f0c2d8c
scene podman
bundle=/var/tmp/bundle
mkdir -p $bundle/rootfs/proc $bundle/rootfs/usr $bundle/rootfs/dev $bundle/rootfs/sys \
	$bundle/rootfs/run
for directory in bin lib lib64; do
	ln -sfn usr/$directory $bundle/rootfs/$directory
done
cp /usr/local/sbin/box-init $bundle/rootfs/init
sed -i 's/20000/30000/' $bundle/rootfs/init
(
	cd $bundle || exit
	crun spec
	sed -i -e 's/"terminal": true/"terminal": false/' -e 's|"sh"$|"/bin/sh", "/init"|' \
		-e 's|"mounts": \[|&{"destination":"/usr","type":"bind","source":"/usr","options":["rbind","ro"]},|' \
		-e "s|\"linux\": {|&\"cgroupsPath\":\"machine.slice:libpod:$id\",|" config.json
)
begin
systemd-run -q --unit=engine.service -p Delegate=yes crun --systemd-cgroup run -b $bundle $id
wait_for pgrep -f '^sleep 300002$'
settled >/dev/null
check "crun as podman starts it: a signal inside" \
	has SIGTRAIL_SIGNAL=SIGHUP "SENDER_CONTAINER=$id" "TARGET_CONTAINER=$id"
pkill -KILL -f '^sleep 300002$'
gone() { ! pgrep -f '^sleep 300002$'; }
wait_for gone >/dev/null
settled >/dev/null
check "crun: a signal from outside" has SIGTRAIL_SIGNAL=SIGKILL "TARGET_CONTAINER=$id" \
	SENDER_COMM=pkill
check "sigtrail why CONTAINER" why_says 7d1be6935d2b killed-by
end 0
systemctl stop engine.service 2>/dev/null || :
systemctl reset-failed engine.service 2>/dev/null || :
rm -r $bundle /usr/local/sbin/box-init
