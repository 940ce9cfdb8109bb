#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Dies of SIGSEGV and leaves a core dump.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

# As the service manager sets it, a pipe to /bin/false, there is never a core.
sysctl -q kernel.core_pattern=/run/core
service app.service '/opt/vm/bin/victim segv' LimitCORE=infinity

begin
systemctl start app.service
wait_for is_over app.service
end
sysctl -q kernel.core_pattern=core
rm -f /run/core*
