/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A time as a person gives it; and what is shown of it gives the same time. */
#include <errno.h>
#include <time.h>

#include "cli/when.h"
#include "core/timestamp.h"
#include "fuzz.h"

#define NOW_USEC 1795301637487123

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);
	struct reason reason = { "" };
	char shown[TIMESTAMP_SIZE];
	int64_t usec, again;

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	if (when_parse(&usec, text, NOW_USEC, &reason) == 0) {
		FUZZ_REQUIRE(usec >= 0);
		timestamp_format(usec, shown);
		FUZZ_REQUIRE(when_parse(&again, shown, NOW_USEC, &reason) == 0);
		FUZZ_REQUIRE(again <= usec && usec - again < 1000000);
	} else {
		FUZZ_REQUIRE(reason.text[0]);
		fuzz_require_shown(reason.text, strlen(reason.text), 0);
	}
	free(text);
	return 0;
}
