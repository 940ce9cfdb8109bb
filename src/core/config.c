/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/quote.h"

#define AT(member) offsetof(struct config, member)

enum option_type {
	OPTION_YES,    /* bool */
	OPTION_WORD,   /* an enum, int */
	OPTION_NUMBER, /* 64 bits */
	OPTION_SIGNALS,
	OPTION_PID_FILES,
};

struct word {
	const char *word;
	int value;
};

/* What may follow a number, and what it is then multiplied with. */
struct unit {
	const char *suffix;
	uint64_t factor;
};

struct option {
	const char *section;
	const char *key;
	enum option_type type;
	size_t offset;		  /* in struct config */
	const struct word *words; /* OPTION_WORD */
	const struct unit *units; /* OPTION_NUMBER */
	uint64_t min, max;	  /* OPTION_NUMBER */
	const char *allowed;	  /* for people */
};

static const struct word yes_words[] = {
	{ "yes", 1 },	{ "true", 1 }, { "on", 1 }, { "1", 1 }, { "no", 0 },
	{ "false", 0 }, { "off", 0 },  { "0", 0 },  { NULL },
};
static const struct word source_words[] = {
	{ "multicast", SOURCE_MULTICAST },
	{ "unicast", SOURCE_UNICAST },
	{ "stdin", SOURCE_STDIN },
	{ NULL },
};
static const struct word format_words[] = {
	{ "auto", FORMAT_AUTO },
	{ "journal", FORMAT_JOURNAL },
	{ "text", FORMAT_TEXT },
	{ "json", FORMAT_JSON },
	{ NULL },
};
static const struct word command_line_words[] = {
	{ "full", COMMAND_LINES_FULL },
	{ "name", COMMAND_LINES_NAME },
	{ "no", COMMAND_LINES_NO },
	{ NULL },
};

#define SECOND UINT64_C(1000000)

static const struct unit count_units[] = { { "", 1 }, { NULL } };
static const struct unit byte_units[] = {
	{ "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { NULL },
};
static const struct unit time_units[] = {
	{ "", SECOND },
	{ "ms", 1000 },
	{ "s", SECOND },
	{ "min", 60 * SECOND },
	{ "h", 3600 * SECOND },
	{ "d", 86400 * SECOND },
	{ NULL },
};

static const struct option options[] = {
	{ "Source", "Kind", OPTION_WORD, AT(source), .words = source_words,
	  .allowed = "multicast, unicast or stdin" },
	{ "Source", "ReceiveBuffer", OPTION_NUMBER, AT(receive_buffer_bytes),
	  .units = byte_units, .min = 64 << 10, .max = 1 << 30,
	  .allowed = "64K to 1G (bytes, or with K, M or G)" },
	{ "Rules", "Signals", OPTION_SIGNALS, AT(signals) },
	{ "Rules", "Probes", OPTION_YES, AT(probes) },
	{ "Rules", "RuntimeNoise", OPTION_YES, AT(runtime_noise) },
	{ "Rules", "Failed", OPTION_YES, AT(failed) },
	{ "Rules", "Manage", OPTION_YES, AT(manage) },
	{ "Rules", "Guard", OPTION_YES, AT(guard) },
	{ "Process", "PidFiles", OPTION_PID_FILES, AT(pid_files) },
	{ "Process", "Track", OPTION_YES, AT(track) },
	{ "Process", "Remember", OPTION_NUMBER, AT(remember_usec), .units = time_units,
	  .min = SECOND, .max = 3600 * SECOND,
	  .allowed = "1s to 1h (seconds, or with ms, s, min or h)" },
	{ "Process", "MaxProcesses", OPTION_NUMBER, AT(max_processes),
	  .units = count_units, .min = 256, .max = 4194304, .allowed = "256 to 4194304" },
	{ "Burst", "Limit", OPTION_NUMBER, AT(burst.limit), .units = count_units,
	  .min = 0, .max = 1000000, .allowed = "0 to 1000000" },
	{ "Burst", "Interval", OPTION_NUMBER, AT(burst.interval_usec),
	  .units = time_units, .min = 100000, .max = 86400 * SECOND,
	  .allowed = "100ms to 1d (seconds, or with ms, s, min, h or d)" },
	{ "Burst", "Total", OPTION_NUMBER, AT(burst.total), .units = count_units,
	  .min = 1, .max = 1000000, .allowed = "1 to 1000000" },
	{ "Output", "Format", OPTION_WORD, AT(format), .words = format_words,
	  .allowed = "auto, journal, text or json" },
	{ "Output", "CommandLines", OPTION_WORD, AT(command_lines),
	  .words = command_line_words, .allowed = "full, name or no" },
};

#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

int config_new(struct config **config)
{
	struct config *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->source = SOURCE_MULTICAST;
	c->receive_buffer_bytes = 64 << 20;
	for (int signo = 1; signo <= SIGNAL_MAX; signo++)
		signal_set_add(&c->signals, signo);
	c->signals_all = true;
	c->failed = true;
	c->manage = true;
	c->guard = true;
	c->track = true;
	c->remember_usec = 60 * SECOND;
	c->max_processes = 65536;
	c->burst = (struct burst_limits){ 20, 10 * SECOND, 2000 };
	c->format = FORMAT_AUTO;
	c->command_lines = COMMAND_LINES_FULL;
	r = config_set(c, "Ignore", "chatter",
		       "signal=SIGURG,SIGUSR1,SIGUSR2,SIGWINCH unit=same", NULL);
	if (r == 0)
		r = config_set(c, "Process", "PidFiles",
			       "/run/*.pid /run/*/*.pid /var/lib/*/*.pid "
			       "/var/lib/*/*/*.pid /var/tmp/*.pid /tmp/*.pid "
			       "/opt/*/*.pid",
			       NULL);
	if (r < 0) {
		config_free(c);
		return r;
	}
	*config = c;
	return 0;
}

static void clear_globs(char **globs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(globs[i]);
}

void config_ignore_nothing(struct config *config)
{
	for (size_t i = 0; i < config->n_ignores; i++) {
		free(config->ignores[i].name);
		filter_free(config->ignores[i].filter);
	}
	config->n_ignores = 0;
}

struct config *config_free(struct config *config)
{
	if (!config)
		return NULL;
	config_ignore_nothing(config);
	clear_globs(config->pid_files, config->n_pid_files);
	free(config);
	return NULL;
}

/* Sets the sentence after the section and the key. */
static void explain(struct reason *reason, const char *section, const char *key,
		    const char *what)
{
	struct buffer s = { 0 };
	struct buffer k = { 0 };

	reason_set(reason, "[%s] %s: %s", quote_value(&s, section), quote_value(&k, key),
		   what);
	buffer_free(&s);
	buffer_free(&k);
}

static int bad_value(const struct option *option, const char *value,
		     struct reason *reason)
{
	struct buffer shown = { 0 };
	struct reason what;

	reason_set(&what, "%s is not allowed; allowed is %s", quote_value(&shown, value),
		   option->type == OPTION_YES ? "yes or no" : option->allowed);
	explain(reason, option->section, option->key, what.text);
	buffer_free(&shown);
	return -EINVAL;
}

static const struct word *find_word(const struct word *words, const char *value)
{
	for (; words->word; words++) {
		if (strcmp(words->word, value) == 0)
			return words;
	}
	return NULL;
}

/* Reads a whole number and its unit. 0, or -EINVAL, also when it is out of the range. */
static int parse_number(const struct option *option, const char *value, uint64_t *number)
{
	const struct unit *unit = option->units;
	uint64_t n = 0;
	const char *p;

	for (p = value; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (*p - '0');
		if (n > option->max)
			return -EINVAL;
	}
	while (unit->suffix && strcmp(unit->suffix, p) != 0)
		unit++;
	if (p == value || !unit->suffix || n > option->max / unit->factor ||
	    n * unit->factor < option->min)
		return -EINVAL;
	*number = n * unit->factor;
	return 0;
}

static int set_signals(struct config *config, const struct option *option,
		       const char *value, struct reason *reason)
{
	struct signal_set set = { 0 };
	struct signal_set all = { ~UINT64_C(1), true };
	struct buffer shown = { 0 };
	struct reason why;

	if (signal_set_parse(value, &set, &why) < 0) {
		explain(reason, option->section, option->key,
			quote_text(&shown, why.text));
		buffer_free(&shown);
		return -EINVAL;
	}
	if (signal_set_has(&set, 0)) {
		explain(reason, option->section, option->key,
			"0 is no signal; Probes=yes records it");
		return -EINVAL;
	}
	config->signals = set;
	config->signals_all = set.low == all.low && set.max == all.max;
	return 0;
}

/* What a glob of PID files lacks, NULL if nothing. */
static const char *check_glob(const char *glob)
{
	size_t len = strlen(glob);

	if (glob[0] != '/')
		return "is not absolute";
	if (len < 2 || glob[len - 1] == '/')
		return "names no file";
	if (strstr(glob, "//") || strstr(glob, "/./") || strstr(glob, "/../"))
		return "has an empty part, . or .. in it";
	return len < 1024 ? NULL : "is too long";
}

static int bad_glob(const char *glob, const char *why, struct reason *reason)
{
	struct buffer shown = { 0 };
	struct reason what;

	reason_set(&what, "%s %s", quote_value(&shown, glob), why);
	explain(reason, "Process", "PidFiles", what.text);
	buffer_free(&shown);
	return -EINVAL;
}

/* Globs with blanks between them; none is allowed. */
static int set_pid_files(struct config *config, const char *value, struct reason *reason)
{
	char *globs[CONFIG_PID_FILES_MAX], *rest = NULL;
	char *text = strdup(value);
	size_t n = 0;
	int r = text ? 0 : -ENOMEM;

	for (char *glob = text ? strtok_r(text, " \t", &rest) : NULL; glob && r == 0;
	     glob = strtok_r(NULL, " \t", &rest)) {
		const char *why = n == CONFIG_PID_FILES_MAX ? "is one glob too many"
							    : check_glob(glob);

		if (why) {
			r = bad_glob(glob, why, reason);
			break;
		}
		globs[n] = strdup(glob);
		if (globs[n])
			n++;
		else
			r = -ENOMEM;
	}
	free(text);
	if (r < 0) {
		clear_globs(globs, n);
		return r;
	}
	clear_globs(config->pid_files, config->n_pid_files);
	memcpy(config->pid_files, globs, n * sizeof(*globs));
	config->n_pid_files = n;
	return 0;
}

static int set_option(struct config *config, const struct option *option,
		      const char *value, struct reason *reason)
{
	char *at = (char *)config + option->offset;
	const struct word *word;
	uint64_t number;

	switch (option->type) {
	case OPTION_YES:
		word = find_word(yes_words, value);
		if (!word)
			return bad_value(option, value, reason);
		*(bool *)at = word->value;
		return 0;
	case OPTION_WORD:
		word = find_word(option->words, value);
		if (!word)
			return bad_value(option, value, reason);
		memcpy(at, &word->value, sizeof(word->value));
		return 0;
	case OPTION_NUMBER:
		if (parse_number(option, value, &number) < 0)
			return bad_value(option, value, reason);
		memcpy(at, &number, sizeof(number));
		return 0;
	case OPTION_PID_FILES:
		return set_pid_files(config, value, reason);
	default:
		return set_signals(config, option, value, reason);
	}
}

/* The place of this name; a new one when it isn't there. NULL with the reason. */
static struct config_ignore *find_ignore(struct config *config, const char *name,
					 struct reason *reason)
{
	struct config_ignore *ignore;
	struct reason what;

	for (size_t i = 0; i < config->n_ignores; i++) {
		if (strcmp(config->ignores[i].name, name) == 0)
			return &config->ignores[i];
	}
	if (config->n_ignores == CONFIG_IGNORES_MAX) {
		reason_set(&what, "more than %d entries", CONFIG_IGNORES_MAX);
		explain(reason, "Ignore", name, what.text);
		return NULL;
	}
	ignore = &config->ignores[config->n_ignores];
	ignore->name = strdup(name);
	if (!ignore->name)
		return NULL;
	config->n_ignores++;
	return ignore;
}

static int set_ignore(struct config *config, const char *name, const char *value,
		      struct reason *reason)
{
	struct config_ignore *ignore;
	struct filter *filter = NULL;
	struct reason why = { "" };
	int r;

	if (*value) {
		r = filter_parse(&filter, value, &why);
		if (r < 0) {
			explain(reason, "Ignore", name, why.text);
			return r;
		}
	}
	ignore = find_ignore(config, name, reason);
	if (!ignore) {
		filter_free(filter);
		return config->n_ignores == CONFIG_IGNORES_MAX ? -EINVAL : -ENOMEM;
	}
	filter_free(ignore->filter);
	ignore->filter = filter;
	return 0;
}

static int unknown_key(const char *section, const char *key, struct reason *reason)
{
	struct buffer known = { 0 };
	struct reason what;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (strcmp(options[i].section, section) == 0)
			buffer_printf(&known, "%s%s", known.len ? ", " : "",
				      options[i].key);
	}
	if (known.len)
		reason_set(&what, "there is no such key; keys are %s", known.data);
	else
		reason_set(&what, "there is no such section; sections are Source, Rules, "
				  "Ignore, Process, Burst and Output");
	explain(reason, section, key, what.text);
	buffer_free(&known);
	return -ENOENT;
}

int config_set(struct config *config, const char *section, const char *key,
	       const char *value, struct reason *reason)
{
	if (strcmp(section, "Ignore") == 0)
		return set_ignore(config, key, value, reason);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (strcmp(options[i].section, section) == 0 &&
		    strcmp(options[i].key, key) == 0)
			return set_option(config, &options[i], value, reason);
	}
	return unknown_key(section, key, reason);
}

/* The same as the rules ask of the kernel. */
bool config_records(const struct config *config, const struct signal_event *ev)
{
	if (ev->kind != EVENT_SIGNAL || config->source == SOURCE_STDIN)
		return true;
	if (!config->failed && number_known(ev->result) && ev->result != 0)
		return false;
	if (config->signals_all ? ev->signo == 0
				: !signal_set_has(&config->signals, ev->signo))
		return ev->signo == 0 && config->probes;
	return config->runtime_noise || !sigcall_is_noise(ev->call, ev->signo);
}

bool config_ignores(const struct config *config, const struct signal_event *ev)
{
	/* What the trail says about itself is never left out, whatever is negated. */
	if (ev->kind == EVENT_TRAIL)
		return false;
	for (size_t i = 0; i < config->n_ignores; i++) {
		const struct filter *filter = config->ignores[i].filter;

		if (filter && filter_match(filter, ev))
			return true;
	}
	return false;
}
