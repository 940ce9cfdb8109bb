/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a file of /proc/PID, taken for each of stat, status and cmdline. */
#include <errno.h>

#include "core/procparse.h"
#include "fuzz.h"

static void check_stat(const char *text, size_t len)
{
	struct proc_stat stat;
	const char *comm = memchr(text, '(', len);
	size_t n;

	if (procparse_stat(text, len, &stat) < 0)
		return;
	n = strnlen(stat.comm, sizeof(stat.comm));
	FUZZ_REQUIRE(n < sizeof(stat.comm) && stat.pid >= 0 && stat.ppid >= 0);
	FUZZ_REQUIRE(comm && n < len && memcmp(comm + 1, stat.comm, n) == 0);
}

static void check_status(const char *text, size_t len)
{
	int64_t innermost;
	int64_t id;
	int depth;

	if (procparse_nspid(text, len, &depth, &innermost) < 0)
		return;
	FUZZ_REQUIRE(depth >= 1 && innermost >= 0 && innermost <= INT32_MAX);
	FUZZ_REQUIRE(procparse_nspid_at(text, len, depth, &id) == 0 && id == innermost);
	FUZZ_REQUIRE(procparse_nspid_at(text, len, depth + 1, &id) == -ENODATA);
	FUZZ_REQUIRE(procparse_nspid_at(text, len, 0, &id) == -ENODATA);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t len = procparse_cmdline_len(text, size);

	FUZZ_REQUIRE(len <= size);
	while (len < size)
		FUZZ_REQUIRE(text[len++] == '\0');
	check_stat(text, size);
	check_status(text, size);
	return 0;
}
