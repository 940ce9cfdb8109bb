#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# More memory than its MemoryMax=: the kernel's OOM killer.
# shellcheck source=/dev/null
. /opt/vm/cases/lib.sh

service app.service '/opt/vm/bin/victim eat' MemoryMax=20M MemorySwapMax=0

begin
systemctl start app.service
wait_for is_over app.service
end
