/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "cli/choose.h"
#include "cli/command.h"
#include "cli/count.h"
#include "cli/match.h"
#include "cli/people.h"
#include "cli/remark.h"
#include "cli/trailread.h"
#include "cli/view.h"
#include "core/native.h"
#include "io/now.h"
#include "trail/say.h"

#define FOLLOW_LINES 10

static const char help[] =
	"Usage: sigtrail log [OPTION]...\n"
	"Shows the trail of signals that sigtraild wrote into the journal.\n"
	"\n"
	"  -S, --since TIME       not before: 2026-11-21 22:00, 22:00, today, -2h, "
	"@SECONDS\n"
	"  -U, --until TIME       not after\n"
	"  -b, --boot             this boot only\n"
	"  -n, --lines N          the last N, or all (with -f 10)\n"
	"  -r, --reverse          the newest first\n"
	"  -f, --follow           what is to come as well\n"
	"  -u, --unit UNIT        to this unit's processes; nginx is nginx.service\n"
	"  -p, --sender WHO       from: a pid, an exe's /path, a unit, a name\n"
	"  -T, --target WHO       to, likewise\n"
	"  -s, --signal SIGNALS   TERM,KILL or 1-15 ...\n"
	"  -x, --failed           failed calls only\n"
	"  -m, --merge            all hosts' journals that are here\n"
	"      --directory DIR    the journal files in DIR\n"
	"      --file FILE        a journal file; more than one may be given\n"
	"      --count KEY,...    how many: by sender, target, signal, unit, or keys of "
	"JSON\n"
	"      --utc              times in UTC, not local\n"
	"  -o, --output FORMAT    table, short, verbose, json or export\n"
	"      --json             -o json\n"
	"\n"
	"Ends with 0: found, 1: nothing found, 2: trouble. Manual: sigtrail(1)\n";

struct log {
	struct choose choose;
	struct trailread read;
	enum view_format format;
	struct people *people;
	struct sink *view;
	struct count *count;
	struct buffer export;
	uint64_t shown;
	int64_t first_usec; /* time of the first shown */
	bool gone;	    /* nobody reads our output any more */
};

static const char *const formats[] = {
	"table", "short", "verbose", "json", "export", NULL
};

/* --- one entry out --- */

static int export_entry(struct log *log)
{
	const struct entry *entry = log->read.entry;
	struct buffer *out = &log->export;
	int r;

	buffer_reset(out);
	r = journal_read_address(log->read.journal, out);
	if (r < 0)
		return r;
	for (size_t i = 0; i < entry_n_fields(entry); i++) {
		struct bytes field = entry_field(entry, i);
		const char *equals = memchr(field.data, '=', field.len);
		char name[256];

		if (equals - field.data >= (ptrdiff_t)sizeof(name))
			continue;
		memcpy(name, field.data, equals - field.data);
		name[equals - field.data] = '\0';
		native_field(out, name, equals + 1,
			     field.len - (equals + 1 - field.data));
	}
	buffer_add_char(out, '\n');
	if (out->failed)
		return -ENOMEM;
	return fwrite(out->data, 1, out->len, stdout) == out->len ? 0 : -errno;
}

static int show(struct log *log, const struct signal_event *ev)
{
	int r;

	if (log->count)
		r = count_add(log->count, ev);
	else if (log->format == VIEW_EXPORT)
		r = export_entry(log);
	else
		r = sink_write(log->view, ev);
	if (r < 0)
		return r;
	if (!log->shown || ev->time_usec < log->first_usec)
		log->first_usec = ev->time_usec;
	log->shown++;
	return 0;
}

static int flush(struct log *log)
{
	if (log->view)
		return sink_flush(log->view);
	return fflush(stdout) == 0 ? 0 : -errno;
}

/* --- which entries, in which order --- */

static int64_t lines_of(const struct choose *choose)
{
	if (number_known(choose->lines))
		return choose->lines;
	if (choose->follow && !number_known(choose->select.since_usec))
		return FOLLOW_LINES;
	return INT64_MAX;
}

static int show_backwards(struct log *log, int64_t lines)
{
	struct signal_event ev;
	int r = trailread_seek_last(&log->read);

	for (int64_t i = 0; r >= 0 && i < lines; i++) {
		r = trailread_previous(&log->read, &ev);
		if (r <= 0)
			return r;
		r = show(log, &ev);
	}
	return r;
}

static int show_following(struct log *log)
{
	struct signal_event ev;
	int r;

	while ((r = trailread_next(&log->read, &ev)) > 0) {
		r = show(log, &ev);
		if (r < 0)
			return r;
	}
	return r;
}

static int show_forwards(struct log *log, int64_t lines)
{
	struct signal_event ev;
	int r;

	if (lines == INT64_MAX) {
		r = trailread_seek_first(&log->read);
	} else {
		r = trailread_go_back(&log->read, lines, &ev);
		if (r > 0)
			r = show(log, &ev);
		else if (r == 0 && lines == 0 && !log->choose.follow)
			return 0;
	}
	return r < 0 ? r : show_following(log);
}

/* --- -f --- */

/* Until there is more in the journal, or nobody who would read it. */
static int wait_for_more(struct log *log)
{
	struct journal_read *journal = log->read.journal;
	struct pollfd fds[] = {
		{ .fd = journal_read_fd(journal),
		  .events = (short)journal_read_events(journal) },
		{ .fd = STDOUT_FILENO },
	};
	const uint64_t until_usec = journal_read_timeout(journal);
	int timeout_msec = -1;
	int r;

	if (fds[0].fd < 0)
		return fds[0].fd;
	if (until_usec != UINT64_MAX) {
		int64_t left_usec = (int64_t)until_usec - now_mono_usec();

		timeout_msec = left_usec <= 0 ? 0 : (int)(left_usec / 1000 % 60000) + 1;
	}
	if (poll(fds, 2, timeout_msec) < 0 && errno != EINTR)
		return -errno;
	if (fds[1].revents & (POLLERR | POLLNVAL))
		return -EPIPE;
	r = journal_read_process(journal);
	return r < 0 ? r : 0;
}

/* What comes may have exes and errors that the index doesn't know yet. */
static int match_growing(struct log *log)
{
	struct trailread *read = &log->read;
	int r;

	if (!read->no_later_usec)
		return 0;
	read->growing = true;
	r = trailread_match(read);
	if (r == 0)
		r = journal_read_seek(read->journal, read->no_later_usec + 1);
	read->no_later_usec = 0;
	return r;
}

static int follow(struct log *log)
{
	int r = match_growing(log);

	while (r >= 0) {
		r = show_following(log);
		if (r == 0)
			r = flush(log);
		if (r == 0)
			r = wait_for_more(log);
	}
	return r;
}

/* --- all of it --- */

static int show_all(struct log *log)
{
	const struct choose *choose = &log->choose;
	const int64_t lines = lines_of(choose);
	int r, flushed;

	/* The descriptor watches from its making on. */
	if (choose->follow) {
		r = journal_read_fd(log->read.journal);
		if (r < 0)
			return r;
	}
	if (choose->follow && match_depends_on_values(&choose->select))
		log->read.no_later_usec = now_read_usec(CLOCK_REALTIME);
	r = trailread_match(&log->read);
	if (r < 0)
		return r;
	r = choose->reverse ? show_backwards(log, lines) : show_forwards(log, lines);
	if (r >= 0 && choose->follow)
		r = follow(log);
	if (r >= 0 && log->count)
		r = count_print(log->count, stdout,
				choose->format && strcmp(choose->format, "json") == 0);
	/* What was found before an error is shown, too. */
	flushed = flush(log);
	return r < 0 ? r : flushed;
}

static int open_view(struct log *log)
{
	struct view_want want;
	int r = people_new(&log->people);

	if (r < 0)
		return r;
	view_want_for_stdout(&want, log->format);
	want.utc = log->choose.utc;
	want.hosts = log->read.hosts;
	want.people = log->people;
	return view_new(&log->view, stdout, &want);
}

static int open_output(struct log *log, struct reason *reason)
{
	const struct choose *choose = &log->choose;
	int r = 0;

	if (choose->format)
		r = view_format_parse(&log->format, choose->format, reason);
	if (r < 0)
		return r;
	if (choose->count)
		return count_new(&log->count, choose->count, reason);
	return log->format == VIEW_EXPORT ? 0 : open_view(log);
}

static int open_log(struct log *log, struct reason *reason)
{
	const struct journal_where *where = &log->choose.where;
	int r = open_output(log, reason);

	if (r == 0)
		r = journal_read_open(&log->read.journal, where, reason);
	if (r == 0)
		r = entry_new(&log->read.entry);
	return r;
}

static void close_log(struct log *log)
{
	sink_free(log->view);
	people_free(log->people);
	count_free(log->count);
	buffer_free(&log->export);
	entry_free(log->read.entry);
	journal_read_close(log->read.journal);
	choose_free(&log->choose);
}

static int status_of(struct log *log, int r)
{
	if (r == -EPIPE) {
		clearerr(stdout);
		return log->shown ? EXIT_FOUND : EXIT_NOTHING;
	}
	if (r < 0) {
		say(LOG_ERR, "can't show the trail: %s", strerrordesc_np(-r));
		return EXIT_TROUBLE;
	}
	remark_damage(&log->read);
	if (log->shown)
		remark_partial(log->read.journal);
	else
		remark_nothing(&log->read);
	remark_gaps(&log->read, number_known(log->choose.lines) && log->shown
					? log->first_usec
					: NUMBER_ABSENT);
	return log->shown ? EXIT_FOUND : EXIT_NOTHING;
}

static int run(int argc, char **argv)
{
	static const struct choose_spec spec = {
		.command = &command_log,
		.takes = CHOOSE_TIMES | CHOOSE_BOOT | CHOOSE_EVENTS | CHOOSE_JOURNAL |
			 CHOOSE_PAGE | CHOOSE_FOLLOW | CHOOSE_UTC | CHOOSE_COUNT,
		.formats = formats,
	};
	struct log log = { .format = VIEW_TABLE };
	struct reason reason = { "" };
	int status;

	if (!choose_parse(&log.choose, &spec, argc, argv, &status))
		goto out;
	if (optind < argc) {
		say(LOG_ERR, "log takes options only: who is asked for by -u, -p or -T");
		goto trouble;
	}
	log.read.select = &log.choose.select;
	log.read.boot = log.choose.boot;
	log.read.hosts = log.choose.where.merge || log.choose.where.directory ||
			 log.choose.where.n_files;
	/* Who closes the pipe has seen enough: write(2) says so. */
	signal(SIGPIPE, SIG_IGN);
	if (open_log(&log, &reason) < 0) {
		say(LOG_ERR, "%s", reason.text[0] ? reason.text : "out of memory");
		goto trouble;
	}
	status = status_of(&log, show_all(&log));
	goto out;
trouble:
	status = EXIT_TROUBLE;
out:
	close_log(&log);
	return status;
}

const struct command command_log = {
	.name = "log",
	.summary = "shows the trail from the journal",
	.help = help,
	.run = run,
};
