/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* choose: the options that subcommands share: which events, from where, in what form. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"
#include "core/select.h"
#include "io/journal_read.h"

/* Groups of options that a command may take. */
enum choose_takes {
	CHOOSE_TIMES = 1 << 0,	 /* -S --since, -U --until */
	CHOOSE_BOOT = 1 << 1,	 /* -b --boot */
	CHOOSE_EVENTS = 1 << 2,	 /* -u --unit, -p --sender, -T --target, -s --signal, -x
				    --failed */
	CHOOSE_JOURNAL = 1 << 3, /* -m --merge, --directory, --file */
	CHOOSE_PAGE = 1 << 4,	 /* -n --lines, -r --reverse */
	CHOOSE_FOLLOW = 1 << 5,	 /* -f --follow */
	CHOOSE_UTC = 1 << 6,	 /* --utc */
	CHOOSE_COUNT = 1 << 7,	 /* --count */
};

/* An option of one command alone, by its long name. Exactly one of flag and value is set.
 */
struct choose_extra {
	const char *name;
	bool *flag;
	const char **value;
};

#define CHOOSE_EXTRA_MAX 8
#define CHOOSE_FILES_MAX 256

/* What a command takes. -o, --output and --json are for all that have formats. */
struct choose_spec {
	const struct command *command;
	unsigned takes;		    /* enum choose_takes, or-ed */
	const char *const *formats; /* of -o, a NULL behind them; NULL: there is no -o */
	const struct choose_extra *extra; /* at most CHOOSE_EXTRA_MAX */
	size_t n_extra;
};

/* What was asked for. */
struct choose {
	struct select select;
	struct journal_where where;
	bool boot;
	bool reverse;
	bool follow;
	bool utc;
	int64_t lines;	    /* NUMBER_ABSENT: not said */
	const char *count;  /* keys, commas between them; NULL: not asked for */
	const char *format; /* one of the formats; NULL: not said */
	/* The rest is choose's own. */
	char *unit;
	const char *files[CHOOSE_FILES_MAX];
};

/* Reads the options; getopt_long(3) moves the operands to the end. True: go on, operands
 * are argv[optind] and what follows. False: end with *status; what is wrong has been said
 * (or the help that was asked for printed). choose_free() in both cases. */
bool choose_parse(struct choose *choose, const struct choose_spec *spec, int argc,
		  char **argv, int *status);
void choose_free(struct choose *choose);

/* "nginx" is nginx.service; what ends like a unit stays. To be freed; NULL without
 * memory. */
char *choose_unit_name(const char *name);
