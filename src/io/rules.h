/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rules: our rules in the kernel. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <libaudit.h>

#include "core/buffer.h"
#include "core/config.h"
#include "core/reason.h"
#include "core/sigcall.h"
#include "core/signame.h"

#define RULES_KEY "sigtrail"
#define RULES_MAX 65536

/* What is to be recorded. */
struct rules_want {
	struct signal_set signals; /* used unless all */
	bool all;		   /* every signal */
	bool probes;		   /* signal 0 too */
	bool runtime_noise;	   /* SIGURG, 32, 33 sent to threads too */
	bool failed;		   /* calls that fail too */
};

/* All zero is none. Each as audit_add_rule_data() takes it, n at most RULES_MAX. */
struct rules {
	struct audit_rule_data **rule;
	size_t n;
	size_t room;
};

/* What the configuration asks for ([Rules]). */
struct rules_want rules_want_of(const struct config *config);

/* The arch of this machine's kernel, NULL if we have no table for it. */
const struct sigarch *rules_native_arch(void);

/* Makes the rules for this machine (native arch, and the 32-bit one where its kernels
 * have one), key RULES_KEY. Every signal, or 1..64 named one by one, is the same:
 * conditions with != keep out what is not wanted. Else there is a rule for each
 * contiguous range of signals. A set that holds 0 wants probes. 0, -ENOTSUP on an arch
 * without a table, -EINVAL when no signal is wanted, -ENOMEM; then *rules is empty. */
int rules_make(struct rules *rules, const struct rules_want *want, struct reason *reason);
void rules_clear(struct rules *rules);

/* All that the kernel has loaded, in its order. 0 or -errno. */
int rules_list(int fd, struct rules *rules, struct reason *reason);

/* Do two rules say the same? (The order of their fields doesn't matter.) */
bool rules_equal(const struct audit_rule_data *a, const struct audit_rule_data *b);

/* The first rule that says the same, NULL if there is none. */
const struct audit_rule_data *rules_find(const struct rules *rules,
					 const struct audit_rule_data *rule);

/* Does the rule record this call, at least under some conditions? */
bool rules_covers(const struct audit_rule_data *rule, const struct sigarch *arch,
		  const struct sigcall *call);

/* Writes the names of the calls that no loaded rule covers on the native arch; how many
 * there are. */
size_t rules_uncovered(const struct rules *loaded, char *names, size_t size);

/* The rule as auditctl(8) would be given it, one line without newline. 0; -ENOTSUP: it
 * has what rules_make() never uses. */
int rules_format(const struct audit_rule_data *rule, struct buffer *out);

/* Appends the rule to the kernel's list. 0, -EEXIST: an identical one is there; other
 * -errno with the reason. */
int rules_add(int fd, const struct audit_rule_data *rule, struct reason *reason);

/* Removes the rule, which has its fields in the order of rules_list(). 0, -ENOENT: it
 * isn't there; other -errno with the reason. */
int rules_delete(int fd, const struct audit_rule_data *rule, struct reason *reason);
