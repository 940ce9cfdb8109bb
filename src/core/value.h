/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* value: the value of one field of a record, as the kernel wrote it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/* Where decoded strings lie until used is set back; all zero is empty. What doesn't fit
 * is absent. */
struct value_strings {
	size_t used;
	char data[65536];
};

/* The bytes of a string, followed by a NUL: in quotes where they are harmless, else in
 * hex (audit_log_untrustedstring() in kernel/audit.c). No data for (null), (none) and ?.
 * The bytes may hold NULs, at which libauparse's own decoding stops. */
struct bytes value_string(struct value_strings *strings, const char *value);

/* A label or terminal: never encoded, and it may look like hex. NULL as above. */
const char *value_word(struct value_strings *strings, const char *value);

/* The whole value as a number of this base. */
bool value_number(const char *value, int base, uint64_t *number);

/* A pid or user id; NUMBER_ABSENT where it is none or unset. */
int64_t value_id(const char *value);

/* A loginuid or session: NUMBER_NULL where it was never set, which is 4294967295 in
 * SYSCALL and -1 in OBJ_PID. */
int64_t value_settable_id(const char *value);
