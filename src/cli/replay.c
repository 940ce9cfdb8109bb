/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sigtrail replay: the signals in audit logs. */
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "cli/choose.h"
#include "cli/command.h"
#include "cli/differ.h"
#include "cli/logfiles.h"
#include "cli/view.h"
#include "core/buffer.h"
#include "core/select.h"
#include "io/auditlogs.h"
#include "io/source_log.h"
#include "trail/replay.h"
#include "trail/say.h"

struct run {
	const struct select *select;
	struct sink *sink;
	struct differ *differ;
	struct replay *replay;	/* what is shown, or the own side of --verify */
	struct replay *auparse; /* --verify's other side */
	uint64_t shown;
	uint64_t records;
	uint64_t malformed;
	char first_malformed[512]; /* which line that was */
	int broken;		   /* the output: -errno */
	bool trouble;
};

/* --- events ---------------------------------------------------------------------------
 */

static void show(const struct signal_event *ev, void *userdata)
{
	struct run *run = userdata;

	if (run->broken || !select_matches(run->select, ev))
		return;
	run->broken = sink_write(run->sink, ev);
	run->shown += run->broken == 0;
}

static void compare_own(const struct signal_event *ev, void *userdata)
{
	struct run *run = userdata;

	if (select_matches(run->select, ev))
		differ_add(run->differ, DIFFER_OWN, ev);
}

static void compare_auparse(const struct signal_event *ev, void *userdata)
{
	struct run *run = userdata;

	if (select_matches(run->select, ev))
		differ_add(run->differ, DIFFER_AUPARSE, ev);
}

static void on_record(const struct record *record, void *userdata)
{
	struct run *run = userdata;

	replay_record(run->replay, record);
	if (run->auparse)
		replay_record(run->auparse, record);
}

/* --- files ----------------------------------------------------------------------------
 */

static void note_malformed(struct run *run, const struct logfile *file)
{
	const struct source *source = file->source;

	if (source->counts.malformed && !run->malformed)
		snprintf(run->first_malformed, sizeof(run->first_malformed),
			 "%s, line %" PRIu64, file->name,
			 source_log_first_malformed(source));
	run->malformed += source->counts.malformed;
	run->records += source_log_records(source);
}

/* Nothing to read now: what was read shall be seen while we wait. */
static void show_before_waiting(struct run *run, const struct source *source)
{
	struct pollfd p = { .fd = source->fd, .events = POLLIN };

	if (run->sink && run->broken == 0 && poll(&p, 1, 0) == 0)
		run->broken = sink_flush(run->sink);
}

static void read_file(struct run *run, struct logfile *file)
{
	struct source *source = logfile_begin(file);
	int r = source ? 1 : -ENOMEM;

	replay_next_log(run->replay);
	if (run->auparse)
		replay_next_log(run->auparse);
	while (r > 0 && run->broken == 0) {
		show_before_waiting(run, source);
		r = source_read(source, on_record, run);
	}
	if (source && r != -EPROTO)
		note_malformed(run, file);
	if (r < 0) {
		run->trouble = true;
		logfile_say_error(file, r);
	}
	logfile_end(file);
}

static void read_all(struct run *run, struct logfiles *logs)
{
	for (size_t i = 0; i < logs->n && run->broken == 0; i++)
		read_file(run, &logs->files[i]);
	if (run->broken)
		return;
	replay_finish(run->replay);
	if (run->auparse)
		replay_finish(run->auparse);
}

/* --- the end --------------------------------------------------------------------------
 */

static void say_malformed(struct run *run)
{
	if (!run->malformed)
		return;
	if (run->malformed == 1)
		say(LOG_WARNING, "%s is no audit record and was passed over",
		    run->first_malformed);
	else
		say(LOG_WARNING,
		    "%s is no audit record and was passed over, and so were %" PRIu64
		    " more lines",
		    run->first_malformed, run->malformed - 1);
	if (!run->records) {
		say(LOG_ERR, "there is no audit record in this at all");
		run->trouble = true;
	}
}

/* Adds "N WHAT" to the list, if there are any. */
static void add_count(struct buffer *list, uint64_t n, const char *what)
{
	if (n)
		buffer_printf(list, "%s%" PRIu64 " %s", list->len ? ", " : "", n, what);
}

static void say_incomplete(const struct run *run)
{
	struct replay_counts c = replay_counts(run->replay);
	struct buffer list = { 0 };

	add_count(&list, c.no_syscall, "without sender (the SYSCALL record is missing)");
	add_count(&list, c.unreadable, "unreadable");
	add_count(&list, c.no_target, "without target (the OBJ_PID record is missing)");
	add_count(&list, c.late_targets, "targets too late for their event");
	add_count(&list, c.too_many_targets, "targets above 4,096 of one call");
	add_count(&list, c.no_memory, "records lost for want of memory");
	if (list.len)
		say(LOG_WARNING, "signals that can't be told, or not wholly: %s",
		    list.data);
	buffer_free(&list);
}

static int end_verify(struct run *run)
{
	uint64_t n;

	differ_finish(run->differ);
	n = differ_differences(run->differ);
	if (n)
		say(LOG_WARNING,
		    "%" PRIu64 " differences (%" PRIu64
		    " events by our own joining, %" PRIu64 " by libauparse's)",
		    n, differ_events(run->differ, DIFFER_OWN),
		    differ_events(run->differ, DIFFER_AUPARSE));
	else
		say(LOG_INFO, "no difference in %" PRIu64 " events",
		    differ_events(run->differ, DIFFER_OWN));
	return n ? EXIT_NOTHING : EXIT_FOUND;
}

/* A reader that has seen enough is no failure. */
static int end_show(struct run *run)
{
	if (run->broken == 0)
		run->broken = sink_flush(run->sink);
	if (run->broken < 0 && run->broken != -EPIPE) {
		say(LOG_ERR, "can't write to standard output: %s",
		    strerror(-run->broken));
		run->trouble = true;
	}
	/* It has been said: what could not go out is not tried again. */
	if (run->broken < 0) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	return run->shown ? EXIT_FOUND : EXIT_NOTHING;
}

/* --- the command ----------------------------------------------------------------------
 */

struct own_options {
	const char *parser;
	bool verify;
};

static int start_verify(struct run *run)
{
	int r = differ_new(&run->differ, stdout);

	if (r == 0)
		r = replay_new(&run->replay, REPLAY_OWN, compare_own, run);
	if (r == 0)
		r = replay_new(&run->auparse, REPLAY_AUPARSE, compare_auparse, run);
	return r;
}

static int start_show(struct run *run, const struct choose *choose, bool hosts,
		      enum replay_parser parser)
{
	enum view_format format = VIEW_TABLE;
	struct view_want want;
	int r = 0;

	if (choose->format)
		r = view_format_parse(&format, choose->format, NULL);
	view_want_for_stdout(&want, format);
	want.utc = choose->utc;
	want.hosts = hosts;
	if (r == 0)
		r = view_new(&run->sink, stdout, &want);
	if (r == 0)
		r = replay_new(&run->replay, parser, show, run);
	return r;
}

static bool has_hosts(const struct logfiles *logs)
{
	for (size_t i = 0; i < logs->n; i++) {
		if (logs->files[i].first.has_node)
			return true;
	}
	return false;
}

static int replay_logs(const struct choose *choose, const struct own_options *own,
		       struct logfiles *logs)
{
	enum replay_parser parser = own->parser && strcmp(own->parser, "auparse") == 0
					    ? REPLAY_AUPARSE
					    : REPLAY_OWN;
	struct run run = { .select = &choose->select, .trouble = logs->trouble };
	int status = EXIT_TROUBLE, r;

	if (own->verify)
		r = start_verify(&run);
	else
		r = start_show(&run, choose, has_hosts(logs), parser);
	if (r < 0) {
		say(LOG_ERR, "can't start: %s", strerror(-r));
	} else {
		read_all(&run, logs);
		status = own->verify ? end_verify(&run) : end_show(&run);
		say_malformed(&run);
		say_incomplete(&run);
	}
	replay_free(run.replay);
	replay_free(run.auparse);
	differ_free(run.differ);
	sink_free(run.sink);
	return run.trouble ? EXIT_TROUBLE : status;
}

/* What the records of a log can't answer. */
static int check(const struct choose *choose, const struct own_options *own)
{
	const struct select *select = &choose->select;

	if (own->parser && strcmp(own->parser, "own") != 0 &&
	    strcmp(own->parser, "auparse") != 0) {
		say(LOG_ERR, "--parser is own or auparse");
		return -EINVAL;
	}
	if (own->parser && own->verify) {
		say(LOG_ERR, "--verify runs both parsers: leave --parser out");
		return -EINVAL;
	}
	if (select->unit || select->sender.kind == WHO_UNIT ||
	    select->target.kind == WHO_UNIT) {
		say(LOG_ERR, "an audit log doesn't say who is in which unit: choose by "
			     "pid, name or exe (-p, -T); sigtrail log knows units");
		return -EINVAL;
	}
	return 0;
}

static int replay_named(const struct choose *choose, const struct own_options *own,
			const char *const *names, size_t n)
{
	struct logfiles logs;
	int status = EXIT_TROUBLE;

	if (logfiles_open(&logs, names, n) == 0)
		status = replay_logs(choose, own, &logs);
	logfiles_close(&logs);
	return status;
}

static int replay_own_logs(const struct choose *choose, const struct own_options *own)
{
	struct reason reason = { "" };
	int status = EXIT_TROUBLE;
	glob_t paths;

	if (auditlogs_find("", &paths, &reason) < 0)
		say(LOG_ERR, "%s", reason.text);
	else
		status = replay_named(choose, own, (const char *const *)paths.gl_pathv,
				      paths.gl_pathc);
	globfree(&paths);
	return status;
}

static int replay_run(int argc, char **argv)
{
	static const char *const formats[] = { "table", "short",  "verbose",
					       "json",	"export", NULL };
	struct own_options own = { 0 };
	const struct choose_extra extra[] = {
		{ "parser", .value = &own.parser },
		{ "verify", .flag = &own.verify },
	};
	const struct choose_spec spec = {
		.command = &command_replay,
		.takes = CHOOSE_TIMES | CHOOSE_EVENTS | CHOOSE_UTC,
		.formats = formats,
		.extra = extra,
		.n_extra = sizeof(extra) / sizeof(extra[0]),
	};
	struct choose choose;
	int status = EXIT_TROUBLE;

	/* A reader that has seen enough is told by what writing gives. */
	signal(SIGPIPE, SIG_IGN);
	if (choose_parse(&choose, &spec, argc, argv, &status)) {
		if (check(&choose, &own) < 0)
			status = EXIT_TROUBLE;
		else if (optind < argc)
			status = replay_named(&choose, &own,
					      (const char *const *)argv + optind,
					      (size_t)(argc - optind));
		else
			status = replay_own_logs(&choose, &own);
	}
	choose_free(&choose);
	return status;
}

const struct command command_replay = {
	.name = "replay",
	.summary = "shows the signals in audit logs",
	.help = "sigtrail replay: shows the signals in audit logs\n"
		"\n"
		"Usage: sigtrail replay [OPTION]... [FILE... | -]\n"
		"\n"
		"Reads what auditd writes (raw or enriched, rotated, compressed by gzip "
		"or\n"
		"xz) and what `ausearch` and `ausearch --raw` print; - is standard "
		"input.\n"
		"Without FILE: auditd's own logs on this host. Units and containers are "
		"in\n"
		"no audit log, so they aren't shown.\n"
		"\n"
		"  -S, --since=TIME     not before: YYYY-MM-DD [HH:MM[:SS]], HH:MM, "
		"today,\n"
		"                       yesterday, -2h, 2h ago, @SECONDS\n"
		"  -U, --until=TIME     not after\n"
		"  -p, --sender=WHO     a pid, a name, or a path\n"
		"  -T, --target=WHO\n"
		"  -s, --signal=SIGNALS such as TERM,KILL or 1-15\n"
		"  -x, --failed         failed calls only\n"
		"  -o, --output=FORMAT  table, short, verbose, json or export\n"
		"      --json           -o json\n"
		"      --utc            times in UTC, not local time\n"
		"      --parser=WHICH   own, or auparse: libauparse puts the records of "
		"an\n"
		"                       event together and splits them; slow where "
		"records "
		"are\n"
		"                       missing\n"
		"      --verify         runs both and prints only where they differ (as "
		"slow as\n"
		"                       libauparse: it needs quadratic time behind an "
		"event\n"
		"                       that lost its end)\n"
		"\n"
		"Exit status: 0 found, 1 nothing found (--verify: a difference), 2 "
		"trouble\n",
	.run = replay_run,
};
