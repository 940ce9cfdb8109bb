/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A PID file. */
#include <fcntl.h>
#include <unistd.h>

#include "fuzz.h"
#include "io/pidnumber.h"

static char path[64];

static void remove_file(void)
{
	unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	char *text = fuzz_string(data, size);
	int64_t number = -1;
	struct statx st;

	if (fd < 0) {
		snprintf(path, sizeof(path), "/dev/shm/sigtrail-fuzz-pid-XXXXXX");
		fd = mkstemp(path);
		atexit(remove_file);
	}
	FUZZ_REQUIRE(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	if (pidnumber_read(path, &st, &number) == 0) {
		FUZZ_REQUIRE(number > 0 && number <= INT32_MAX);
		FUZZ_REQUIRE(strtoll(text, NULL, 10) == number);
	} else {
		FUZZ_REQUIRE(number == -1);
	}
	free(text);
	return 0;
}
