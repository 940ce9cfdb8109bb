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

static void say_overruns(struct follow *f)
{
	uint64_t overruns = identity_counts(f->identity).overruns;

	if (overruns > f->overruns)
		say(LOG_WARNING,
		    "the process connector overran: forks and execs were missed, and "
		    "some signals will be told without program, unit and ancestors");
	f->overruns = overruns;
}

static void read_processes(struct follow *f)
{
	int r = identity_read(f->identity);

	say_overruns(f);
	if (r < 0) {
		say(LOG_ERR, "can't follow processes any more: %s", strerror(-r));
		follow_stop(f);
	}
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
	uint64_t now;

	read_processes(f);
	if (!f->patience ||
	    sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &now) < 0)
		return 0;
	(void)sd_event_source_set_time(f->patience, now + PATIENCE_USEC);
	(void)sd_event_source_set_enabled(f->patience, SD_EVENT_ONESHOT);
	return 0;
}

static int on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct follow *f = userdata;

	return sd_event_source_set_enabled(f->readable, SD_EVENT_ONESHOT);
}

static int watch(struct follow *f, sd_event *loop)
{
	int r;

	r = sd_event_add_time(loop, &f->patience, CLOCK_MONOTONIC, 0, PATIENCE_USEC / 4,
			      on_patience, f);
	if (r >= 0)
		r = sd_event_source_set_enabled(f->patience, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_io(loop, &f->readable, identity_fd(f->identity), EPOLLIN,
				    on_readable, f);
	if (r >= 0)
		r = sd_event_source_set_enabled(f->readable, SD_EVENT_ONESHOT);
	if (r >= 0)
		r = sd_event_add_io(loop, &f->alarm, identity_alarm_fd(f->identity),
				    EPOLLIN, on_alarm, f);
	/* What has a new image may not live for long. */
	if (r >= 0)
		r = sd_event_source_set_priority(f->alarm, SD_EVENT_PRIORITY_IMPORTANT);
	return r;
}

void follow_start(struct follow *f, sd_event *loop, struct pipeline *pipeline,
		  const struct config *config)
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
	r = procconn_new(&conn, &reason);
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
	f->alarm = sd_event_source_disable_unref(f->alarm);
	f->readable = sd_event_source_disable_unref(f->readable);
	f->patience = sd_event_source_disable_unref(f->patience);
}
