/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void say(int priority, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s\n", priority, text);
	else
		fprintf(stderr, "sigtraild: %s\n", text);
}
