/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* number: a number of an event, which may be unknown or explicitly unset. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The event says nothing about it: the key is left out everywhere. */
#define NUMBER_ABSENT INT64_MIN
/* It is known to have no value (loginuid and session that were never set, the numeric
 * target of a pidfd): JSON null, an empty journal field. */
#define NUMBER_NULL (INT64_MIN + 1)

static inline bool number_known(int64_t n)
{
	return n != NUMBER_ABSENT && n != NUMBER_NULL;
}
