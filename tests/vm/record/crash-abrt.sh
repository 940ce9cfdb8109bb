#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Calls abort(3), which sends SIGABRT to itself; cores are switched off.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service app.service '/opt/vm/bin/victim abort' LimitCORE=0

begin
systemctl start app.service
wait_for is_over app.service
end
