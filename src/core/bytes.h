/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bytes: borrowed bytes with a length; they may hold NULs and anything else. */
#pragma once

#include <stddef.h>
#include <string.h>

struct bytes {
	const char *data;
	size_t len;
};

/* The bytes of a C string; NULL gives none. The string is borrowed. */
static inline struct bytes bytes_of(const char *s)
{
	return (struct bytes){ s, s ? strlen(s) : 0 };
}
