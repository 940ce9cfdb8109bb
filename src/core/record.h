/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* record: one audit record: its type, its stamp, and the few fields that decide where it
 * goes before anything decodes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/* Points into the bytes it was parsed from. */
struct record {
	uint16_t type;	   /* AUDIT_*, linux/audit.h */
	struct bytes node; /* the host of a node= record, else len 0 */
	int64_t sec;
	int32_t msec;
	uint64_t serial;
	/* What follows "audit(...): ", without newlines at its end, and without the field
	 * in which a SYSCALL or OBJ_PID is torn. */
	struct bytes body;
};

/* The longest record that is taken (MAX_AUDIT_MESSAGE_LENGTH of the kernel is 8,970;
 * node= and auditd's enrichment come on top in logs). */
#define RECORD_MAX_BYTES 16384

/* Parses what a netlink message of this type carries: "audit(SEC.MSEC:SERIAL): body".
 * 0; -EBADMSG if it is no record; -E2BIG if too long. */
int record_parse(uint16_t type, const char *text, size_t len, struct record *record);

/* Parses one line of an audit log or of what auditd hands its plugins:
 * "[node=N ]type=T msg=audit(...): body". -ENOMSG for a line that is no record by intent
 * (empty, a comment, `----`, `time->`), -EBADMSG for one that should be. */
int record_parse_line(const char *line, size_t len, struct record *record);

/* The microseconds of its stamp, CLOCK_REALTIME. */
int64_t record_time_usec(const struct record *record);

/* Finds " name=" or a leading "name=" in the body and parses its value as a number of
 * this base, up to the next blank. 0, -ENOENT if there is no such field, -EBADMSG if it
 * is no number. */
int record_number(const struct record *record, const char *name, int base,
		  uint64_t *value);
