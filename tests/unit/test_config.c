/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

static struct config *fresh(void)
{
	struct config *config = NULL;

	ck_assert_int_eq(config_new(&config), 0);
	return config;
}

static void assert_set(struct config *config, const char *section, const char *key,
		       const char *value)
{
	struct reason reason = { "" };

	ck_assert_msg(config_set(config, section, key, value, &reason) == 0, "%s",
		      reason.text);
}

/* A bad value: an error that names section, key and this part, and nothing has changed.
 */
static void assert_refused(const char *section, const char *key, const char *value,
			   const char *part)
{
	struct config *config = fresh();
	struct config before = *config;
	struct reason reason = { "" };
	char where[100];

	snprintf(where, sizeof(where), "[%s] %s: ", section, key);
	ck_assert_msg(config_set(config, section, key, value, &reason) == -EINVAL, "%s%s",
		      where, value);
	ck_assert_msg(strncmp(reason.text, where, strlen(where)) == 0, "%s", reason.text);
	ck_assert_msg(strstr(reason.text, part), "no \"%s\" in: %s", part, reason.text);
	ck_assert_int_eq(memcmp(&before, config, sizeof(before)), 0);
	config_free(config);
}

static struct signal_event signal_in_units(int signo, const char *from, const char *to)
{
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, 1);
	ev.signo = signo;
	ev.has_target = true;
	ev.sender.unit = from;
	ev.target.unit = to;
	return ev;
}

START_TEST(config_defaults_are_those_of_the_contract)
{
	struct config *c = fresh();

	ck_assert_int_eq(c->source, SOURCE_MULTICAST);
	ck_assert_uint_eq(c->receive_buffer_bytes, 64 << 20);
	ck_assert(c->signals_all);
	for (int signo = 1; signo <= 64; signo++)
		ck_assert(signal_set_has(&c->signals, signo));
	ck_assert(!signal_set_has(&c->signals, 0));
	ck_assert(!c->probes && !c->runtime_noise && c->failed && c->manage);
	ck_assert(c->guard);
	ck_assert(c->track);
	ck_assert_uint_eq(c->remember_usec, 60000000);
	ck_assert_uint_eq(c->max_processes, 65536);
	ck_assert_uint_eq(c->burst.limit, 20);
	ck_assert_int_eq(c->burst.interval_usec, 10000000);
	ck_assert_uint_eq(c->burst.total, 2000);
	ck_assert_int_eq(c->format, FORMAT_AUTO);
	ck_assert_int_eq(c->command_lines, COMMAND_LINES_FULL);
	ck_assert_uint_eq(c->n_ignores, 1);
	ck_assert_str_eq(c->ignores[0].name, "chatter");
	ck_assert_ptr_null(config_free(c));
	ck_assert_ptr_null(config_free(NULL));
}
END_TEST

START_TEST(config_ignores_chatter_within_a_unit_by_default)
{
	static const int chatter[] = { SIGURG, SIGUSR1, SIGUSR2, SIGWINCH };
	struct config *c = fresh();
	struct signal_event ev;

	for (size_t i = 0; i < sizeof(chatter) / sizeof(chatter[0]); i++) {
		ev = signal_in_units(chatter[i], "a.service", "a.service");
		ck_assert(config_ignores(c, &ev));
		ev = signal_in_units(chatter[i], "a.service", "b.service");
		ck_assert(!config_ignores(c, &ev));
	}
	ev = signal_in_units(SIGTERM, "a.service", "a.service");
	ck_assert(!config_ignores(c, &ev));
	config_free(c);
}
END_TEST

START_TEST(config_ignore_is_overridden_by_name_and_switched_off_by_nothing)
{
	struct config *c = fresh();
	struct signal_event urg = signal_in_units(SIGURG, "a.service", "a.service");
	struct signal_event term = signal_in_units(SIGTERM, "a.service", "b.service");

	assert_set(c, "Ignore", "mine", "signal=SIGTERM");
	ck_assert(config_ignores(c, &term) && config_ignores(c, &urg));
	assert_set(c, "Ignore", "chatter", "");
	ck_assert(config_ignores(c, &term) && !config_ignores(c, &urg));
	assert_set(c, "Ignore", "mine", "signal=SIGURG");
	ck_assert(!config_ignores(c, &term) && config_ignores(c, &urg));
	ck_assert_uint_eq(c->n_ignores, 2);
	config_free(c);
}
END_TEST

START_TEST(config_never_ignores_what_the_trail_says_of_itself)
{
	struct config *c = fresh();
	struct signal_event ev;

	assert_set(c, "Ignore", "most", "sender.exe!=/usr/bin/x");
	event_init_trail(&ev, TRAIL_INCOMPLETE, 1);
	ck_assert(!config_ignores(c, &ev));
	event_init(&ev, EVENT_SIGNAL, 1);
	ck_assert(config_ignores(c, &ev));
	config_free(c);
}
END_TEST

START_TEST(config_has_a_bound_for_ignores)
{
	struct config *c = fresh();
	struct reason reason = { "" };
	char name[16];

	for (int i = 1; i < CONFIG_IGNORES_MAX; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_set(c, "Ignore", name, "signal=SIGTERM");
	}
	ck_assert_int_eq(config_set(c, "Ignore", "more", "self=yes", &reason), -EINVAL);
	ck_assert_ptr_nonnull(strstr(reason.text, "[Ignore] more: more than 256"));
	assert_set(c, "Ignore", "n7", "self=yes");
	config_free(c);
}
END_TEST

START_TEST(config_sets_every_key)
{
	struct config *c = fresh();

	assert_set(c, "Source", "Kind", "stdin");
	assert_set(c, "Source", "ReceiveBuffer", "128M");
	assert_set(c, "Rules", "Signals", "TERM,KILL,64");
	assert_set(c, "Rules", "Probes", "yes");
	assert_set(c, "Rules", "RuntimeNoise", "on");
	assert_set(c, "Rules", "Failed", "0");
	assert_set(c, "Rules", "Manage", "false");
	assert_set(c, "Process", "Track", "no");
	assert_set(c, "Process", "Remember", "5min");
	assert_set(c, "Process", "MaxProcesses", "256");
	assert_set(c, "Burst", "Limit", "0");
	assert_set(c, "Burst", "Interval", "2min");
	assert_set(c, "Burst", "Total", "1");
	assert_set(c, "Output", "Format", "json");
	assert_set(c, "Output", "CommandLines", "name");
	ck_assert_int_eq(c->source, SOURCE_STDIN);
	ck_assert_uint_eq(c->receive_buffer_bytes, 128 << 20);
	ck_assert(!c->signals_all);
	for (int signo = 0; signo <= 64; signo++)
		ck_assert_int_eq(signal_set_has(&c->signals, signo),
				 signo == SIGTERM || signo == SIGKILL || signo == 64);
	ck_assert(c->probes && c->runtime_noise && !c->failed && !c->manage);
	ck_assert(!c->track);
	ck_assert_uint_eq(c->remember_usec, 300000000);
	ck_assert_uint_eq(c->max_processes, 256);
	ck_assert_uint_eq(c->burst.limit, 0);
	ck_assert_int_eq(c->burst.interval_usec, 120000000);
	ck_assert_uint_eq(c->burst.total, 1);
	ck_assert_int_eq(c->format, FORMAT_JSON);
	ck_assert_int_eq(c->command_lines, COMMAND_LINES_NAME);
	assert_set(c, "Rules", "Signals", "all");
	ck_assert(c->signals_all && signal_set_has(&c->signals, SIGHUP));
	assert_set(c, "Rules", "Signals", "TERM");
	assert_set(c, "Rules", "Signals", "1-64");
	ck_assert(c->signals_all);
	config_free(c);
}
END_TEST

START_TEST(config_reads_all_words_of_yes_and_no)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };
	struct config *c = fresh();

	for (int i = 0; i < 4; i++) {
		assert_set(c, "Rules", "Probes", yes[i]);
		ck_assert(c->probes);
		assert_set(c, "Rules", "Probes", no[i]);
		ck_assert(!c->probes);
	}
	config_free(c);
}
END_TEST

START_TEST(config_reads_units)
{
	static const struct {
		const char *value;
		int64_t usec;
	} times[] = {
		{ "100ms", 100000 },
		{ "500ms", 500000 },
		{ "10s", 10000000 },
		{ "10", 10000000 },
		{ "2min", 120000000 },
		{ "1h", INT64_C(3600000000) },
		{ "24h", INT64_C(86400000000) },
		{ "1d", INT64_C(86400000000) },
	};
	static const struct {
		const char *value;
		uint64_t bytes;
	} sizes[] = {
		{ "64K", 65536 },  { "65536", 65536 },	      { "1M", 1 << 20 },
		{ "1G", 1 << 30 }, { "1073741824", 1 << 30 },
	};
	struct config *c = fresh();

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_set(c, "Burst", "Interval", times[i].value);
		ck_assert_int_eq(c->burst.interval_usec, times[i].usec);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_set(c, "Source", "ReceiveBuffer", sizes[i].value);
		ck_assert_uint_eq(c->receive_buffer_bytes, sizes[i].bytes);
	}
	config_free(c);
}
END_TEST

START_TEST(config_takes_any_number_of_pid_file_globs_up_to_its_bound)
{
	struct config *c = fresh();
	struct reason reason;
	char many[1024] = "";

	ck_assert_uint_eq(c->n_pid_files, 7);
	ck_assert_str_eq(c->pid_files[0], "/run/*.pid");
	ck_assert_str_eq(c->pid_files[6], "/opt/*/*.pid");
	assert_set(c, "Process", "PidFiles", "  /srv/*/x.pid \t/a?.pid ");
	ck_assert_uint_eq(c->n_pid_files, 2);
	ck_assert_str_eq(c->pid_files[0], "/srv/*/x.pid");
	ck_assert_str_eq(c->pid_files[1], "/a?.pid");
	assert_set(c, "Process", "PidFiles", "");
	ck_assert_uint_eq(c->n_pid_files, 0);
	for (int i = 0; i < CONFIG_PID_FILES_MAX; i++)
		strcat(many, "/x.pid ");
	assert_set(c, "Process", "PidFiles", many);
	ck_assert_uint_eq(c->n_pid_files, CONFIG_PID_FILES_MAX);
	strcat(many, "/y.pid");
	ck_assert_int_eq(config_set(c, "Process", "PidFiles", many, &reason), -EINVAL);
	ck_assert_ptr_nonnull(strstr(reason.text, "/y.pid is one glob too many"));
	ck_assert_uint_eq(c->n_pid_files, CONFIG_PID_FILES_MAX);
	config_free(c);
}
END_TEST

START_TEST(config_refuses_bad_numbers)
{
	static const char *const times[] = { "",       "s",    "99ms",
					     "0",      "-1s",  "2d",
					     "25h",    "10 s", "1e3",
					     "1min5s", "10S",  "18446744073709551617",
					     "0.5s" };
	static const char *const sizes[] = { "",
					     "63K",
					     "65535",
					     "1025M",
					     "2G",
					     "M",
					     "64MB",
					     "+64M",
					     "18446744073709551616",
					     "17179869185G" };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_refused("Burst", "Interval", times[i], "100ms to 1d");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_refused("Source", "ReceiveBuffer", sizes[i], "64K to 1G");
	assert_refused("Burst", "Limit", "1000001", "0 to 1000000");
	assert_refused("Burst", "Limit", "5K", "0 to 1000000");
	assert_refused("Burst", "Total", "0", "1 to 1000000");
}
END_TEST

START_TEST(config_refuses_bad_words_and_says_what_is_allowed)
{
	assert_refused("Source", "Kind", "broadcast", "multicast, unicast or stdin");
	assert_refused("Rules", "Probes", "", "yes or no");
	assert_refused("Rules", "Failed", "maybe", "maybe is not allowed");
	assert_refused("Output", "Format", "JSON", "auto, journal, text or json");
	assert_refused("Output", "CommandLines", "yes", "full, name or no");
	assert_refused("Rules", "Signals", "SIGFOO", "SIGFOO");
	assert_refused("Rules", "Signals", "", "missing");
	assert_refused("Rules", "Signals", "0", "Probes=yes");
	assert_refused("Rules", "Signals", "0-15", "Probes=yes");
	assert_refused("Process", "PidFiles", "/run/*.pid run/x",
		       "run/x is not absolute");
	assert_refused("Process", "PidFiles", "/run/", "names no file");
	assert_refused("Process", "PidFiles", "/", "names no file");
	assert_refused("Process", "PidFiles", "/run//x.pid", "empty part");
	assert_refused("Process", "PidFiles", "/run/../x.pid", "..");
	assert_refused("Ignore", "chatter", "SIGURG", "SIGURG has no '='");
	assert_refused("Ignore", "new", "sender.exee=x", "did you mean sender.exe");
}
END_TEST

START_TEST(config_errors_are_escaped)
{
	assert_refused("Process", "PidFiles", "\x1b[2J", "\\x1b");
	assert_refused("Output", "Format", "\x1b[2J\n", "\"\\x1b[2J\\x0a\"");
	assert_refused("Rules", "Signals", "\x1b[2J", "\\x1b");
	assert_refused("Ignore", "x", "\x1b=1", "\\x1b");
}
END_TEST

START_TEST(config_names_the_known_keys_and_sections)
{
	struct config *c = fresh();
	struct reason reason;

	ck_assert_int_eq(config_set(c, "Burst", "Limits", "1", &reason), -ENOENT);
	ck_assert_str_eq(reason.text, "[Burst] Limits: there is no such key; keys are "
				      "Limit, Interval, Total");
	ck_assert_int_eq(config_set(c, "burst", "Limit", "1", &reason), -ENOENT);
	ck_assert_ptr_nonnull(strstr(reason.text, "sections are Source, Rules, Ignore, "
						  "Process, Burst and Output"));
	ck_assert_int_eq(config_set(c, "Rules", "Guards", "yes", &reason), -ENOENT);
	ck_assert_int_eq(config_set(c, "Process", "Tracks", "yes", &reason), -ENOENT);
	ck_assert_int_eq(config_set(c, "\x1b", "\n", "yes", NULL), -ENOENT);
	config_set(c, "\x1b", "\n", "yes", &reason);
	ck_assert_ptr_nonnull(strstr(reason.text, "[\\x1b] \\x0a: "));
	config_free(c);
}
END_TEST

static bool records(const struct config *config, const char *call, int64_t signo,
		    int64_t result)
{
	struct signal_event ev;
	size_t n;
	const struct sigcall *calls = sigcall_table(&n);

	event_init(&ev, EVENT_SIGNAL, 1);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(calls[i].name, call) == 0)
			ev.call = &calls[i];
	}
	ev.signo = signo;
	ev.result = result;
	return config_records(config, &ev);
}

START_TEST(config_records_what_the_rules_ask_for_and_not_what_others_do)
{
	struct config *c = fresh();

	ck_assert(records(c, "kill", SIGTERM, 0));
	ck_assert(records(c, "kill", SIGTERM, ESRCH));
	ck_assert(!records(c, "kill", 0, 0));
	ck_assert(!records(c, "tgkill", SIGURG, 0));
	ck_assert(!records(c, "rt_tgsigqueueinfo", 33, 0));
	ck_assert(records(c, "kill", SIGURG, 0));
	assert_set(c, "Rules", "Probes", "yes");
	assert_set(c, "Rules", "RuntimeNoise", "yes");
	assert_set(c, "Rules", "Failed", "no");
	ck_assert(records(c, "kill", 0, 0));
	ck_assert(records(c, "tgkill", SIGURG, 0));
	ck_assert(!records(c, "kill", SIGTERM, ESRCH));
	assert_set(c, "Rules", "Signals", "HUP,TERM");
	ck_assert(records(c, "kill", SIGTERM, 0));
	ck_assert(!records(c, "kill", SIGKILL, 0));
	ck_assert(records(c, "kill", 0, 0));
	assert_set(c, "Rules", "Probes", "no");
	/* As sigtrail watch -s 0 asks. */
	signal_set_add(&c->signals, 0);
	ck_assert(records(c, "kill", 0, 0));
	assert_set(c, "Source", "Kind", "stdin");
	ck_assert(records(c, "kill", SIGKILL, ESRCH));
	config_free(c);
}
END_TEST

SUITE("config", config_defaults_are_those_of_the_contract,
      config_ignores_chatter_within_a_unit_by_default,
      config_ignore_is_overridden_by_name_and_switched_off_by_nothing,
      config_never_ignores_what_the_trail_says_of_itself, config_has_a_bound_for_ignores,
      config_sets_every_key, config_reads_all_words_of_yes_and_no, config_reads_units,
      config_takes_any_number_of_pid_file_globs_up_to_its_bound,
      config_refuses_bad_numbers, config_refuses_bad_words_and_says_what_is_allowed,
      config_errors_are_escaped, config_names_the_known_keys_and_sections,
      config_records_what_the_rules_ask_for_and_not_what_others_do)
