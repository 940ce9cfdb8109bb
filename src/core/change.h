/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* change: what a CONFIG_CHANGE record of the kernel says (kernel/audit.c,
 * kernel/auditfilter.c), and who did it by the SYSCALL record of the same event. */
#pragma once

#include <stdint.h>

#include "core/record.h"

enum change_op {
	CHANGE_OTHER, /* or it failed */
	CHANGE_ENABLED,
	CHANGE_BACKLOG,
	CHANGE_ADD_RULE,
	CHANGE_REMOVE_RULE,
};

struct change {
	enum change_op op;
	int64_t value; /* of CHANGE_ENABLED, CHANGE_BACKLOG */
	int64_t auid;  /* NUMBER_ABSENT: unknown or unset */
	int64_t list;  /* of a rule (AUDIT_FILTER_*); NUMBER_ABSENT: unknown */
	char key[256]; /* of a rule, cut; empty: none */
};

/* Numbers are absent and strings are empty where the record has none. */
struct change_call {
	int64_t pid;
	int64_t uid;
	int64_t auid;
	char comm[64];
	char exe[512];
};

void change_parse(struct change *change, const struct record *record);
void change_parse_call(struct change_call *call, const struct record *record);
