/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "audit_host.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_guard.h"

const struct rules_want all = { .all = true, .failed = true };
const struct rules_want probes = { .all = true, .probes = true, .failed = true };
const struct rules_want term = { .signals = { .low = 1 << SIGTERM }, .failed = true };

static char base[64];
char rundir[80];
int fd = -1;

/* Around each test, in the process that runs them all: it survives what a test does. */
static void prepare(void)
{
	audit_guard_save();
	snprintf(base, sizeof(base), "/tmp/sigtrail-test_hold-%d", (int)getpid());
	snprintf(rundir, sizeof(rundir), "%s/run", base);
	ck_assert_int_eq(mkdir(base, 0700), 0);
}

static void clean_up(void)
{
	char command[128];

	audit_guard_restore();
	snprintf(command, sizeof(command), "rm -rf %s", base);
	ck_assert_int_eq(system(command), 0);
}

void open_audit(void)
{
	struct reason reason = { "" };

	fd = audit_status_open(&reason);
	ck_assert_msg(fd >= 0, "%s", reason.text);
}

void auditctl(const char *arguments)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "PATH=$PATH:/usr/sbin:/sbin auditctl %s >/dev/null", arguments);
	ck_assert_int_eq(system(command), 0);
}

struct audit_state state_now(void)
{
	struct audit_state state;

	ck_assert_int_eq(audit_status_read(fd, &state, NULL), 0);
	return state;
}

void ck_state(uint32_t enabled, uint32_t backlog_limit)
{
	struct audit_state state = state_now();

	ck_assert_uint_eq(state.enabled, enabled);
	ck_assert_uint_eq(state.backlog_limit, backlog_limit);
}

struct rules loaded_rules(void)
{
	struct rules rules;

	ck_assert_int_eq(rules_list(fd, &rules, NULL), 0);
	return rules;
}

size_t n_loaded(void)
{
	struct rules rules = loaded_rules();
	size_t n = rules.n;

	rules_clear(&rules);
	return n;
}

struct rules made(const struct rules_want *want)
{
	struct rules rules;

	ck_assert_int_eq(rules_make(&rules, want, NULL), 0);
	return rules;
}

size_t n_made(const struct rules_want *want)
{
	struct rules rules = made(want);
	size_t n = rules.n;

	rules_clear(&rules);
	return n;
}

/* How many of the wanted rules are loaded. */
size_t n_present(const struct rules_want *want)
{
	struct rules loaded = loaded_rules(), rules = made(want);
	size_t n = 0;

	for (size_t i = 0; i < rules.n; i++)
		n += rules_find(&loaded, rules.rule[i]) != NULL;
	rules_clear(&loaded);
	rules_clear(&rules);
	return n;
}

void add(const struct audit_rule_data *rule)
{
	struct reason reason = { "" };

	ck_assert_msg(rules_add(fd, rule, &reason) == 0, "%s", reason.text);
}

void remove_all_rules(void)
{
	auditctl("-D");
	ck_assert_uint_eq(n_loaded(), 0);
}

struct hold *take(const struct rules_want *want, struct hold_report *report)
{
	struct reason reason = { "" };
	struct hold *hold = NULL;

	ck_assert_msg(hold_take(&hold, fd, rundir, want, true, report, &reason) == 0,
		      "%s", reason.text);
	return hold;
}

void release(struct hold *hold)
{
	struct reason reason = { "" };

	ck_assert_msg(hold_release(hold, false, &reason) == 0, "%s", reason.text);
}

bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Audit is as on a fresh boot and no file is left. */
void ck_as_before(void)
{
	ck_state(AUDIT_OFF, 64);
	ck_assert_uint_eq(n_loaded(), 0);
	ck_assert(!exists(rundir));
}

void load_file(const char *name)
{
	const char *root = getenv("SOURCE_ROOT");
	char command[512];

	ck_assert_ptr_nonnull(root);
	/* auditctl wants a file of root's that nobody else can write. */
	snprintf(command, sizeof(command), "install -m 600 '%s/rules/%s' %s/file", root,
		 name, base);
	ck_assert_int_eq(system(command), 0);
	snprintf(command, sizeof(command), "-R %s/file", base);
	auditctl(command);
}

int kernel_suite_run(const char *module, const TTest *const *tests, size_t n)
{
	const char *obstacle = audit_guard_obstacle();
	SRunner *runner;
	Suite *suite;
	int failed;

	if (obstacle)
		return audit_guard_skip(obstacle);
	suite = suite_create(module);
	/* A case each: the unchecked fixture is around one test, in this process. */
	for (size_t i = 0; i < n; i++) {
		TCase *tcase = tcase_create(module);

		tcase_set_timeout(tcase, 60);
		tcase_add_unchecked_fixture(tcase, prepare, clean_up);
		tcase_add_test(tcase, tests[i]);
		suite_add_tcase(suite, tcase);
	}
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
