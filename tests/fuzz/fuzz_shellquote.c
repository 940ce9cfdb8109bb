/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A command line, quoted and read back; and the same bytes as what was quoted. */
#include "core/shellquote.h"
#include "fuzz.h"

/* Splits what is quoted of the arguments: they must come back. */
static void check(const char *data, size_t size)
{
	struct buffer quoted = { 0 }, back = { 0 };
	/* Of the last argument the NUL may be missing. */
	bool ended = !size || data[size - 1] == '\0';

	shellquote_add(&quoted, (struct bytes){ data, size });
	FUZZ_REQUIRE(shellquote_split(&back, (struct bytes){ quoted.data, quoted.len }) ==
		     0);
	FUZZ_REQUIRE(back.len == size + !ended);
	FUZZ_REQUIRE(!size || memcmp(back.data, data, size) == 0);
	buffer_free(&quoted);
	buffer_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer arguments = { 0 };

	check((const char *)data, size);
	if (shellquote_split(&arguments, (struct bytes){ (const char *)data, size }) == 0)
		check(arguments.data, arguments.len);
	buffer_free(&arguments);
	return 0;
}
