/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An expression of [Ignore]. Saying a thing twice says nothing new, and of one term and
 * its negation one holds. */
#include <errno.h>
#include <signal.h>

#include "core/filter.h"
#include "fuzz.h"

static void fill(struct signal_event *ev)
{
	static const struct ancestor line[] = { { 1, "systemd", "/sbin/init", NULL } };
	struct party *sender = &ev->sender;
	struct party *target = &ev->target;

	event_init(ev, EVENT_SIGNAL, 1795301637000000);
	ev->serial = 5;
	ev->call = sigcall_find(sigarch_of_audit(0xc000003e), 62);
	ev->arch = sigarch_of_audit(0xc000003e);
	ev->result = 0;
	ev->signo = SIGTERM;
	ev->argument = NUMBER_NULL;
	ev->notes[ev->n_notes++] = "escalation";
	sender->pid = 10;
	sender->auid = NUMBER_NULL;
	sender->comm = "sh\xff";
	sender->exe = "/usr/bin/dash";
	sender->unit = "a.service";
	sender->cmdline = (struct bytes){ "sh\0-c\0x", 7 };
	ev->has_target = true;
	target->pid = 20;
	target->unit = "a.service";
	target->ancestry = (struct ancestry){ line, 1 };
}

static bool matches(const char *expression, const struct signal_event *ev)
{
	struct reason reason = { "" };
	struct filter *filter;
	bool matched;

	/* Only the bound on terms may be in the way of a part of what parsed. */
	if (filter_parse(&filter, expression, &reason) < 0)
		return false;
	matched = filter_match(filter, ev);
	filter_free(filter);
	return matched;
}

static void check_twice(const char *text, const struct signal_event *ev, bool matched)
{
	char *twice;

	FUZZ_REQUIRE(asprintf(&twice, "%s %s", text, text) > 0);
	if (matches(twice, ev))
		FUZZ_REQUIRE(matched);
	else if (strlen(text) < 128)
		FUZZ_REQUIRE(!matched);
	free(twice);
}

static void check_negated(const char *text, const struct signal_event *ev, bool matched)
{
	const char *sign = strchr(text, '=');
	char *negated;

	if (strpbrk(text, " \t\n") || !sign || sign == text || sign[-1] == '!')
		return;
	FUZZ_REQUIRE(asprintf(&negated, "%.*s!%s", (int)(sign - text), text, sign) > 0);
	FUZZ_REQUIRE(matches(negated, ev) != matched);
	free(negated);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);
	struct reason reason = { "" };
	struct signal_event ev;
	struct filter *filter;
	bool matched;

	fill(&ev);
	if (filter_parse(&filter, text, &reason) == 0) {
		matched = filter_match(filter, &ev);
		filter_free(filter);
		check_twice(text, &ev, matched);
		check_negated(text, &ev, matched);
	} else {
		FUZZ_REQUIRE(reason.text[0]);
		fuzz_require_shown(reason.text, strlen(reason.text), 0);
	}
	free(text);
	return 0;
}
