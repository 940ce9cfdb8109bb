/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* suite: runs the tests of one module and reports them as TAP. */
#pragma once

#include <check.h>
#include <stdlib.h>

/* Runs one test case that holds all tests; the exit status of main(). */
static inline int suite_run(const char *module, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(module);
	TCase *tcase = tcase_create(module);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SUITE(module, test, test ...) defines main(). */
#define SUITE(module, ...)                                                               \
	int main(void)                                                                   \
	{                                                                                \
		const TTest *const tests[] = { __VA_ARGS__ };                            \
		return suite_run(module, tests, sizeof(tests) / sizeof(tests[0]));       \
	}
