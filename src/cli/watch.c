/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "cli/choose.h"
#include "cli/command.h"
#include "io/config_file.h"
#include "io/sink_stream.h"
#include "trail/output.h"
#include "trail/recorder.h"
#include "trail/say.h"
#include "trail/sieve.h"

#define QUEUE_BYTES (8 * 1024 * 1024)

static const char watch_help[] =
	"Usage: sigtrail watch [OPTION]...\n"
	"\n"
	"Shows live who signals whom, until ^C. It needs no daemon, and runs beside one: "
	"it\n"
	"loads the audit rules that it needs, and leaves the host as it was.\n"
	"\n"
	"  -p, --sender WHO      of this sender only: a pid, /path/of/exe, unit or name\n"
	"  -T, --target WHO      to this target only\n"
	"  -u, --unit UNIT       to processes of this unit only; nginx is nginx.service\n"
	"  -s, --signal SIGNALS  these signals only: TERM,KILL or 1-15 ...; 0 shows "
	"probes\n"
	"  -x, --failed          failed calls only\n"
	"  -o, --output FORMAT   text or json; --json is short for -o json\n"
	"  -h, --help\n"
	"\n"
	"Exit status: 0 a line was shown, 1 none was, 2 trouble.\n";

struct watch {
	const struct select *select;
	sd_event *loop;
	struct config *config;
	struct output output;
	struct recorder *recorder;
	uint64_t shown;
};

static bool pass(struct signal_event *ev, void *userdata)
{
	struct watch *watch = userdata;

	/* That some is missing concerns everyone, that we begin and end nobody. */
	if (ev->kind == EVENT_TRAIL)
		return ev->trail.event == TRAIL_INCOMPLETE ||
		       ev->trail.event == TRAIL_RULES;
	if (!select_matches(watch->select, ev))
		return false;
	watch->shown++;
	return true;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info,
		  void *userdata)
{
	return sd_event_exit(userdata, 0);
}

static int make_loop(struct watch *watch)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t signals;
	int r;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&signals, ends[i]);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	r = sd_event_new(&watch->loop);
	for (size_t i = 0; r >= 0 && i < sizeof(ends) / sizeof(ends[0]); i++)
		r = sd_event_add_signal(watch->loop, NULL, ends[i], on_end, watch->loop);
	return r;
}

/* What was asked for, each with its line; of the host's settings where PID files are and
 * how much of command lines is shown. */
static int configure(struct watch *watch, struct reason *reason)
{
	const struct select *select = watch->select;
	int r = config_file_read_default(&watch->config, "", reason);
	struct config *config = watch->config;

	if (r < 0)
		return r;
	config->source = SOURCE_MULTICAST;
	config->signals_all = !select->has_signals;
	config->signals = select->signals;
	config->probes = select->has_signals && signal_set_has(&select->signals, 0);
	config->runtime_noise =
		select->has_signals && (signal_set_has(&select->signals, SIGURG) ||
					signal_set_has(&select->signals, 32) ||
					signal_set_has(&select->signals, 33));
	config->failed = true;
	config->manage = true;
	config_ignore_nothing(config);
	config->burst.limit = 0;
	return 0;
}

static int open_output(struct watch *watch, bool json)
{
	struct sink *sink;
	int r;

	r = sink_stream_new(&sink, STDOUT_FILENO,
			    json ? SINK_STREAM_JSON : SINK_STREAM_TEXT, QUEUE_BYTES);
	if (r == 0)
		r = sieve_new(&sink, sink, pass, watch);
	if (r == 0)
		output_take(&watch->output, watch->loop, sink,
			    json ? "standard output as JSON" : "standard output", true);
	return r;
}

static int start(struct watch *watch, bool json, struct reason *reason)
{
	int r;

	r = configure(watch, reason);
	if (r < 0)
		return r;
	r = make_loop(watch);
	if (r >= 0)
		r = open_output(watch, json);
	if (r < 0) {
		reason_set(reason, "can't begin: %s", strerror(-r));
		return r;
	}
	return recorder_start(&watch->recorder, watch->loop, watch->config,
			      &watch->output, true, NULL, NULL, NULL, reason);
}

static int watch_signals(const struct select *select, bool json)
{
	struct watch watch = { .select = select };
	struct reason reason = { "" };
	int status = EXIT_TROUBLE, r;

	if (start(&watch, json, &reason) < 0) {
		say(LOG_ERR, "%s", reason.text);
	} else {
		recorder_say_ready(watch.recorder);
		r = sd_event_loop(watch.loop);
		if (r < 0)
			say(LOG_ERR, "the event loop broke: %s", strerror(-r));
		recorder_stop(watch.recorder, false);
		if (r == 0)
			status = watch.shown ? EXIT_FOUND : EXIT_NOTHING;
	}
	recorder_free(watch.recorder);
	output_free(&watch.output);
	config_free(watch.config);
	sd_event_unref(watch.loop);
	return status;
}

static int watch_main(int argc, char **argv)
{
	static const char *const formats[] = { "text", "json", NULL };
	static const struct choose_spec spec = { .command = &command_watch,
						 .takes = CHOOSE_EVENTS,
						 .formats = formats };
	struct choose choose;
	int status;

	if (choose_parse(&choose, &spec, argc, argv, &status)) {
		if (optind < argc) {
			say(LOG_ERR,
			    "watch takes no operand, got \"%s\"; a sender is -p %s, a "
			    "target -T %s",
			    argv[optind], argv[optind], argv[optind]);
			status = EXIT_TROUBLE;
		} else {
			status = watch_signals(
				&choose.select,
				choose.format && strcmp(choose.format, "json") == 0);
		}
	}
	choose_free(&choose);
	return status;
}

const struct command command_watch = {
	"watch",
	"shows live who signals whom, by itself",
	watch_help,
	watch_main,
};
