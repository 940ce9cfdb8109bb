/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sigtraild: writes who signalled whom. */
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "daemon/daemon.h"
#include "daemon/options.h"
#include "trail/say.h"
#include "io/config_file.h"

#define EXIT_USAGE 2

int main(int argc, char **argv)
{
	struct options options;
	struct config *config = NULL;
	struct reason reason = { "" };
	int r;

	if (options_parse(&options, argc, argv, &reason) < 0) {
		say(LOG_ERR, "%s", reason.text);
		return EXIT_USAGE;
	}
	if (options.action == OPTIONS_HELP) {
		fputs(options_help, stdout);
		return EXIT_SUCCESS;
	}
	if (options.action == OPTIONS_VERSION) {
		puts("sigtraild " VERSION);
		return EXIT_SUCCESS;
	}
	r = options.config_path ? config_file_read(&config, options.config_path, &reason)
				: config_file_read_default(&config, "", &reason);
	if (r == 0)
		r = options_apply(&options, config, &reason);
	if (r < 0) {
		say(LOG_ERR, "%s", reason.text);
		config_free(config);
		return EXIT_USAGE;
	}
	if (options.action == OPTIONS_CHECK_CONFIG) {
		config_free(config);
		return EXIT_SUCCESS;
	}
	return daemon_run(&options, config);
}
