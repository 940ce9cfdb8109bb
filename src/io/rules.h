/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rules: our rules in the kernel. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <libaudit.h>

#include "core/buffer.h"
#include "core/reason.h"
#include "core/signame.h"

#define RULES_KEY "sigtrail"
#define RULES_MAX 256

/* What is to be recorded. */
struct rules_want {
	struct signal_set signals; /* used unless all */
	bool all;                  /* every signal */
	bool probes;               /* signal 0 too */
	bool runtime_noise;        /* SIGURG, 32, 33 sent to threads too */
	bool failed;               /* calls that fail too */
};

struct rules {
	struct audit_rule_data *rule[RULES_MAX]; /* each as audit_add_rule_data() takes it */
	size_t n;
};

/* Makes the rules for this machine (native arch, and the 32-bit one where its kernels have one),
 * key RULES_KEY. 0, -ENOTSUP on an arch without a table, -EINVAL when so many would be needed
 * that they don't fit, -ENOMEM. */
int rules_make(struct rules *rules, const struct rules_want *want, struct reason *reason);
void rules_clear(struct rules *rules);

/* All that the kernel has loaded, in its order. 0 or -errno. */
int rules_list(int fd, struct rules *rules, struct reason *reason);

/* Do two rules say the same? (The kernel may give back fields in another order.) */
bool rules_equal(const struct audit_rule_data *a, const struct audit_rule_data *b);

/* The rule as auditctl(8) would be given it, one line without newline. 0; -ENOTSUP: it has
 * fields that we never use. */
int rules_format(const struct audit_rule_data *rule, struct buffer *out);

/* Appends the rule to the kernel's list. 0, -EEXIST: an equal one is there; other -errno with the reason. */
int rules_add(int fd, const struct audit_rule_data *rule, struct reason *reason);
int rules_delete(int fd, const struct audit_rule_data *rule, struct reason *reason);
