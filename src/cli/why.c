/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "cli/choose.h"
#include "cli/clock.h"
#include "cli/command.h"
#include "cli/gather.h"
#include "cli/people.h"
#include "cli/remark.h"
#include "cli/why_json.h"
#include "core/escape.h"
#include "trail/say.h"

/* Of the timeline, the last. */
#define TIMELINE_LINES 40
#define FAILED_MAX     1000

static const char help[] =
	"Usage: sigtrail why [OPTION]... UNIT | PID | CONTAINER | NAME\n"
	"       sigtrail why [OPTION]... --failed\n"
	"Says how it ended and why: what the service manager and the kernel told, and "
	"what "
	"was\nsent to it before.\n"
	"\n"
	"      --failed           a line for each unit that ended badly, since boot or "
	"-S\n"
	"  -S, --since TIME       only an end since then: 2026-11-21 22:00, today, -2h\n"
	"  -U, --until TIME       only an end before\n"
	"  -b, --boot             only an end of this boot\n"
	"  -m, --merge            all hosts' journals that are here\n"
	"      --directory DIR    the journal files in DIR\n"
	"      --file FILE        a journal file; more than one may be given\n"
	"      --utc              times in UTC, not local\n"
	"  -o, --output FORMAT    text or json\n"
	"      --json             -o json\n"
	"\n"
	"Digits are a pid, what ends like a unit's name is a unit; else NAME.service if "
	"the\n"
	"journal knows it, else a container's id (12 characters or more), else a "
	"process's "
	"name.\n"
	"The newest end counts.\n"
	"\n"
	"Ends with 0: a verdict, also that it runs or that it can't be known; 1: no such "
	"unit,\nor nothing is known; 2: trouble. Manual: sigtrail(1)\n";

static const char *const formats[] = { "text", "json", NULL };

struct why {
	struct choose choose;
	bool failed;
	bool json;
	bool local;
	struct journal_read *journal;
	struct gather *gather;
	struct gather *ends; /* --failed */
	struct people *people;
	struct review_show show;
	struct gather_want want;
	struct gather_place place;
	struct buffer out;
	size_t shown;
};

static const char *user_name(void *userdata, int64_t uid)
{
	return people_user(userdata, uid);
}

static const char *session_origin(void *userdata, int64_t session)
{
	return people_session(userdata, session);
}

/* --- text --- */

static const char *message_of(struct why *why, const struct review_item *item,
			      struct buffer *text)
{
	buffer_reset(text);
	if (item->event)
		text_message_in(text, item->event, why->show.clock);
	else
		escape_add(text, item->ending.message, strlen(item->ending.message));
	return text->data ? text->data : "";
}

static void add_timeline(struct why *why, const struct review *review,
			 const struct verdict *v)
{
	struct buffer text = { 0 };
	char time[TIMESTAMP_SIZE];
	size_t n = 0, skipped;

	for (size_t i = 0; i < review->n_items; i++)
		n += review_tells(&review->items[i], v);
	if (n == 0)
		return;
	skipped = n > TIMELINE_LINES ? n - TIMELINE_LINES : 0;
	buffer_add_string(&why->out, "\nTimeline:\n");
	if (skipped)
		buffer_printf(&why->out, "  (%zu before that: sigtrail why --json)\n",
			      skipped);
	for (size_t i = 0; i < review->n_items; i++) {
		const struct review_item *item = &review->items[i];

		if (!review_tells(item, v) || (skipped && skipped--))
			continue;
		buffer_printf(&why->out, "  %s  %s\n",
			      why->show.clock->time(item->time_usec, time),
			      message_of(why, item, &text));
	}
	buffer_free(&text);
}

/* Each line with two blanks before it. */
static void add_indented(struct buffer *out, const struct buffer *text)
{
	const char *p = text->data ? text->data : "";

	while (*p) {
		size_t len = strcspn(p, "\n");

		buffer_add_string(out, "  ");
		buffer_add(out, p, len);
		buffer_add_char(out, '\n');
		p += len + (p[len] == '\n');
	}
}

static void add_subject(struct why *why, const struct review *review)
{
	review_add_subject(&why->out, review);
	if (!review->host)
		return;
	buffer_add_string(&why->out, " on ");
	escape_add_name(&why->out, review->host, strlen(review->host));
}

static void add_text(struct why *why, const struct review *review,
		     const struct verdict *v)
{
	struct buffer text = { 0 };

	add_subject(why, review);
	buffer_printf(&why->out, ": %s (", verdict_name(v->word));
	review_add_brief(&why->out, v);
	buffer_add_string(&why->out, ")\n\n");
	review_add_verdict(&why->out, review, v, &why->show);
	review_add_gaps(&why->out, v, &why->show);
	review_add_advice(&text, review, v);
	if (text.len) {
		buffer_add_string(&why->out, "\nWhat to do:\n");
		add_indented(&why->out, &text);
	}
	add_timeline(why, review, v);
	buffer_free(&text);
}

static int print(struct why *why)
{
	int r = 0;

	if (why->out.failed)
		return -ENOMEM;
	if (why->out.len &&
	    fwrite(why->out.data, 1, why->out.len, stdout) != why->out.len)
		r = -errno;
	buffer_reset(&why->out);
	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	return r;
}

/* --- one subject --- */

static int explain(struct why *why, const char *name)
{
	struct review_subject subject;
	struct review review;
	struct verdict v;
	int r;

	r = gather_find(why->gather, name, &why->want, &subject);
	if (r == 0)
		r = gather_read(why->gather, &subject, &why->want, why->local, &review);
	if (r < 0)
		return r;
	review_judge(&review, &v);
	people_set_boot(why->people, gather_boot(why->gather));
	if (why->json)
		r = why_json(&why->out, &review, &v, &why->show);
	else
		add_text(why, &review, &v);
	why->shown = v.word != VERDICT_NO_SUCH && v.word != VERDICT_NOTHING_KNOWN;
	return r < 0 ? r : print(why);
}

/* --- each that ended badly --- */

/* A clean end is one that was asked for or chosen. */
static bool is_bad(const struct verdict *v)
{
	bool clean = v->end->kind == ENDING_SUCCEEDED || v->end->kind == ENDING_STOPPED;

	switch (v->word) {
	case VERDICT_STOPPED_BY_MANAGER:
	case VERDICT_OWN_EXIT:
	case VERDICT_UNKNOWN_GAP:
		return !clean;
	default:
		return true;
	}
}

static int show_line(struct why *why, const struct review *review,
		     const struct verdict *v)
{
	char time[TIMESTAMP_SIZE];
	int r = 0;

	why->shown++;
	if (why->json) {
		r = why_json(&why->out, review, v, &why->show);
		return r < 0 ? r : print(why);
	}
	buffer_add_string(&why->out, why->show.clock->time(v->end_usec, time));
	buffer_add_string(&why->out, "  ");
	add_subject(why, review);
	buffer_printf(&why->out, "  %s: ", verdict_name(v->word));
	review_add_brief(&why->out, v);
	buffer_add_char(&why->out, '\n');
	return print(why);
}

/* Judges one of them. */
static int judge(struct why *why, struct review_subject *subject,
		 const struct gather_want *want, struct review *review, struct verdict *v)
{
	int r = gather_read(why->gather, subject, want, false, review);

	if (r < 0)
		return r;
	if (why->local)
		review->host = NULL;
	review_judge(review, v);
	people_set_boot(why->people, gather_boot(why->gather));
	return 0;
}

static int explain_unit(struct why *why, const struct ending *end,
			const struct gather_place *place)
{
	const struct gather_want want = { NUMBER_ABSENT, end->time_usec, place, true };
	struct review_subject subject = {
		.kind = SUBJECT_UNIT,
		.name = end->unit,
		.unit = end->unit,
		.is_owned = true,
		.owner = end->owner,
		.pid = NUMBER_ABSENT,
		.known = true,
	};
	struct review review;
	struct verdict v;
	int r = judge(why, &subject, &want, &review, &v);

	/* "Failed" follows "exited": one end, and one line. */
	if (r < 0 || !v.end || v.end->time_usec != end->time_usec ||
	    v.end->kind != end->kind || !is_bad(&v))
		return r;
	return show_line(why, &review, &v);
}

/* What died and is no unit's main process. */
static int explain_death(struct why *why, const struct signal_event *ev,
			 const struct gather_place *place)
{
	const struct gather_want want = { NUMBER_ABSENT, ev->time_usec + 2000000, place,
					  true };
	struct review_subject subject = {
		.kind = SUBJECT_PID,
		.pid = ev->target.pid,
		.known = true,
	};
	struct review review;
	struct verdict v;
	int r = judge(why, &subject, &want, &review, &v);

	if (r < 0 || v.end || !v.death || v.death->time_usec != ev->time_usec)
		return r;
	return show_line(why, &review, &v);
}

static int explain_end(const struct review_item *item, const struct gather_place *place,
		       void *userdata)
{
	if (item->event)
		return explain_death(userdata, item->event, place);
	return explain_unit(userdata, &item->ending, place);
}

static int explain_failed(struct why *why)
{
	int r = gather_new(&why->ends, why->journal);

	if (r == 0)
		r = gather_ends(why->ends, &why->want, FAILED_MAX, explain_end, why);
	return r;
}

/* --- all of it --- */

static int open_why(struct why *why, struct reason *reason)
{
	const struct journal_where *where = &why->choose.where;
	int r = people_new(&why->people);

	why->show = (struct review_show){
		.clock = clock_choose(why->choose.utc),
		.user = user_name,
		.session = session_origin,
		.userdata = why->people,
	};
	why->json = why->choose.format && strcmp(why->choose.format, "json") == 0;
	if (why->json)
		why->show.clock = &text_utc;
	why->local = !where->merge && !where->directory && !where->n_files;
	/* Another host's users have other names. */
	if (!why->local)
		why->show.user = NULL;
	why->want.since_usec = why->choose.select.since_usec;
	why->want.until_usec = why->choose.select.until_usec;
	if (r == 0) {
		people_look_in(why->people, where);
		r = journal_read_open(&why->journal, where, reason);
	}
	if (r == 0)
		r = gather_new(&why->gather, why->journal);
	if (r == 0 && (why->choose.boot || (why->failed && why->local &&
					    !number_known(why->want.since_usec)))) {
		r = journal_read_boot(why->place.boot);
		why->want.place = &why->place;
	}
	return r;
}

static void close_why(struct why *why)
{
	buffer_free(&why->out);
	gather_free(why->ends);
	gather_free(why->gather);
	people_free(why->people);
	journal_read_close(why->journal);
	choose_free(&why->choose);
}

static int status_of(const struct why *why, int r)
{
	if (r == -EPIPE) {
		clearerr(stdout);
		return EXIT_FOUND;
	}
	if (r < 0) {
		say(LOG_ERR, "can't %s: %s",
		    ferror(stdout) ? "write to standard output" : "read the journal",
		    strerrordesc_np(-r));
		return EXIT_TROUBLE;
	}
	remark_partial(why->journal);
	return why->shown ? EXIT_FOUND : EXIT_NOTHING;
}

/* Digits have to be a process id. */
static bool check_number(const char *name)
{
	struct reason reason = { "" };
	struct who who;

	if (name[strspn(name, "0123456789")] || who_parse(&who, name, &reason) == 0)
		return true;
	say(LOG_ERR, "%s", reason.text);
	return false;
}

/* The one operand, where there has to be one. False: said what is wrong. */
static bool check_operands(const struct why *why, int argc, char **argv)
{
	if (why->failed && optind < argc)
		say(LOG_ERR, "--failed goes without a name: it tells of all");
	else if (!why->failed && optind == argc)
		say(LOG_ERR, "why what? Name a unit, a pid, a container or a process, or "
			     "--failed");
	else if (!why->failed && (optind + 1 < argc || !argv[optind][0]))
		say(LOG_ERR, "one name at a time: a unit, a pid, a container or a "
			     "process");
	else
		return why->failed || check_number(argv[optind]);
	return false;
}

static int run(int argc, char **argv)
{
	struct why *why = calloc(1, sizeof(*why));
	const struct choose_extra extra[] = { { "failed", &why->failed, NULL } };
	const struct choose_spec spec = {
		.command = &command_why,
		.takes = CHOOSE_TIMES | CHOOSE_BOOT | CHOOSE_JOURNAL | CHOOSE_UTC,
		.formats = formats,
		.extra = extra,
		.n_extra = 1,
	};
	struct reason reason = { "" };
	int status = EXIT_TROUBLE;

	if (!why)
		return EXIT_TROUBLE;
	if (!choose_parse(&why->choose, &spec, argc, argv, &status))
		goto out;
	status = EXIT_TROUBLE;
	if (!check_operands(why, argc, argv))
		goto out;
	/* Who closes the pipe has seen enough: write(2) says so. */
	signal(SIGPIPE, SIG_IGN);
	if (open_why(why, &reason) < 0) {
		say(LOG_ERR, "%s", reason.text[0] ? reason.text : "out of memory");
		goto out;
	}
	status = status_of(why, why->failed ? explain_failed(why)
					    : explain(why, argv[optind]));
out:
	close_why(why);
	free(why);
	return status;
}

const struct command command_why = {
	.name = "why",
	.summary = "says how a unit, process or container ended, and why",
	.help = help,
	.run = run,
};
