#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Never answers its watchdog: SIGABRT by the service manager.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service app.service "/bin/sh -c 'systemd-notify --ready; exec sleep infinity'" \
	Type=notify NotifyAccess=all WatchdogSec=1

begin
systemctl start app.service
wait_for is_over app.service
end
