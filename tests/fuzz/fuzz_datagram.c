/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A byte that says whose it is, and a datagram of the audit socket. */
#include <errno.h>

#include "core/join.h"
#include "core/netlink.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct netlink_sender sender = { 0 };
	struct record record;
	uint64_t number;
	int r;

	if (!size)
		return 0;
	sender.port = data[0] & 1;
	sender.pid = (data[0] >> 1 & 3) - 1;
	r = netlink_record(text + 1, size - 1, &sender, &record);
	if (sender.port != 0 || sender.pid != 0)
		FUZZ_REQUIRE(r == -EPERM);
	if (r < 0)
		return 0;
	FUZZ_REQUIRE(record.body.data >= text && record.body.len <= RECORD_MAX_BYTES &&
		     record.body.data + record.body.len <= text + size);
	FUZZ_REQUIRE(!memchr(record.body.data, '\n', record.body.len) &&
		     !memchr(record.body.data, '\0', record.body.len));
	FUZZ_REQUIRE(record.sec >= 0 && record.msec >= 0 && record.msec <= 999 &&
		     record_time_usec(&record) >= 0);
	FUZZ_REQUIRE(record.node.len == 0);
	(void)record_number(&record, "pid", 10, &number);
	if (join_is_signal(&record))
		FUZZ_REQUIRE(record_number(&record, "syscall", 10, &number) == 0);
	return 0;
}
