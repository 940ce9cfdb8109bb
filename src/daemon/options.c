/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>

const char options_help[] =
	"sigtraild: writes who signalled whom, always on\n"
	"\n"
	"Usage: sigtraild [OPTION]...\n"
	"\n"
	"  --config FILE          read only this file, no drop-ins\n"
	"  --output auto|journal|text|json\n"
	"                         where lines go; auto (default): text on a terminal, "
	"else\n"
	"                         the journal where it listens, else text\n"
	"  --source multicast|unicast|stdin\n"
	"                         the kernel's audit multicast group (default); the "
	"place\n"
	"                         of the audit daemon; or records on standard input, "
	"as\n"
	"                         auditd hands them to its plugins\n"
	"  --keep-rules           leave the audit rules loaded at the end\n"
	"  --check-config         check the configuration and stop\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 stopped, 1 can't run here, 2 usage or configuration.\n"
	"Manual: sigtraild(8), sigtrail.conf(5), sigtrail-fields(7)\n";

enum {
	OPT_CONFIG = 256,
	OPT_OUTPUT,
	OPT_SOURCE,
	OPT_KEEP_RULES,
	OPT_CHECK,
	OPT_HELP,
	OPT_VERSION
};

int options_parse(struct options *options, int argc, char **argv, struct reason *reason)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, OPT_CONFIG },
		{ "output", required_argument, NULL, OPT_OUTPUT },
		{ "source", required_argument, NULL, OPT_SOURCE },
		{ "keep-rules", no_argument, NULL, OPT_KEEP_RULES },
		{ "check-config", no_argument, NULL, OPT_CHECK },
		{ "help", no_argument, NULL, OPT_HELP },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ 0 },
	};
	int c;

	*options = (struct options){ .action = OPTIONS_RUN, .argv = argv };
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		switch (c) {
		case OPT_CONFIG:
			options->config_path = optarg;
			break;
		case OPT_OUTPUT:
			options->output = optarg;
			break;
		case OPT_SOURCE:
			options->source = optarg;
			break;
		case OPT_KEEP_RULES:
			options->keep_rules = true;
			break;
		case OPT_CHECK:
			options->action = OPTIONS_CHECK_CONFIG;
			break;
		case OPT_HELP:
			options->action = OPTIONS_HELP;
			return 0;
		case OPT_VERSION:
			options->action = OPTIONS_VERSION;
			return 0;
		case ':':
			reason_set(reason, "%s needs a value, see sigtraild --help",
				   argv[optind - 1]);
			return -EINVAL;
		default:
			reason_set(reason,
				   "no such option or form: %s, see sigtraild --help",
				   argv[optind - 1]);
			return -EINVAL;
		}
	}
	if (optind < argc) {
		reason_set(reason, "takes no arguments, got \"%s\", see sigtraild --help",
			   argv[optind]);
		return -EINVAL;
	}
	return 0;
}

int options_apply(const struct options *options, struct config *config,
		  struct reason *reason)
{
	struct reason why;

	if (options->output &&
	    config_set(config, "Output", "Format", options->output, &why) < 0) {
		reason_set(reason, "--output: %.400s", why.text);
		return -EINVAL;
	}
	if (options->source &&
	    config_set(config, "Source", "Kind", options->source, &why) < 0) {
		reason_set(reason, "--source: %.400s", why.text);
		return -EINVAL;
	}
	return 0;
}
