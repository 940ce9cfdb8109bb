#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemctl kill: SIGTERM.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service web.service '/bin/sleep infinity'

begin
systemctl start web.service
wait_for runs web.service /usr/bin/sleep
systemctl kill -s TERM web.service
wait_for is_over web.service
end
