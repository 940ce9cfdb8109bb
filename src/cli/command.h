/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* command: what every subcommand of sigtrail is. */
#pragma once

/* As grep(1) ends. */
enum { EXIT_FOUND = 0, EXIT_NOTHING = 1, EXIT_TROUBLE = 2 };

struct command {
	const char *name;
	const char *summary; /* one line for sigtrail --help */
	const char *help;    /* the whole text of sigtrail NAME --help */
	/* argv[0] is the name. Gives the exit status; says what is wrong itself
	 * (trail/say.h). */
	int (*run)(int argc, char **argv);
};

/* One a file. */
extern const struct command command_run;
extern const struct command command_watch;
extern const struct command command_log;
extern const struct command command_why;
extern const struct command command_replay;
extern const struct command command_rules;
extern const struct command command_doctor;
