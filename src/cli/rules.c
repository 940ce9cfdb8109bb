/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sigtrail rules: our audit rules, by hand. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "cli/command.h"
#include "io/rulecheck.h"
#include "io/audit_status.h"
#include "io/config_file.h"
#include "io/hold.h"
#include "io/rules.h"
#include "trail/say.h"

struct request {
	const char *config_path; /* NULL: the default files */
	bool force;
	bool probes;
};

struct action {
	const char *name;
	int (*run)(const struct request *request, const struct rules_want *want);
	bool without_config; /* want is empty where that can't be read */
};

/* Says why not, and gives the status for it. */
static int trouble(const struct reason *reason)
{
	say(LOG_ERR, "%s", reason->text);
	return EXIT_TROUBLE;
}

/* --- print --- */

static int print_rules(const struct request *request, const struct rules_want *want)
{
	struct reason reason = { "" };
	struct buffer line = { 0 };
	struct rules rules;
	int r;

	r = rules_make(&rules, want, &reason);
	if (r < 0)
		return trouble(&reason);
	for (size_t i = 0; i < rules.n; i++) {
		buffer_reset(&line);
		if (rules_format(rules.rule[i], &line) < 0 || line.failed) {
			reason_set(&reason, "can't write a rule: out of memory");
			r = trouble(&reason);
			break;
		}
		puts(line.data);
	}
	buffer_free(&line);
	rules_clear(&rules);
	return r;
}

/* --- load and unload --- */

static int load_rules(const struct request *request, const struct rules_want *want)
{
	struct hold_report report;
	struct reason reason = { "" };
	struct hold *hold;
	int fd, r;

	fd = audit_status_open(&reason);
	if (fd < 0)
		return trouble(&reason);
	r = hold_take(&hold, fd, HOLD_RUNDIR, want, true, &report, &reason);
	if (!r)
		r = hold_release(hold, true, &reason);
	close(fd);
	if (r < 0)
		return trouble(&reason);
	if (report.immutable && report.missing) {
		say(LOG_ERR,
		    "the audit rules are locked until the next boot (enabled 2), and %zu "
		    "of ours are not loaded: copy the lines of sigtrail rules print to "
		    "/etc/audit/rules.d and reboot",
		    report.missing);
		return EXIT_TROUBLE;
	}
	printf("%zu rules added, %zu were loaded\n", report.added, report.present);
	if (report.enabled_audit)
		say(LOG_NOTICE,
		    "audit was off and is on now: processes older than this moment, "
		    "PID 1 and this shell among them, leave no record of the "
		    "signals they send; a new login gives a shell that does, audit=1 on "
		    "the kernel command line covers all");
	return EXIT_FOUND;
}

static int unload_rules(const struct request *request, const struct rules_want *want)
{
	struct hold_unloaded unloaded;
	struct reason reason = { "" };
	struct audit_state state;
	int fd, r;

	fd = audit_status_open(&reason);
	if (fd < 0)
		return trouble(&reason);
	r = hold_unload(fd, HOLD_RUNDIR, request->force, &unloaded, &reason);
	if (!r)
		r = audit_status_read(fd, &state, &reason);
	close(fd);
	if (r < 0)
		return trouble(&reason);
	printf("%zu rules removed\n", unloaded.rules);
	if (unloaded.enabled && state.enabled != AUDIT_OFF)
		say(LOG_NOTICE,
		    "auditing stays on: others have rules, an audit daemon runs, or "
		    "somebody else has switched it on as well");
	return EXIT_FOUND;
}

/* --- verify --- */

static void print_fault(const struct rule_fault *fault, void *userdata)
{
	struct buffer line = { 0 };

	if (!fault->front) {
		buffer_add_string(&line, "not loaded: ");
	} else {
		buffer_printf(&line, "hidden%s by ",
			      fault->effect == RULE_PART ? " in part" : "");
		rulecheck_add_place(&line, fault->front, fault->place);
		buffer_add_string(&line, " (the first that matches counts): ");
	}
	if (rules_format(fault->rule, &line) == 0 && !line.failed)
		puts(line.data);
	buffer_free(&line);
}

static int verify_rules(const struct request *request, const struct rules_want *want)
{
	struct rules wanted = { 0 }, loaded = { 0 };
	struct reason reason = { "" };
	size_t faults = 0;
	int fd, r;

	fd = audit_status_open(&reason);
	r = fd < 0 ? fd : rules_list(fd, &loaded, &reason);
	if (!r)
		r = rules_make(&wanted, want, &reason);
	if (!r)
		faults = rulecheck(&loaded, &wanted, print_fault, NULL);
	if (!r && !faults)
		printf("%zu rules are loaded, and no other hides any of them\n",
		       wanted.n);
	rules_clear(&wanted);
	rules_clear(&loaded);
	if (fd >= 0)
		close(fd);
	if (r < 0)
		return trouble(&reason);
	return faults ? EXIT_NOTHING : EXIT_FOUND;
}

/* --- the command line --- */

static const struct action actions[] = {
	{ "print", print_rules },
	{ "load", load_rules },
	/* What is to go is written down: at a package's removal, with a configuration
	 * that is wrong or gone, it has to go as well. */
	{ "unload", unload_rules, .without_config = true },
	{ "verify", verify_rules },
};

static const char help[] =
	"sigtrail rules: the audit rules that record signals\n"
	"\n"
	"Usage: sigtrail rules print | load | unload | verify [OPTION]...\n"
	"\n"
	"  print              show them as auditctl(8) reads them\n"
	"  load               add those that are missing, and switch auditing on; they "
	"stay\n"
	"  unload             remove what load, or sigtraild --keep-rules, left\n"
	"  verify             are they loaded, and does no rule in front hide them?\n"
	"\n"
	"  --config FILE      which signals: read only this file, not the default ones; "
	"unload\n"
	"                     reads none, and goes on without this one if it is wrong\n"
	"  --probes           signal 0 too, whatever the configuration says\n"
	"  --force            unload: also while sigtraild or another one uses them\n"
	"  --help\n"
	"\n"
	"Exit status: 0 done or nothing wrong, 1 verify found something wrong, 2 "
	"trouble.\n"
	"Manual: sigtrail(1)\n";

static int usage_error(const char *what, const char *word)
{
	say(LOG_ERR, "%s%s; see sigtrail rules --help", what, word);
	return -EINVAL;
}

static int parse(int argc, char **argv, struct request *request)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "probes", no_argument, NULL, 'p' },
		{ "force", no_argument, NULL, 'f' },
		{ 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		switch (c) {
		case 'c':
			request->config_path = optarg;
			break;
		case 'p':
			request->probes = true;
			break;
		case 'f':
			request->force = true;
			break;
		case ':':
			return usage_error("a value is missing behind ",
					   argv[optind - 1]);
		default:
			return usage_error("no such option or form: ", argv[optind - 1]);
		}
	}
	return 0;
}

static const struct action *find_action(int argc, char **argv)
{
	if (optind >= argc) {
		usage_error("say print, load, unload or verify", "");
		return NULL;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, argv[optind]) != 0)
			continue;
		if (optind + 1 == argc)
			return &actions[i];
		usage_error("one word is enough, what is ", argv[optind + 1]);
		return NULL;
	}
	usage_error("print, load, unload or verify, not ", argv[optind]);
	return NULL;
}

/* Only one that was asked for is read for an action that does without. */
static int read_want(const struct request *request, const struct action *action,
		     struct rules_want *want)
{
	struct reason reason = { "" };
	struct config *config = NULL;
	int r = 0;

	if (request->config_path)
		r = config_file_read(&config, request->config_path, &reason);
	else if (!action->without_config)
		r = config_file_read_default(&config, "", &reason);
	if (r < 0 && !action->without_config)
		return trouble(&reason);
	if (r < 0)
		say(LOG_WARNING, "%s; %s does without", reason.text, action->name);
	if (config)
		*want = rules_want_of(config);
	want->probes = want->probes || request->probes;
	config_free(config);
	return 0;
}

static int run(int argc, char **argv)
{
	struct request request = { 0 };
	struct rules_want want = { 0 };
	const struct action *action;
	int r;

	if (parse(argc, argv, &request) < 0)
		return EXIT_TROUBLE;
	action = find_action(argc, argv);
	if (!action)
		return EXIT_TROUBLE;
	if (request.force && action->run != unload_rules) {
		usage_error("--force goes with unload, not with ", action->name);
		return EXIT_TROUBLE;
	}
	r = read_want(&request, action, &want);
	return r ? r : action->run(&request, &want);
}

const struct command command_rules = {
	.name = "rules",
	.summary = "shows, loads, removes and checks the audit rules",
	.help = help,
	.run = run,
};
