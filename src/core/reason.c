/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/reason.h"

#include <stdarg.h>
#include <stdio.h>

void reason_set(struct reason *reason, const char *format, ...)
{
	va_list args;

	if (!reason)
		return;
	va_start(args, format);
	vsnprintf(reason->text, sizeof(reason->text), format, args);
	va_end(args);
}
