#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Exits with 143 while sigtraild is stopped.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service app.service "/bin/sh -c 'sleep 2; exit 143'"

begin
systemctl start app.service
systemctl stop sigtraild.service
wait_for is_over app.service
systemctl start sigtraild.service
end
