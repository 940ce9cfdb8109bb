/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A datagram of the audit socket, as the kernel's and as everybody else's. */
#include <errno.h>

#include "core/join.h"
#include "core/netlink.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct netlink_sender others[] = { { 1, 0 }, { 0, 1 }, { 0, -1 } };
	const struct netlink_sender kernel = { 0, 0 };
	const char *text = (const char *)data;
	struct record record;
	uint64_t number;
	int r;

	for (size_t i = 0; i < 3; i++)
		FUZZ_REQUIRE(netlink_record(text, size, &others[i], &record) == -EPERM);
	r = netlink_record(text, size, &kernel, &record);
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
	if (join_is_signal(&record) > 0)
		FUZZ_REQUIRE(record_number(&record, "syscall", 10, &number) == 0);
	return 0;
}
