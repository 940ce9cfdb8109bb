/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/choose.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "cli/when.h"
#include "core/quote.h"
#include "io/now.h"
#include "trail/say.h"

enum {
	OPTION_DIRECTORY = 256,
	OPTION_FILE,
	OPTION_UTC,
	OPTION_COUNT,
	OPTION_JSON,
	OPTION_HELP,
	OPTION_EXTRA, /* the first of the command's own; the last of all */
};

struct known {
	const char *name;
	int has_arg;
	int id; /* its letter, where it has one */
	unsigned takes;
};

static const struct known known[] = {
	{ "since", required_argument, 'S', CHOOSE_TIMES },
	{ "until", required_argument, 'U', CHOOSE_TIMES },
	{ "boot", no_argument, 'b', CHOOSE_BOOT },
	{ "unit", required_argument, 'u', CHOOSE_EVENTS },
	{ "sender", required_argument, 'p', CHOOSE_EVENTS },
	{ "target", required_argument, 'T', CHOOSE_EVENTS },
	{ "signal", required_argument, 's', CHOOSE_EVENTS },
	{ "failed", no_argument, 'x', CHOOSE_EVENTS },
	{ "merge", no_argument, 'm', CHOOSE_JOURNAL },
	{ "directory", required_argument, OPTION_DIRECTORY, CHOOSE_JOURNAL },
	{ "file", required_argument, OPTION_FILE, CHOOSE_JOURNAL },
	{ "lines", required_argument, 'n', CHOOSE_PAGE },
	{ "reverse", no_argument, 'r', CHOOSE_PAGE },
	{ "follow", no_argument, 'f', CHOOSE_FOLLOW },
	{ "utc", no_argument, OPTION_UTC, CHOOSE_UTC },
	{ "count", required_argument, OPTION_COUNT, CHOOSE_COUNT },
};

#define N_KNOWN	    (sizeof(known) / sizeof(known[0]))
#define OPTIONS_MAX (N_KNOWN + 4 + CHOOSE_EXTRA_MAX)

/* What getopt_long(3) is given. */
struct grammar {
	struct option options[OPTIONS_MAX];
	char letters[2 * OPTIONS_MAX + 2];
	size_t n;
};

static void add_option(struct grammar *grammar, const char *name, int has_arg, int id)
{
	size_t end = strlen(grammar->letters);

	grammar->options[grammar->n++] = (struct option){ name, has_arg, NULL, id };
	if (id >= 256)
		return;
	grammar->letters[end] = (char)id;
	if (has_arg == required_argument)
		grammar->letters[end + 1] = ':';
}

static void make_grammar(struct grammar *grammar, const struct choose_spec *spec)
{
	/* The colon: missing arguments are told apart from unknown options. */
	*grammar = (struct grammar){ .letters = ":" };
	for (size_t i = 0; i < N_KNOWN; i++) {
		if (known[i].takes & spec->takes)
			add_option(grammar, known[i].name, known[i].has_arg, known[i].id);
	}
	if (spec->formats) {
		add_option(grammar, "output", required_argument, 'o');
		add_option(grammar, "json", no_argument, OPTION_JSON);
	}
	add_option(grammar, "help", no_argument, OPTION_HELP);
	for (size_t i = 0; i < spec->n_extra; i++)
		add_option(grammar, spec->extra[i].name,
			   spec->extra[i].value ? required_argument : no_argument,
			   OPTION_EXTRA + (int)i);
}

char *choose_unit_name(const char *name)
{
	char *unit;

	return asprintf(&unit, "%s%s", name, who_is_unit_name(name) ? "" : ".service") < 0
		       ? NULL
		       : unit;
}

static int set_unit(struct choose *choose, const char *name, struct reason *reason)
{
	if (!*name || strchr(name, '/')) {
		reason_set(reason, "a unit has a name, such as nginx.service");
		return -EINVAL;
	}
	free(choose->unit);
	choose->unit = choose_unit_name(name);
	choose->select.unit = choose->unit;
	return choose->unit ? 0 : -ENOMEM;
}

static int set_signals(struct select *select, const char *text, struct reason *reason)
{
	select->has_signals = true;
	return signal_set_parse(text, &select->signals, reason);
}

static int set_lines(struct choose *choose, const char *text, struct reason *reason)
{
	struct buffer shown = { 0 };
	char *end;

	errno = 0;
	choose->lines = strtoll(text, &end, 10);
	if (strcmp(text, "all") == 0) {
		choose->lines = INT64_MAX;
		return 0;
	}
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0)
		return 0;
	reason_set(reason, "how many lines? %s is no number, nor \"all\"",
		   quote_value(&shown, text));
	buffer_free(&shown);
	return -EINVAL;
}

static int add_file(struct choose *choose, const char *path, struct reason *reason)
{
	if (choose->where.n_files == CHOOSE_FILES_MAX) {
		reason_set(reason, "no more than %d files; --directory reads all in it",
			   CHOOSE_FILES_MAX);
		return -EINVAL;
	}
	choose->files[choose->where.n_files++] = path;
	choose->where.files = choose->files;
	return 0;
}

static void list_formats(struct buffer *out, const char *const *formats)
{
	for (size_t i = 0; formats[i]; i++) {
		if (i)
			buffer_add_string(out, formats[i + 1] ? ", " : " and ");
		buffer_add_string(out, formats[i]);
	}
}

static int set_format(struct choose *choose, const char *const *formats, const char *word,
		      struct reason *reason)
{
	struct buffer there_are = { 0 };
	struct buffer shown = { 0 };

	for (size_t i = 0; formats[i]; i++) {
		if (strcmp(formats[i], word) == 0) {
			choose->format = formats[i];
			buffer_free(&there_are);
			return 0;
		}
	}
	list_formats(&there_are, formats);
	reason_set(reason, "there is no format %s; there are %s",
		   quote_value(&shown, word), there_are.data ? there_are.data : "none");
	buffer_free(&there_are);
	buffer_free(&shown);
	return -EINVAL;
}

static void set_extra(const struct choose_extra *extra, const char *value)
{
	if (extra->flag)
		*extra->flag = true;
	else
		*extra->value = value;
}

static int set_switch(struct choose *choose, int id)
{
	switch (id) {
	case 'b':
		choose->boot = true;
		break;
	case 'm':
		choose->where.merge = true;
		break;
	case 'r':
		choose->reverse = true;
		break;
	case 'f':
		choose->follow = true;
		break;
	case 'x':
		choose->select.failed = true;
		break;
	case OPTION_UTC:
		choose->utc = true;
		break;
	}
	return 0;
}

/* Takes in one option. 0 or -errno with the reason. */
static int set(struct choose *choose, const struct choose_spec *spec, int id,
	       struct reason *reason)
{
	struct select *select = &choose->select;

	if (id >= OPTION_EXTRA) {
		set_extra(&spec->extra[id - OPTION_EXTRA], optarg);
		return 0;
	}
	switch (id) {
	case 'S':
		return when_parse(&select->since_usec, optarg,
				  now_read_usec(CLOCK_REALTIME), reason);
	case 'U':
		return when_parse(&select->until_usec, optarg,
				  now_read_usec(CLOCK_REALTIME), reason);
	case 'u':
		return set_unit(choose, optarg, reason);
	case 'p':
		return who_parse(&select->sender, optarg, reason);
	case 'T':
		return who_parse(&select->target, optarg, reason);
	case 's':
		return set_signals(select, optarg, reason);
	case 'n':
		return set_lines(choose, optarg, reason);
	case OPTION_DIRECTORY:
		choose->where.directory = optarg;
		return 0;
	case OPTION_FILE:
		return add_file(choose, optarg, reason);
	case OPTION_COUNT:
		choose->count = optarg;
		return 0;
	case 'o':
		return set_format(choose, spec->formats, optarg, reason);
	case OPTION_JSON:
		return set_format(choose, spec->formats, "json", reason);
	default:
		return set_switch(choose, id);
	}
}

/* What fits together. */
static int check(const struct choose *choose, struct reason *reason)
{
	const struct select *select = &choose->select;
	const struct journal_where *where = &choose->where;

	if (number_known(select->since_usec) && number_known(select->until_usec) &&
	    select->since_usec > select->until_usec)
		reason_set(reason, "--since is later than --until: nothing lies between");
	else if (where->merge + !!where->directory + !!where->n_files > 1)
		reason_set(reason, "only one of -m, --directory and --file");
	else if (choose->follow && choose->reverse)
		reason_set(reason, "-f shows what comes, -r begins at the end: only one "
				   "of them");
	else if (choose->follow && choose->count)
		reason_set(reason, "-f has no end at which --count could count");
	else if (choose->follow && number_known(select->until_usec))
		reason_set(reason, "-f has no end: leave -U out");
	else
		return 0;
	return -EINVAL;
}

/* As it was written, for a sentence about it. */
static const char *written(char **argv, char letter[3])
{
	const char *word = optind > 0 ? argv[optind - 1] : "";

	if (optopt > 0 && optopt < 256) {
		snprintf(letter, 3, "-%c", optopt);
		return letter;
	}
	return word;
}

static void say_wrong(const struct choose_spec *spec, char **argv, bool is_unknown)
{
	struct buffer shown = { 0 };
	char letter[3];
	const char *option = quote_value(&shown, written(argv, letter));

	if (is_unknown)
		say(LOG_ERR, "%s has no option %s; sigtrail %s --help names them",
		    spec->command->name, option, spec->command->name);
	else
		say(LOG_ERR, "%s: a value is missing; sigtrail %s --help tells of it",
		    option, spec->command->name);
	buffer_free(&shown);
}

static bool parse(struct choose *choose, const struct choose_spec *spec, int argc,
		  char **argv, int *status)
{
	struct grammar grammar;
	struct reason reason = { "" };
	int id;

	make_grammar(&grammar, spec);
	optind = 0; /* anew, also where options were read before */
	opterr = 0;
	while ((id = getopt_long(argc, argv, grammar.letters, grammar.options, NULL)) !=
	       -1) {
		if (id == OPTION_HELP) {
			fputs(spec->command->help, stdout);
			*status = EXIT_FOUND;
			return false;
		}
		if (id == '?' || id == ':') {
			say_wrong(spec, argv, id == '?');
			return false;
		}
		if (set(choose, spec, id, &reason) < 0)
			goto wrong;
	}
	if (check(choose, &reason) == 0)
		return true;
wrong:
	say(LOG_ERR, "%s", reason.text[0] ? reason.text : "out of memory");
	return false;
}

bool choose_parse(struct choose *choose, const struct choose_spec *spec, int argc,
		  char **argv, int *status)
{
	*choose = (struct choose){ .lines = NUMBER_ABSENT };
	select_init(&choose->select);
	*status = EXIT_TROUBLE;
	return parse(choose, spec, argc, argv, status);
}

void choose_free(struct choose *choose)
{
	free(choose->unit);
	choose->unit = NULL;
	choose->select.unit = NULL;
}
