#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A system call that its seccomp filter forbids.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service app.service '/opt/vm/bin/victim forbid' 'SystemCallFilter=~getpriority'

begin
systemctl start app.service
wait_for is_over app.service
end
