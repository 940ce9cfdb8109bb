/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/unitfile.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "suite.h"

static struct unit_settings parsed(const char *text)
{
	struct unit_settings settings = { 0 };

	unitfile_parse(text, strlen(text), &settings);
	return settings;
}

START_TEST(unitfile_takes_the_settings_of_the_service)
{
	struct unit_settings s = parsed("[Unit]\nPIDFile=/no\n[Service]\n# PIDFile=/no\n"
					" PIDFile = /run/x.pid \r\nKillSignal=QUIT\n"
					"[Install]\nPIDFile=/no\nKillSignal=9");

	ck_assert_str_eq(s.pid_file, "/run/x.pid");
	ck_assert_int_eq(s.kill_signal, SIGQUIT);
}
END_TEST

START_TEST(unitfile_last_setting_counts_and_an_empty_one_unsets)
{
	struct unit_settings s = parsed("[Service]\nPIDFile=/a\nPIDFile=/b\nKillSignal="
					"SIGINT\nKillSignal=\n");

	ck_assert_str_eq(s.pid_file, "/b");
	ck_assert_int_eq(s.kill_signal, 0);
	unitfile_parse("[Service]\nPIDFile=\n", 19, &s);
	ck_assert_str_eq(s.pid_file, "");
}
END_TEST

START_TEST(unitfile_a_line_that_goes_on_hides_what_follows)
{
	struct unit_settings s = parsed("[Service]\nExecStart=/bin/x \\\n; comment\n"
					"PIDFile=/no\nKillSignal=INT\n");

	ck_assert_str_eq(s.pid_file, "");
	ck_assert_int_eq(s.kill_signal, SIGINT);
}
END_TEST

START_TEST(unitfile_passes_over_what_it_can_t_read)
{
	char text[1024] = "[Service]\nKillSignal=SIGFOO\nPIDFile=/";
	struct unit_settings s;

	memset(text + strlen(text), 'x', 600);
	s = parsed(text);
	ck_assert_str_eq(s.pid_file, "");
	ck_assert_int_eq(s.kill_signal, 0);
	unitfile_parse("\n\n=\n[\n", 6, &s);
	unitfile_parse("", 0, &s);
}
END_TEST

START_TEST(unitfile_fills_in_specifiers)
{
	static const struct {
		const char *file, *unit, *path;
	} rows[] = {
		{ "/run/x.pid", "x.service", "/run/x.pid" },
		{ "%t/%p.pid", "x.service", "/run/x.pid" },
		{ "x/y.pid", "x.service", "/run/x/y.pid" },
		{ "/run/%n/%N/%p-%i.%%", "pg@15-main.service",
		  "/run/pg@15-main.service/pg@15-main/pg-15-main.%" },
		{ "/run/%i.pid", "x.service", "/run/.pid" },
	};
	struct unit_settings s = { 0 };
	char path[UNITFILE_PATH_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strcpy(s.pid_file, rows[i].file);
		ck_assert_int_eq(unitfile_pid_path(&s, rows[i].unit, path), 0);
		ck_assert_str_eq(path, rows[i].path);
	}
	strcpy(s.pid_file, "/run/%H.pid");
	ck_assert_int_eq(unitfile_pid_path(&s, "x.service", path), -EINVAL);
	strcpy(s.pid_file, "/run/%");
	ck_assert_int_eq(unitfile_pid_path(&s, "x.service", path), -EINVAL);
	memset(s.pid_file, 0, sizeof(s.pid_file));
	ck_assert_int_eq(unitfile_pid_path(&s, "x.service", path), -ENOENT);
	memset(s.pid_file, 'x', sizeof(s.pid_file) - 1);
	ck_assert_int_eq(unitfile_pid_path(&s, "x.service", path), -E2BIG);
}
END_TEST

SUITE("unitfile", unitfile_takes_the_settings_of_the_service,
      unitfile_last_setting_counts_and_an_empty_one_unsets,
      unitfile_a_line_that_goes_on_hides_what_follows,
      unitfile_passes_over_what_it_can_t_read, unitfile_fills_in_specifiers)
