/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit_host: what tests do with this host's audit, and the suite that keeps it as it
 * was. */
#pragma once

#include <check.h>

#include "io/audit_status.h"
#include "io/hold.h"
#include "io/rules.h"

/* Runs the tests, each on a host with audit as on a fresh boot (audit_guard_save()), and
 * reports them as TAP; skips where it can't. The exit status of main(). */
int kernel_suite_run(const char *module, const TTest *const *tests, size_t n);

/* KERNEL_SUITE(module, test, test ...) defines main(). */
#define KERNEL_SUITE(module, ...)                                                        \
	int main(void)                                                                   \
	{                                                                                \
		const TTest *const tests[] = { __VA_ARGS__ };                            \
		return kernel_suite_run(module, tests,                                   \
					sizeof(tests) / sizeof(tests[0]));               \
	}

extern const struct rules_want all, probes, term;

/* Somebody else's rule. */
#define BYSTANDER "-a always,exit -F arch=b64 -S kill -F auid!=4294967295 -k bystander"

/* A run directory of the test's own, which does not exist yet. */
extern char rundir[80];

/* The test's control socket, after open_audit(). */
extern int fd;
void open_audit(void);

/* Runs auditctl(8), which must succeed. */
void auditctl(const char *arguments);

/* Loads a file of rules/ with it. */
void load_file(const char *name);

struct audit_state state_now(void);
void ck_state(uint32_t enabled, uint32_t backlog_limit);
bool exists(const char *path);

/* Audit is as on a fresh boot and the run directory isn't there. */
void ck_as_before(void);

/* All rules in the kernel, and all that are wanted; how many of each, and of those wanted
 * how many are in the kernel. */
struct rules loaded_rules(void);
struct rules made(const struct rules_want *want);
size_t n_loaded(void);
size_t n_made(const struct rules_want *want);
size_t n_present(const struct rules_want *want);

void add(const struct audit_rule_data *rule);
void remove_all_rules(void);

/* Hold that must succeed; report may be NULL. */
struct hold *take(const struct rules_want *want, struct hold_report *report);
void release(struct hold *hold);
