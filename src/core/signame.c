/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/signame.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* As glibc numbers them for programs; the kernel's own SIGRTMIN is 32. */
#define RTMIN	  34
#define NAMED_MAX 31
#define SIG_IO	  29

static const struct {
	const char *name;
	int signo;
} synonyms[] = { { "IO", SIG_IO }, { "POLL", SIG_IO }, { "CLD", 17 }, { "IOT", 6 } };

/* The name without SIG of a signal below 32, NULL if it has none. */
static const char *short_name(int signo)
{
	/* glibc calls it POLL. */
	return signo == SIG_IO ? "IO" : sigabbrev_np(signo);
}

const char *signame_format(int64_t signo, char name[SIGNAME_SIZE])
{
	const char *abbreviation = NULL;

	if (signo > 0 && signo <= NAMED_MAX)
		abbreviation = short_name(signo);
	/* Twice a line: what printf makes of it costs more than the rest of the name. */
	if (abbreviation)
		stpcpy(stpcpy(name, "SIG"), abbreviation);
	else if (signo == RTMIN)
		snprintf(name, SIGNAME_SIZE, "SIGRTMIN");
	else if (signo > RTMIN && signo <= SIGNAL_MAX)
		snprintf(name, SIGNAME_SIZE, "SIGRTMIN+%d", (int)signo - RTMIN);
	else if (signo > NAMED_MAX && signo < RTMIN)
		snprintf(name, SIGNAME_SIZE, "SIG%d", (int)signo);
	else
		snprintf(name, SIGNAME_SIZE, "%" PRId64, signo);
	return name;
}

/* Digits and nothing else; -EINVAL if it is no such number or above 64. */
static int parse_number(const char *text)
{
	int n = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		n = n * 10 + (*text - '0');
		if (n > SIGNAL_MAX)
			return -EINVAL;
	}
	return n;
}

/* What may follow RTMIN and RTMAX: nothing, or sign and a number. */
static int parse_realtime(const char *text, int base, char sign)
{
	int n;

	if (!*text)
		return base;
	if (*text != sign)
		return -EINVAL;
	n = parse_number(text + 1);
	if (n < 0 || n > SIGNAL_MAX - RTMIN)
		return -EINVAL;
	return sign == '+' ? base + n : base - n;
}

int signame_parse(const char *name)
{
	if (!strncasecmp(name, "SIG", 3))
		name += 3;
	if (*name >= '0' && *name <= '9')
		return parse_number(name);
	if (!strncasecmp(name, "RTMIN", 5))
		return parse_realtime(name + 5, RTMIN, '+');
	if (!strncasecmp(name, "RTMAX", 5))
		return parse_realtime(name + 5, SIGNAL_MAX, '-');
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (!strcasecmp(name, synonyms[i].name))
			return synonyms[i].signo;
	for (int signo = 1; signo <= NAMED_MAX; signo++)
		if (!strcasecmp(name, short_name(signo)))
			return signo;
	return -EINVAL;
}

bool signal_set_has(const struct signal_set *set, int64_t signo)
{
	if (signo < 0 || signo > SIGNAL_MAX)
		return false;
	return signo == SIGNAL_MAX ? set->max : set->low >> signo & 1;
}

void signal_set_add(struct signal_set *set, int signo)
{
	if (signo == SIGNAL_MAX)
		set->max = true;
	else if (signo >= 0 && signo < SIGNAL_MAX)
		set->low |= UINT64_C(1) << signo;
}

/* One item of the list: all, a range of numbers or a signal. */
static int add_item(const char *item, struct signal_set *set)
{
	const char *dash = strchr(item, '-');
	char low[4];
	int first, last;

	if (!strcasecmp(item, "all")) {
		first = 1;
		last = SIGNAL_MAX;
	} else if (dash && *item >= '0' && *item <= '9') {
		snprintf(low, sizeof(low), "%.*s", (int)(dash - item), item);
		first = parse_number(low);
		last = parse_number(dash + 1);
		if (dash - item >= (ptrdiff_t)sizeof(low) || first < 0 || last < first)
			return -EINVAL;
	} else {
		first = last = signame_parse(item);
		if (first < 0)
			return -EINVAL;
	}
	for (int signo = first; signo <= last; signo++)
		signal_set_add(set, signo);
	return 0;
}

int signal_set_parse(const char *text, struct signal_set *set, struct reason *reason)
{
	struct signal_set result = { 0 };
	char item[SIGNAME_SIZE];

	for (;;) {
		size_t skip = strspn(text, " \t");
		size_t whole = strcspn(text, ",");
		size_t len = whole;

		while (len > skip && isblank((unsigned char)text[len - 1]))
			len--;
		snprintf(item, sizeof(item), "%.*s", (int)(len - skip), text + skip);
		if (len <= skip) {
			reason_set(reason, "a signal is missing, give names or numbers "
					   "separated by commas, or all");
			return -EINVAL;
		}
		/* What was cut is no signal, whatever is left of it. */
		if (len - skip >= sizeof(item) || add_item(item, &result) < 0) {
			reason_set(reason,
				   "\"%s\" is no signal, give a name (TERM, RTMIN+1), "
				   "a number up to %d or a range of numbers (1-15)",
				   item, SIGNAL_MAX);
			return -EINVAL;
		}
		if (!text[whole])
			break;
		text += whole + 1;
	}
	*set = result;
	return 0;
}
