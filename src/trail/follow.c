/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/follow.h"

#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>
#include <time.h>

#include "trail/say.h"
#include "io/procconn.h"

/* How long forks and exits are left to gather: a wake-up for each would cost most of
 * what following costs. */
#define PATIENCE_USEC 50000
/* How long a new image's command line is left unread: most short lives end unread,
 * and a busy host's next turn comes sooner. */
#define REST_USEC 20000

static void say_overruns(struct follow *f)
{
	uint64_t overruns = identity_counts(f->identity).overruns;

	if (overruns > f->overruns)
		say(LOG_WARNING,
		    "the process connector overran: forks and execs were missed, and "
		    "some signals will be told without program, unit and ancestors");
	f->overruns = overruns;
}

static void start_timer(sd_event_source *timer, uint64_t usec)
{
	uint64_t now;

	if (timer &&
	    sd_event_now(sd_event_source_get_event(timer), CLOCK_MONOTONIC, &now) >= 0) {
		(void)sd_event_source_set_time(timer, now + usec);
		(void)sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
	}
}

/* Once set off it isn't put off by the turns until then. */
static void arrange_rest(struct follow *f)
{
	if (f->rest && identity_waits(f->identity) &&
	    sd_event_source_get_enabled(f->rest, NULL) == 0)
		start_timer(f->rest, REST_USEC);
}

static void read_processes(struct follow *f)
{
	int r = identity_read(f->identity);

	say_overruns(f);
	if (r < 0) {
		say(LOG_ERR, "can't follow processes any more: %s", strerror(-r));
		follow_stop(f);
	}
	arrange_rest(f);
}

/* The loop's first turn: the service manager needn't wait for it, and whatever comes
 * meanwhile waits in the sockets. */
static int on_begin(sd_event_source *source, void *userdata)
{
	struct follow *f = userdata;

	identity_scan(f->identity);
	return 0;
}

/* Somebody has a new image. */
static int on_alarm(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct follow *f = userdata;

	/* First: an exec that comes while we read sets it off again. */
	identity_quiet(f->identity);
	read_processes(f);
	return 0;
}

/* Forks and exits can wait. */
static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct follow *f = userdata;
	uint64_t now = 0;

	read_processes(f);
	(void)sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &now);
	/* One now and then needs no second turn. */
	if (now - f->read_usec < PATIENCE_USEC && f->patience) {
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
		start_timer(f->patience, PATIENCE_USEC);
	}
	f->read_usec = now;
	return 0;
}

static int on_rest(sd_event_source *source, uint64_t usec, void *userdata)
{
	read_processes(userdata);
	return 0;
}

static int on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct follow *f = userdata;

	return sd_event_source_set_enabled(f->readable, SD_EVENT_ON);
}

static int add_timer(sd_event *loop, sd_event_source **timer, uint64_t accuracy_usec,
		     sd_event_time_handler_t handler, struct follow *f)
{
	int r = sd_event_add_time(loop, timer, CLOCK_MONOTONIC, 0, accuracy_usec, handler,
				  f);

	return r < 0 ? r : sd_event_source_set_enabled(*timer, SD_EVENT_OFF);
}

static int watch(struct follow *f, sd_event *loop)
{
	int r;

	r = sd_event_add_defer(loop, &f->scan, on_begin, f);
	if (r >= 0)
		r = sd_event_source_set_priority(f->scan,
						 SD_EVENT_PRIORITY_IMPORTANT - 1);
	if (r >= 0)
		r = add_timer(loop, &f->patience, PATIENCE_USEC / 4, on_patience, f);
	if (r >= 0)
		r = add_timer(loop, &f->rest, REST_USEC / 4, on_rest, f);
	if (r >= 0)
		r = sd_event_add_io(loop, &f->readable, identity_fd(f->identity), EPOLLIN,
				    on_readable, f);
	if (r >= 0)
		r = sd_event_add_io(loop, &f->alarm, identity_alarm_fd(f->identity),
				    EPOLLIN, on_alarm, f);
	/* What has a new image may not live for long. */
	if (r >= 0)
		r = sd_event_source_set_priority(f->alarm, SD_EVENT_PRIORITY_IMPORTANT);
	return r;
}

static int get_connector(struct procconn **conn, struct keep *keep, struct reason *reason)
{
	int fd = keep ? keep_take(keep, KEEP_PROCESSES) : -1;
	int alarm_fd = keep ? keep_take(keep, KEEP_ALARM) : -1;

	if (fd >= 0 && alarm_fd >= 0 && procconn_take_up(conn, fd, alarm_fd, reason) == 0)
		return 0;
	return procconn_new(conn, reason);
}

void follow_start(struct follow *f, sd_event *loop, struct pipeline *pipeline,
		  const struct config *config, struct keep *keep)
{
	struct procconn *conn = NULL;
	struct reason reason = { "" };
	int r;

	f->identity = pipeline_identity(pipeline);
	if (!config->track) {
		say(LOG_NOTICE, "processes are looked up in /proc alone ([Process] "
				"Track=no): little is known of those that are gone");
		return;
	}
	r = get_connector(&conn, keep, &reason);
	if (r == 0) {
		reason_set(&reason, "out of memory");
		r = pipeline_follow(pipeline, conn);
	}
	if (r == 0)
		r = watch(f, loop);
	if (r < 0)
		say(LOG_WARNING,
		    "can't follow processes, which are looked up in /proc alone, so that "
		    "little is known of those that are gone: process connector: %s",
		    reason.text);
}

void follow_stop(struct follow *f)
{
	f->scan = sd_event_source_disable_unref(f->scan);
	f->alarm = sd_event_source_disable_unref(f->alarm);
	f->readable = sd_event_source_disable_unref(f->readable);
	f->patience = sd_event_source_disable_unref(f->patience);
	f->rest = sd_event_source_disable_unref(f->rest);
}
