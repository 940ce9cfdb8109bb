/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sigtrail doctor: what would make the trail incomplete here, and what to do. */
#include "cli/doctor.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "cli/command.h"
#include "io/config_file.h"
#include "trail/say.h"

struct request {
	const char *config_path; /* NULL: the default files */
	bool json;
};

static const char help[] =
	"sigtrail doctor: what would make the trail incomplete on this host, and what "
	"to do\n"
	"\n"
	"Usage: sigtrail doctor [OPTION]...\n"
	"\n"
	"  -o, --output text|json   a line a check (default), or one JSON object\n"
	"      --json               the same as -o json\n"
	"      --config FILE        read only this file, not the default ones\n"
	"      --help\n"
	"\n"
	"At last it signals a child of its own and waits until that has come through; "
	"the\n"
	"rules are loaded for that if nobody holds them, and the host is as it was "
	"then.\n"
	"\n"
	"Exit status: 0 nothing is wrong (there may be warnings), 1 something is, 2 "
	"trouble,\n"
	"or what is wrong could not all be found out.\n"
	"Manual: sigtrail(1)\n";

static int usage_error(const char *what, const char *word)
{
	say(LOG_ERR, "%s%s; see sigtrail doctor --help", what, word);
	return -1;
}

static int parse(int argc, char **argv, struct request *request)
{
	static const struct option table[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ "config", required_argument, NULL, 'c' },
		{ 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":o:", table, NULL)) != -1) {
		switch (c) {
		case 'o':
			request->json = strcmp(optarg, "json") == 0;
			if (!request->json && strcmp(optarg, "text") != 0)
				return usage_error("-o is text or json, not ", optarg);
			break;
		case 'j':
			request->json = true;
			break;
		case 'c':
			request->config_path = optarg;
			break;
		case ':':
			return usage_error("a value is missing behind ",
					   argv[optind - 1]);
		default:
			return usage_error("no such option or form: ", argv[optind - 1]);
		}
	}
	if (optind < argc)
		return usage_error("takes no arguments, what is ", argv[optind]);
	return 0;
}

/* Prints what was found since the last time: some checks take a while. */
static void show(const struct findings *found, size_t *shown)
{
	struct buffer line = { 0 };

	for (; *shown < found->n; (*shown)++) {
		buffer_reset(&line);
		finding_text(&line, &found->of[*shown]);
		fputs(line.data ? line.data : "", stdout);
	}
	fflush(stdout);
	buffer_free(&line);
}

static void examine(struct doctor *doctor, bool json)
{
	static void (*const parts[])(struct doctor * doctor) = {
		doctor_open_audit,     doctor_find_daemon,   doctor_check_state,
		doctor_check_boot,     doctor_check_rules,   doctor_check_readers,
		doctor_check_journald, doctor_check_process, doctor_check_daemon,
		doctor_prove,
	};
	size_t shown = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		parts[i](doctor);
		if (!json)
			show(&doctor->found, &shown);
	}
}

static int print_json(const struct findings *found)
{
	struct buffer out = { 0 };
	int r = finding_json(&out, found);

	if (r < 0)
		say(LOG_ERR, "out of memory");
	else
		puts(out.data);
	buffer_free(&out);
	return r;
}

static int run(int argc, char **argv)
{
	static const int statuses[] = {
		[FINDING_OK] = EXIT_FOUND,
		[FINDING_WARNING] = EXIT_FOUND,
		[FINDING_UNCHECKED] = EXIT_TROUBLE,
		[FINDING_PROBLEM] = EXIT_NOTHING,
	};
	struct request request = { 0 };
	struct reason reason = { "" };
	struct config *config = NULL;
	struct doctor *doctor;
	int r;

	if (parse(argc, argv, &request) < 0)
		return EXIT_TROUBLE;
	r = request.config_path ? config_file_read(&config, request.config_path, &reason)
				: config_file_read_default(&config, "", &reason);
	doctor = r < 0 ? NULL : calloc(1, sizeof(*doctor));
	if (!doctor) {
		say(LOG_ERR, "%s", r < 0 ? reason.text : "out of memory");
		config_free(config);
		return EXIT_TROUBLE;
	}
	doctor->config = config;
	doctor->audit_fd = -1;
	examine(doctor, request.json);
	r = request.json ? print_json(&doctor->found) : 0;
	if (r == 0)
		r = statuses[finding_worst(&doctor->found)];
	else
		r = EXIT_TROUBLE;
	if (doctor->audit_fd >= 0)
		close(doctor->audit_fd);
	rules_clear(&doctor->loaded);
	rules_clear(&doctor->wanted);
	free(doctor);
	config_free(config);
	return r;
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "what would make the trail incomplete here",
	.help = help,
	.run = run,
};
