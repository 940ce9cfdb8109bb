/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A byte that says whose it is, and a datagram of the process connector. */
#include <errno.h>

#include "core/connmsg.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netlink_sender sender = { 0 };
	struct connmsg msg;
	int error;
	int r;

	if (!size)
		return 0;
	sender.port = data[0] & 1;
	sender.pid = (data[0] >> 1 & 3) - 1;
	r = connmsg_parse(data + 1, size - 1, &sender, &msg);
	if (r == 0) {
		FUZZ_REQUIRE(msg.pid > 0 && msg.time_usec >= 0);
		FUZZ_REQUIRE(memchr(msg.comm, '\0', sizeof(msg.comm)));
	}
	if (sender.port != 0 || sender.pid != 0)
		FUZZ_REQUIRE(r == -EPERM);
	/* An answer is nothing that happened to a process, nor is it forged. */
	if (connmsg_is_answer(data + 1, size - 1, &sender, 7, &error))
		FUZZ_REQUIRE(r == -ENOMSG);
	return 0;
}
