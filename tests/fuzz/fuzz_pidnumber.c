/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A PID file. */
#include <fcntl.h>
#include <unistd.h>

#include "fuzz.h"
#include "io/pidnumber.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Not a link to a file in memory: those are refused. */
	char path[] = "/dev/shm/sigtrail-fuzz-pid-XXXXXX";
	int fd = mkstemp(path);
	char *text = fuzz_string(data, size);
	int64_t number = -1;
	struct statx st;

	FUZZ_REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	if (pidnumber_read(path, &st, &number) == 0) {
		FUZZ_REQUIRE(number > 0 && number <= INT32_MAX);
		FUZZ_REQUIRE(strtoll(text, NULL, 10) == number);
	} else {
		FUZZ_REQUIRE(number == -1);
	}
	unlink(path);
	close(fd);
	free(text);
	return 0;
}
