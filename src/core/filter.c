/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/filter.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fields.h"
#include "core/quote.h"
#include "core/signame.h"
#include "core/timestamp.h"

#define FILTER_TERMS_MAX 64
/* As much of a command line as a glob sees. */
#define FILTER_ARGS_MAX 4096

enum test {
	TEST_GLOB,
	TEST_SIGNAL,
	TEST_SELF,
	TEST_UNIT,
};

struct term {
	enum test test;
	bool negate;
	const struct field *field; /* TEST_GLOB */
	const char *globs;	   /* each ends with a NUL; within filter->text */
	size_t n_globs;
	struct signal_set signals; /* TEST_SIGNAL */
};

struct filter {
	size_t n;
	struct term terms[FILTER_TERMS_MAX];
	char text[];
};

static const struct {
	const char *name;
	enum test test;
} special_names[] = {
	{ "signal", TEST_SIGNAL },
	{ "self", TEST_SELF },
	{ "unit", TEST_UNIT },
};

#define N_SPECIAL (sizeof(special_names) / sizeof(special_names[0]))

static size_t smallest(size_t a, size_t b, size_t c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* How many letters must be changed, added or left out to get from one to the other. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64];
	size_t n = strlen(b);

	if (strlen(a) >= 64 || n >= 64)
		return 64;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j];

			row[j] = smallest(above + 1, row[j - 1] + 1,
					  diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

/* The name that is most like this one, NULL if none is. */
static const char *nearest_name(const char *name)
{
	size_t n;
	const struct field *fields = fields_table(&n);
	const char *nearest = NULL;
	size_t best = 4;

	for (size_t i = 0; i < N_SPECIAL + n; i++) {
		const char *known =
			i < N_SPECIAL ? special_names[i].name : fields[i - N_SPECIAL].key;
		size_t d = distance(name, known);

		if (d < best && d < strlen(name)) {
			best = d;
			nearest = known;
		}
	}
	return nearest;
}

static int unknown_name(const char *name, struct reason *reason)
{
	struct buffer shown = { 0 };
	const char *nearest = nearest_name(name);

	if (nearest)
		reason_set(reason, "there is no name %s; did you mean %s?",
			   quote_value(&shown, name), nearest);
	else
		reason_set(reason,
			   "there is no name %s; names are signal, self, unit and the "
			   "keys of JSON, such as sender.exe, target.unit, scope",
			   quote_value(&shown, name));
	buffer_free(&shown);
	return -EINVAL;
}

/* Cuts the value at its commas. */
static int parse_globs(struct term *term, const char *name, char *value,
		       struct reason *reason)
{
	char *comma;

	term->globs = value;
	term->n_globs = 1;
	if (strchr(value, '"')) {
		reason_set(reason,
			   "%s: quotes have no meaning in a value; ? stands for a blank",
			   name);
		return -EINVAL;
	}
	if (value[0] == ',' || value[strlen(value) - 1] == ',' || strstr(value, ",,")) {
		reason_set(reason, "%s: a value beside a comma is missing", name);
		return -EINVAL;
	}
	for (comma = strchr(value, ','); comma; comma = strchr(comma + 1, ',')) {
		*comma = '\0';
		term->n_globs++;
	}
	return 0;
}

static int parse_signals(struct term *term, const char *value, struct reason *reason)
{
	struct reason why;
	struct buffer shown = { 0 };
	int r = signal_set_parse(value, &term->signals, &why);

	if (r < 0) {
		reason_set(reason, "signal: %s", quote_text(&shown, why.text));
		buffer_free(&shown);
	}
	return r;
}

/* "no" is the opposite of "yes". */
static int parse_yes(struct term *term, const char *name, const char *value,
		     struct reason *reason)
{
	bool no = strcmp(value, "no") == 0;

	if (!no && strcmp(value, "yes") != 0) {
		reason_set(reason, "%s: the value is yes or no", name);
		return -EINVAL;
	}
	term->negate ^= no;
	return 0;
}

static int parse_value(struct term *term, const char *name, char *value,
		       struct reason *reason)
{
	switch (term->test) {
	case TEST_SIGNAL:
		return parse_signals(term, value, reason);
	case TEST_SELF:
		return parse_yes(term, name, value, reason);
	case TEST_UNIT:
		if (strcmp(value, "same") == 0)
			return 0;
		reason_set(reason,
			   "unit: the value is same; for the name of a unit there "
			   "are sender.unit and target.unit");
		return -EINVAL;
	default:
		break;
	}
	if (term->field->type == FIELD_TRUE) {
		int r = parse_yes(term, name, value, reason);

		term->globs = "yes";
		term->n_globs = 1;
		return r;
	}
	return parse_globs(term, name, value, reason);
}

static int find_name(struct term *term, const char *name, struct reason *reason)
{
	for (size_t i = 0; i < N_SPECIAL; i++) {
		if (strcmp(name, special_names[i].name) == 0) {
			term->test = special_names[i].test;
			return 0;
		}
	}
	term->test = TEST_GLOB;
	term->field = field_find(name);
	return term->field ? 0 : unknown_name(name, reason);
}

static int parse_term(struct term *term, char *word, struct reason *reason)
{
	struct buffer shown = { 0 };
	const char *quoted = quote_value(&shown, word);
	char *equal = strchr(word, '=');
	int r = -EINVAL;

	if (!equal) {
		reason_set(reason, "%s has no '='; a term is NAME=VALUE or NAME!=VALUE",
			   quoted);
		goto out;
	}
	term->negate = equal > word && equal[-1] == '!';
	equal[term->negate ? -1 : 0] = '\0';
	if (!*word) {
		reason_set(reason, "%s has no name before the '='", quoted);
		goto out;
	}
	r = find_name(term, word, reason);
	if (r < 0)
		goto out;
	if (!equal[1]) {
		reason_set(reason, "%s has no value; * stands for any", quoted);
		r = -EINVAL;
		goto out;
	}
	r = parse_value(term, word, equal + 1, reason);
out:
	buffer_free(&shown);
	return r;
}

int filter_parse(struct filter **filter, const char *expression, struct reason *reason)
{
	size_t size = strlen(expression) + 1;
	struct filter *f = calloc(1, sizeof(*f) + size);
	char *rest = NULL;
	int r = 0;

	if (!f)
		return -ENOMEM;
	memcpy(f->text, expression, size);
	for (char *word = strtok_r(f->text, " \t", &rest); word && r == 0;
	     word = strtok_r(NULL, " \t", &rest)) {
		if (f->n == FILTER_TERMS_MAX) {
			reason_set(reason, "more than %d terms", FILTER_TERMS_MAX);
			r = -EINVAL;
			break;
		}
		r = parse_term(&f->terms[f->n++], word, reason);
	}
	if (r == 0 && f->n == 0) {
		reason_set(reason, "the expression is empty");
		r = -EINVAL;
	}
	if (r < 0) {
		filter_free(f);
		return r;
	}
	*filter = f;
	return 0;
}

struct filter *filter_free(struct filter *filter)
{
	free(filter);
	return NULL;
}

static bool match_globs(const struct term *term, const char *text)
{
	const char *glob = term->globs;

	for (size_t i = 0; i < term->n_globs; i++) {
		if (fnmatch(glob, text, 0) == 0)
			return true;
		glob += strlen(glob) + 1;
	}
	return false;
}

static bool match_set(const struct term *term, const struct field_value *value)
{
	for (size_t i = 0; i < value->n_set; i++) {
		if (match_globs(term, value->set[i]))
			return true;
	}
	return false;
}

/* Any of the ancestors, by its name. */
static bool match_ancestry(const struct term *term, const struct ancestry *ancestry)
{
	for (size_t i = 0; i < ancestry->n; i++) {
		if (ancestry->of[i].comm && match_globs(term, ancestry->of[i].comm))
			return true;
	}
	return false;
}

/* The arguments with a blank between them. */
static bool match_args(const struct term *term, struct bytes args)
{
	char text[FILTER_ARGS_MAX + 1];
	size_t len = args.len;

	if (len && args.data[len - 1] == '\0')
		len--;
	if (len > FILTER_ARGS_MAX)
		len = FILTER_ARGS_MAX;
	for (size_t i = 0; i < len; i++)
		text[i] = args.data[i] ? args.data[i] : ' ';
	text[len] = '\0';
	return match_globs(term, text);
}

static bool match_field(const struct term *term, const struct signal_event *ev)
{
	struct field_value value;
	char text[TIMESTAMP_SIZE];

	field_get(term->field, ev, &value);
	switch (value.type) {
	case VALUE_ABSENT:
		return false;
	case VALUE_NULL:
		return match_globs(term, "null");
	case VALUE_TRUE:
		return match_globs(term, "yes");
	case VALUE_STRING:
		return match_globs(term, value.text.data);
	case VALUE_TIME:
		return match_globs(term, timestamp_format(value.number, text));
	case VALUE_NUMBER:
		snprintf(text, sizeof(text), "%" PRId64, value.number);
		return match_globs(term, text);
	case VALUE_ARGS:
		return match_args(term, value.text);
	case VALUE_SET:
		return match_set(term, &value);
	case VALUE_ANCESTRY:
		return match_ancestry(term, &value.party->ancestry);
	}
	return false;
}

static bool is_self(const struct signal_event *ev)
{
	return ev->has_target && number_known(ev->sender.pid) &&
	       ev->sender.pid == ev->target.pid;
}

static bool same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool in_same_unit(const struct signal_event *ev)
{
	const struct party *s = &ev->sender;
	const struct party *t = &ev->target;

	return ev->has_target && (s->unit || s->user_unit || s->container) &&
	       same_name(s->unit, t->unit) && same_name(s->user_unit, t->user_unit) &&
	       same_name(s->container, t->container);
}

static bool match_term(const struct term *term, const struct signal_event *ev)
{
	switch (term->test) {
	case TEST_SIGNAL:
		return signal_set_has(&term->signals, ev->signo);
	case TEST_SELF:
		return is_self(ev);
	case TEST_UNIT:
		return in_same_unit(ev);
	default:
		return match_field(term, ev);
	}
}

bool filter_match(const struct filter *filter, const struct signal_event *ev)
{
	for (size_t i = 0; i < filter->n; i++) {
		const struct term *term = &filter->terms[i];

		if (match_term(term, ev) == term->negate)
			return false;
	}
	return true;
}
