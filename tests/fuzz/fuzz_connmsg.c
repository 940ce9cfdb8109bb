/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A datagram of the process connector, as the kernel's and as everybody else's. */
#include <errno.h>

#include "core/connmsg.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct netlink_sender others[] = { { 1, 0 }, { 0, 1 }, { 0, -1 } };
	const struct netlink_sender kernel = { 0, 0 };
	struct connmsg msg;
	int error;
	int r;

	for (size_t i = 0; i < 3; i++) {
		FUZZ_REQUIRE(connmsg_parse(data, size, &others[i], &msg) == -EPERM);
		FUZZ_REQUIRE(!connmsg_is_answer(data, size, &others[i], 7, &error));
	}
	r = connmsg_parse(data, size, &kernel, &msg);
	if (r == 0) {
		FUZZ_REQUIRE(msg.pid > 0 && msg.time_usec >= 0);
		FUZZ_REQUIRE(memchr(msg.comm, '\0', sizeof(msg.comm)));
	}
	/* An answer is nothing that happened to a process. */
	if (connmsg_is_answer(data, size, &kernel, 7, &error))
		FUZZ_REQUIRE(r == -ENOMSG);
	return 0;
}
