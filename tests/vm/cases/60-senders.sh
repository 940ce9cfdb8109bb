#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# cron, a user's service manager, and somebody who became root send signals.
# vm: auditd,kernel last after first
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

job=/etc/cron.d/nightly
if [ "$2" = first ]; then
	echo '@reboot root /usr/local/sbin/nightly' >$job
	program nightly <<-'EOF'
		#!/bin/sh
		until [ -e /run/web.ready ]; do sleep 0.1; done
		pkill -HUP -f '^/bin/sleep 100001$'
	EOF
	useradd -m -s /bin/bash alice
	exit
fi

scene cron
service web.service '/bin/sleep 100001'
begin
systemctl start web.service
wait_for runs web.service /usr/bin/sleep
touch /run/web.ready
wait_for is_over web.service
settled >/dev/null
check "cron as the sender, with its login's user" \
	has SIGTRAIL_SIGNAL=SIGHUP SENDER_UNIT=cron.service SENDER_AUID=0 \
	TARGET_UNIT=web.service
check "sigtrail why names cron" why_has web cron.service
end 0

as_alice() { runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/1000 "$@"; }
scene user-unit
begin
loginctl enable-linger alice
wait_for is user@1000.service active
as_alice sh -c 'mkdir -p ~/.config/systemd/user
printf "[Service]\nExecStart=/bin/sleep 100002\n" >~/.config/systemd/user/player.service
systemctl --user daemon-reload
systemctl --user start player.service'
wait_for pgrep -f '^/bin/sleep 100002$'
as_alice pkill -KILL -f '^/bin/sleep 100002$'
settled >/dev/null
check "a user unit as the target" \
	has SIGTRAIL_SIGNAL=SIGKILL SENDER_UID=1000 TARGET_USER_UNIT=player.service \
	OBJECT_SYSTEMD_USER_UNIT=player.service
check "sigtrail why player.service: killed-by" why_says player.service killed-by
end 0
loginctl disable-linger alice
systemctl stop user@1000.service

scene su-session
# Who asks for no password makes the test simple; the login's user stays alice.
sed -i '1i auth sufficient pam_permit.so' /etc/pam.d/su
service shop.service '/bin/sleep 100003'
begin
systemctl start shop.service
wait_for runs shop.service /usr/bin/sleep
script -qec 'login -f alice' /dev/null >/dev/null <<'EOF'
su root -c 'pkill -f "^/bin/sleep 100003$"'
exit
EOF
wait_for is_over shop.service
settled >/dev/null
check "alice became root by su: her login is named" \
	has SIGTRAIL_SIGNAL=SIGTERM SENDER_UID=0 SENDER_AUID=1000 TARGET_UNIT=shop.service
check "sigtrail why names her" why_has shop alice
end 0
sed -i 1d /etc/pam.d/su
loginctl terminate-user alice 2>/dev/null || :
wait_for is_over user@1000.service
rm -r $job /usr/local/sbin/nightly
userdel -r alice 2>/dev/null
rm -f /etc/sub?id-
