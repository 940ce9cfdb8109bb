/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <syslog.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "daemon/capture.h"
#include "daemon/manager.h"
#include "daemon/follow.h"
#include "daemon/output.h"
#include "daemon/pipeline.h"
#include "daemon/say.h"
#include "io/config_file.h"
#include "io/privileges.h"
#include "io/source_multicast.h"
#include "io/source_stdin.h"

/* Batches that are read before timers and signals get their turn. */
#define BATCHES_A_TURN 16
/* Under load records are left to gather for so long, since each turn has its price. */
#define PATIENCE_USEC	    2000
#define STATUS_USEC	    1000000
#define TIMER_ACCURACY_USEC 20000
#define OUTPUT_RETRY_USEC   1000000
/* How long the last record may take from the kernel's queue to us. */
#define DRAIN_USEC 200000
/* Other owners' records may come without end. */
#define DRAIN_MAX_USEC 10000000

struct daemon {
	const struct options *options;
	struct config *config;
	sd_event *loop;
	sd_event_source *readable;
	sd_event_source *timer;
	sd_event_source *patience; /* running while the source isn't watched */
	int64_t turn_usec;	   /* when records were read last */
	struct capture *capture;   /* NULL: records come on standard input */
	struct source *source;
	struct output output;
	struct pipeline *pipeline;
	struct follow follow;
	int64_t status_due_usec; /* INT64_MAX: nothing has changed */
	uint64_t forged;	 /* what was said of the source's counts */
};

static int64_t now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- reading
 * ---------------------------------------------------------------------------- */

static void on_record(const struct record *record, void *userdata)
{
	struct daemon *d = userdata;

	if (d->capture)
		capture_see(d->capture, record);
	pipeline_record(d->pipeline, record);
}

/* Reads one batch; what source_read() gave. */
static int read_batch(struct daemon *d)
{
	uint64_t lost = d->source->counts.lost;
	int r;

	pipeline_begin_batch(d->pipeline, now_usec());
	r = source_read(d->source, on_record, d);
	if (r == -ENOBUFS)
		pipeline_lost(d->pipeline, CAUSE_SOCKET_OVERRUN, OF_RECORDS,
			      d->source->counts.lost - lost);
	if (d->source->counts.forged > d->forged) {
		pipeline_lost(d->pipeline, CAUSE_FORGED, OF_RECORDS,
			      d->source->counts.forged - d->forged);
		d->forged = d->source->counts.forged;
	}
	return r;
}

/* --- what is due
 * --------------------------------------------------------------------------- */

static void send_status(struct daemon *d)
{
	const struct pipeline_counts *counts = pipeline_counts(d->pipeline);
	const struct identity_counts processes =
		identity_counts(pipeline_identity(d->pipeline));

	manager_notify(
		"STATUS=%llu signals and %llu deaths seen, %llu ignored, %llu lines "
		"written, %llu records or events lost, %llu malformed, %llu forged; "
		"%llu processes known, %llu overruns of their connector, %llu evicted, "
		"%llu ambiguous",
		(unsigned long long)counts->signals, (unsigned long long)counts->deaths,
		(unsigned long long)counts->ignored,
		(unsigned long long)d->output.sink->written,
		(unsigned long long)counts->lost,
		(unsigned long long)d->source->counts.malformed,
		(unsigned long long)d->source->counts.forged,
		(unsigned long long)processes.processes,
		(unsigned long long)processes.overruns,
		(unsigned long long)processes.evicted,
		(unsigned long long)processes.ambiguous);
	d->status_due_usec = INT64_MAX;
}

/* One timer for all that is due some time; none when nothing is, so that an idle host
 * sleeps. */
static void arm_timer(struct daemon *d)
{
	int64_t due = pipeline_deadline(d->pipeline);

	if (d->status_due_usec < due)
		due = d->status_due_usec;
	if (d->output.waiting && now_usec() + OUTPUT_RETRY_USEC < due)
		due = now_usec() + OUTPUT_RETRY_USEC;
	if (due == INT64_MAX) {
		(void)sd_event_source_set_enabled(d->timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(d->timer, (uint64_t)due);
	(void)sd_event_source_set_enabled(d->timer, SD_EVENT_ONESHOT);
}

/* After every turn: what is due is done, lines go out, the timer is set. */
static void end_turn(struct daemon *d)
{
	int64_t now = now_usec();

	if (pipeline_deadline(d->pipeline) <= now)
		pipeline_expire(d->pipeline, now);
	if (d->capture)
		/* A filter that can't be changed costs time, nothing else. */
		(void)source_multicast_want_eoe(d->source,
						!pipeline_sees_proctitles(d->pipeline));
	output_flush(&d->output);
	if (d->status_due_usec <= now)
		send_status(d);
	arm_timer(d);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	end_turn(userdata);
	return 0;
}

/* A turn soon after the last one is load: the next comes a little later. A signal on an
 * idle host is never kept waiting. */
static void be_patient(struct daemon *d)
{
	int64_t now = now_usec();
	bool busy = now - d->turn_usec < 2 * PATIENCE_USEC;

	d->turn_usec = now;
	if (!busy || !d->patience)
		return;
	if (sd_event_source_set_time(d->patience, (uint64_t)(now + PATIENCE_USEC)) < 0 ||
	    sd_event_source_set_enabled(d->patience, SD_EVENT_ONESHOT) < 0)
		return;
	(void)sd_event_source_set_enabled(d->readable, SD_EVENT_OFF);
}

static int on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;

	return sd_event_source_set_enabled(d->readable, SD_EVENT_ON);
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	int r = 0;

	for (int i = 0; i < BATCHES_A_TURN; i++) {
		r = read_batch(d);
		if (r <= 0 && r != -ENOBUFS)
			break;
	}
	if (d->status_due_usec == INT64_MAX)
		d->status_due_usec = now_usec() + STATUS_USEC;
	end_turn(d);
	if (r == -EAGAIN)
		be_patient(d);
	if (r == 0)
		return sd_event_exit(d->loop, 0);
	if (r < 0 && r != -EAGAIN && r != -ENOBUFS) {
		say(LOG_ERR, "can't read audit records: %s", strerror(-r));
		return sd_event_exit(d->loop, 1);
	}
	return 0;
}

/* The same for a file, which is always readable. */
static int on_file_turn(sd_event_source *source, void *userdata)
{
	return on_readable(source, STDIN_FILENO, EPOLLIN, userdata);
}

/* --- signals
 * ------------------------------------------------------------------------------ */

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
	if (r == 0 && d->capture)
		r = capture_reload(d->capture, config, &reason);
	if (r < 0) {
		say(LOG_ERR, "%s; the old configuration stays", reason.text);
		config_free(config);
	} else {
		say_what_needs_a_restart(old, config);
		d->config = config;
		pipeline_set_config(d->pipeline, config);
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

	manager_notify("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now_usec());
	reload(d);
	end_turn(d);
	manager_notify("READY=1");
	return 0;
}

/* --- start and stop
 * ------------------------------------------------------------------------ */

static int make_loop(struct daemon *d)
{
	sigset_t signals;
	int r;

	/* The loop takes them by signalfd. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
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
		r = sd_event_add_time(d->loop, &d->timer, CLOCK_MONOTONIC, 0,
				      TIMER_ACCURACY_USEC, on_timer, d);
	if (r >= 0)
		r = sd_event_source_set_enabled(d->timer, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_time(d->loop, &d->patience, CLOCK_MONOTONIC, 0, 1,
				      on_patience, d);
	if (r >= 0)
		r = sd_event_source_set_enabled(d->patience, SD_EVENT_OFF);
	if (r >= 0)
		r = manager_watch(d->loop);
	return r;
}

static int open_source(struct daemon *d, struct reason *reason)
{
	int r;

	if (d->config->source == SOURCE_STDIN) {
		r = source_stdin_new(&d->source, STDIN_FILENO);
		if (r < 0)
			reason_set(reason, "out of memory");
		return r;
	}
	r = privileges_check(reason);
	if (r == 0)
		r = capture_new(&d->capture, d->config, &d->source, reason);
	if (r == 0 && d->config->track)
		privileges_hasten();
	if (r == 0)
		r = privileges_drop(reason);
	return r;
}

static int start(struct daemon *d, struct reason *reason)
{
	int r;

	r = make_loop(d);
	if (r < 0) {
		reason_set(reason, "can't make the event loop: %s", strerror(-r));
		return r;
	}
	/* The output first: nothing of the host is changed when it can't be had. */
	r = output_new(&d->output, d->loop, d->config->format, reason);
	if (r == 0)
		r = open_source(d, reason);
	if (r < 0)
		return r;
	r = pipeline_new(&d->pipeline, d->config, d->output.sink, JOIN_LIVE);
	if (r < 0) {
		reason_set(reason, "can't make the pipeline: %s", strerror(-r));
		return r;
	}
	if (d->capture)
		follow_start(&d->follow, d->loop, d->pipeline, d->config);
	pipeline_trail(d->pipeline, TRAIL_STARTED);
	output_flush(&d->output);
	r = sd_event_add_io(d->loop, &d->readable, d->source->fd, EPOLLIN, on_readable,
			    d);
	/* A file is always readable, and epoll won't have it. */
	if (r == -EPERM) {
		r = sd_event_add_defer(d->loop, &d->readable, on_file_turn, d);
		if (r >= 0)
			r = sd_event_source_set_enabled(d->readable, SD_EVENT_ON);
	}
	if (r < 0)
		reason_set(reason, "can't watch the source: %s", strerror(-r));
	return r;
}

/* Takes the rules out and reads what they gave until our marker comes, or nothing for 200
 * ms. */
static void drain_source(struct daemon *d)
{
	int64_t end = now_usec() + DRAIN_MAX_USEC, give_up = now_usec() + DRAIN_USEC;

	capture_end(d->capture, d->options->keep_rules);
	while (!capture_marker_seen(d->capture) && now_usec() < give_up) {
		struct pollfd p = { d->source->fd, POLLIN, 0 };
		int r = read_batch(d);

		output_flush(&d->output);
		if (r > 0 || r == -ENOBUFS)
			give_up = now_usec() + DRAIN_USEC;
		else if (r == -EAGAIN)
			(void)poll(&p, 1, DRAIN_USEC / 1000);
		else
			return;
		if (now_usec() > end) {
			say(LOG_WARNING,
			    "gave up reading the last records: others' come faster");
			return;
		}
	}
}

static void say_ready(const struct daemon *d)
{
	if (d->capture)
		capture_say_ready(d->capture, d->output.name);
	else
		say(LOG_INFO, "ready: records from standard input, lines to %s",
		    d->output.name);
}

static void stop(struct daemon *d)
{
	manager_notify("STOPPING=1");
	if (d->capture)
		drain_source(d);
	pipeline_finish(d->pipeline);
	pipeline_trail(d->pipeline, TRAIL_STOPPED);
	output_drain(&d->output);
	send_status(d);
}

static void daemon_clear(struct daemon *d)
{
	sd_event_source_disable_unref(d->readable);
	sd_event_source_disable_unref(d->timer);
	sd_event_source_disable_unref(d->patience);
	follow_stop(&d->follow);
	pipeline_free(d->pipeline);
	output_free(&d->output);
	/* Last: with this the host is as it was. */
	capture_free(d->capture);
	source_free(d->source);
	config_free(d->config);
	sd_event_unref(d->loop);
}

int daemon_run(const struct options *options, struct config *config)
{
	struct daemon d = { .options = options,
			    .config = config,
			    .status_due_usec = INT64_MAX };
	struct reason reason = { "" };
	int status = EXIT_FAILURE;

	if (start(&d, &reason) < 0) {
		say(LOG_ERR, "%s", reason.text);
	} else {
		say_ready(&d);
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
