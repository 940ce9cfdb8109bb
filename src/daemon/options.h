/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* options: the daemon's command line. */
#pragma once

#include <stdbool.h>

#include "core/config.h"
#include "core/reason.h"

enum options_action { OPTIONS_RUN, OPTIONS_CHECK_CONFIG, OPTIONS_HELP, OPTIONS_VERSION };

struct options {
	enum options_action action;
	const char *config_path; /* NULL: the default files */
	const char *output; /* words of the command line, which win over the files; */
	const char *source; /* NULL: not given */
	bool keep_rules;
	char **argv; /* all of it, to be started again with */
};

/* 0, or -EINVAL with the reason. The strings are argv's. */
int options_parse(struct options *options, int argc, char **argv, struct reason *reason);

/* Puts what the command line says over the configuration. 0, or -EINVAL with the reason.
 */
int options_apply(const struct options *options, struct config *config,
		  struct reason *reason);

extern const char options_help[];
