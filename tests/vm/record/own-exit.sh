#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Exits with 143 by itself: nobody sent anything.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service app.service "/bin/sh -c 'sleep 1; exit 143'"

begin
systemctl start app.service
wait_for is_over app.service
end
