/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-event.h>

#include "daemon/handover.h"
#include "daemon/manager.h"
#include "daemon/trial.h"
#include "io/config_file.h"
#include "io/now.h"
#include "trail/output.h"
#include "trail/recorder.h"
#include "trail/say.h"

/* What the service manager is told of the counts is told so often, if they change. */
#define STATUS_USEC 1000000

struct daemon {
	const struct options *options;
	struct config *config;
	sd_event *loop;
	sd_event_source *status; /* running: the counts have changed */
	struct output output;
	struct recorder *recorder;
	struct keep *keep; /* NULL: nothing is kept over a restart */
	char *program;
	bool stored; /* the manager has what the next one needs */
};

static void send_status(struct daemon *d)
{
	const struct pipeline_counts *counts = recorder_counts(d->recorder);
	const struct source_counts source = recorder_source_counts(d->recorder);
	const struct identity_counts processes = recorder_identity_counts(d->recorder);

	manager_notify(
		"STATUS=%llu signals and %llu deaths seen, %llu ignored, %llu lines "
		"written, %llu records or events lost, %llu malformed, %llu forged; "
		"%llu processes known, %llu overruns of their connector, %llu evicted, "
		"%llu ambiguous",
		(unsigned long long)counts->signals, (unsigned long long)counts->deaths,
		(unsigned long long)counts->ignored,
		(unsigned long long)d->output.sink->written,
		(unsigned long long)counts->lost, (unsigned long long)source.malformed,
		(unsigned long long)source.forged,
		(unsigned long long)processes.processes,
		(unsigned long long)processes.overruns,
		(unsigned long long)processes.evicted,
		(unsigned long long)processes.ambiguous);
}

static int on_status(sd_event_source *source, uint64_t usec, void *userdata)
{
	send_status(userdata);
	return 0;
}

static void on_turn(void *userdata)
{
	struct daemon *d = userdata;
	int running;

	if (sd_event_source_get_enabled(d->status, &running) != 0)
		return;
	(void)sd_event_source_set_time_relative(d->status, STATUS_USEC);
	(void)sd_event_source_set_enabled(d->status, SD_EVENT_ONESHOT);
}

/* Awake for this: what else is due soon needn't wake it again. */
static int on_watchdog(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;
	int r = manager_feed(source);

	recorder_awake(d->recorder);
	return r;
}

/* --- signals --- */

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info,
		   void *userdata)
{
	return sd_event_exit(userdata, 0);
}

/* What the command line or the start has settled stays as it is until a restart. */
static void say_what_needs_a_restart(const struct config *old, const struct config *new)
{
	if (old->source != new->source ||
	    old->receive_buffer_bytes != new->receive_buffer_bytes ||
	    old->format != new->format || old->manage != new->manage ||
	    old->track != new->track)
		say(LOG_NOTICE, "[Source], [Output] Format, [Rules] Manage or [Process] "
				"Track have changed: "
				"they take effect at the next restart");
}

static int load_config(struct daemon *d, struct config **config, struct reason *reason)
{
	int r = d->options->config_path
			? config_file_read(config, d->options->config_path, reason)
			: config_file_read_default(config, "", reason);

	return r < 0 ? r : options_apply(d->options, *config, reason);
}

static void reload(struct daemon *d)
{
	struct config *config = NULL, *old = d->config;
	struct reason reason = { "" };
	int r;

	r = load_config(d, &config, &reason);
	if (r == 0)
		r = recorder_reload(d->recorder, config, &reason);
	if (r < 0) {
		say(LOG_ERR, "%s; the old configuration stays", reason.text);
		config_free(config);
	} else {
		say_what_needs_a_restart(old, config);
		d->config = config;
		config_free(old);
		say(LOG_INFO, "read the configuration again");
	}
	output_flush(&d->output);
	r = sink_reopen(d->output.sink);
	if (r < 0)
		say(LOG_WARNING,
		    "can't open the output file again: %s; the old one stays",
		    strerror(-r));
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info,
		     void *userdata)
{
	struct daemon *d = userdata;

	manager_notify("RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_mono_usec());
	reload(d);
	recorder_end_turn(d->recorder);
	manager_notify("READY=1");
	return 0;
}

/* Comes back with the reason if it can't. The configuration is for the new program to
 * judge: it may be of its version. */
static void upgrade(struct daemon *d, struct reason *reason)
{
	int r;

	if (!d->keep || !d->program) {
		reason_set(reason, "%s", strerror(EOPNOTSUPP));
		return;
	}
	if (trial_run(d->program, d->options->argv, reason) < 0)
		return;
	manager_notify("RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_mono_usec());
	recorder_pause(d->recorder);
	r = handover_exec(d->keep, d->recorder, d->program, d->options->argv);
	reason_set(reason, "%s", strerror(-r));
	manager_notify("READY=1");
}

/* Becomes the program that is at our place now, which goes on. */
static int on_upgrade(sd_event_source *source, const struct signalfd_siginfo *info,
		      void *userdata)
{
	struct daemon *d = userdata;
	struct reason reason = { "" };

	upgrade(d, &reason);
	say(LOG_ERR, "can't start again as %s: %s; going on as this one",
	    d->program ? d->program : "another program", reason.text);
	recorder_end_turn(d->recorder);
	return 0;
}

/* --- start and stop --- */

static int make_loop(struct daemon *d)
{
	sigset_t signals;
	int r;

	/* The loop takes them by signalfd. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR2);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	r = sd_event_new(&d->loop);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGTERM, on_stop, d->loop);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGINT, on_stop, d->loop);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGHUP, on_reload, d);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGUSR2, on_upgrade, d);
	if (r >= 0)
		r = sd_event_add_time(d->loop, &d->status, CLOCK_MONOTONIC, 0, 0,
				      on_status, d);
	if (r >= 0)
		r = sd_event_source_set_enabled(d->status, SD_EVENT_OFF);
	if (r >= 0)
		r = manager_watch(d->loop, on_watchdog, d);
	return r;
}

static void make_keep(struct daemon *d)
{
	struct reason reason = { "" };
	int r = keep_new(&d->keep, &reason);

	if (reason.text[0])
		say(LOG_WARNING, "can't go on where the process before was: %s",
		    reason.text);
	if (r < 0)
		return;
	/* Other sources' records aren't kept by us, and nobody reads these any more. */
	if (d->config->source != SOURCE_MULTICAST) {
		if (keep_was_handed(d->keep))
			handover_forget();
		d->keep = keep_free(d->keep);
	}
	d->program = handover_program();
}

static int start(struct daemon *d, struct reason *reason)
{
	int r;

	r = make_loop(d);
	if (r < 0) {
		reason_set(reason, "can't make the event loop: %s", strerror(-r));
		return r;
	}
	make_keep(d);
	/* The output first: nothing of the host is changed when it can't be had. */
	r = output_new(&d->output, d->loop, d->config->format, reason);
	if (r == 0)
		r = recorder_start(&d->recorder, d->loop, d->config, &d->output, true,
				   d->keep, on_turn, d, reason);
	return r;
}

static void stop(struct daemon *d)
{
	manager_notify("STOPPING=1");
	/* Nobody says whether this is a restart. */
	if (d->stored && d->options->keep_rules)
		recorder_stop_for_now(d->recorder);
	else
		recorder_stop(d->recorder, d->options->keep_rules);
	send_status(d);
}

static void daemon_clear(struct daemon *d)
{
	sd_event_source_disable_unref(d->status);
	recorder_free(d->recorder);
	output_free(&d->output);
	keep_free(d->keep);
	free(d->program);
	config_free(d->config);
	sd_event_unref(d->loop);
}

int daemon_run(const struct options *options, struct config *config)
{
	struct daemon d = { .options = options, .config = config };
	struct reason reason = { "" };
	int status = EXIT_FAILURE;

	if (start(&d, &reason) < 0) {
		say(LOG_ERR, "%s", reason.text);
	} else {
		d.stored = handover_store(d.keep, d.recorder);
		recorder_say_ready(d.recorder);
		manager_notify("READY=1");
		send_status(&d);
		status = sd_event_loop(d.loop);
		if (status < 0) {
			say(LOG_ERR, "the event loop broke: %s", strerror(-status));
			status = EXIT_FAILURE;
		}
		stop(&d);
	}
	daemon_clear(&d);
	return status;
}
