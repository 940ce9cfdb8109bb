#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Longer than its RuntimeMaxSec=.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service app.service '/bin/sleep infinity' RuntimeMaxSec=1

begin
systemctl start app.service
wait_for is_over app.service
end
