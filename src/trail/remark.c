/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/remark.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "core/notes.h"
#include "trail/say.h"
#include "io/pidfiles.h"
#include "io/procfs.h"
#include "io/units.h"

#define USEC_PER_SEC 1000000
/* Where a build makes thousands of files in /tmp, the kernel's list of changes is full
 * after a while. */
#define READ_CHANGES_USEC USEC_PER_SEC

struct remark {
	int proc_fd;
	int64_t ticks_per_sec;
	struct notes *notes;
	struct units *units;
	struct pidfiles *pidfiles;
	char *globs[CONFIG_PID_FILES_MAX]; /* of pidfiles */
	size_t n_globs;
	int64_t deadline_usec;
	int64_t read_usec; /* CLOCK_BOOTTIME, the changes of pidfiles */
	bool said;	   /* what is passed over */
	/* CLOCK_REALTIME less CLOCK_BOOTTIME, the least seen: before the wall clock was
	 * set forward, files got times by the old one. */
	int64_t offset_usec;
	int64_t boottime_usec;
};

static void clear_globs(char **globs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(globs[i]);
}

static bool same_globs(const struct remark *r, const struct config *config)
{
	if (r->n_globs != config->n_pid_files)
		return false;
	for (size_t i = 0; i < r->n_globs; i++) {
		if (strcmp(r->globs[i], config->pid_files[i]) != 0)
			return false;
	}
	return true;
}

static void say_what_is_passed_over(const struct remark *r)
{
	const struct pidfiles_counts *c = pidfiles_counts(r->pidfiles);

	if (c->places || c->files || c->entries || c->slow)
		say(LOG_NOTICE,
		    "[Process] PidFiles names more than is looked at: %llu directories "
		    "and %llu files are too many, %llu directories are too large, %llu "
		    "directories and files are on file systems that may not answer",
		    (unsigned long long)c->places, (unsigned long long)c->files,
		    (unsigned long long)c->entries, (unsigned long long)c->slow);
}

void remark_expire(struct remark *r)
{
	if (r->deadline_usec == INT64_MAX)
		return;
	r->deadline_usec = pidfiles_update(r->pidfiles);
	if (r->deadline_usec == INT64_MAX && !r->said) {
		say_what_is_passed_over(r);
		r->said = true;
	}
}

int64_t remark_deadline(const struct remark *r)
{
	return r->deadline_usec;
}

int remark_set_config(struct remark *r, const struct config *config)
{
	struct pidfiles *pidfiles = NULL;
	char *globs[CONFIG_PID_FILES_MAX];
	size_t n = 0;
	int ret;

	if (r->pidfiles && same_globs(r, config))
		return 0;
	ret = pidfiles_new(&pidfiles, (const char *const *)config->pid_files,
			   config->n_pid_files, PIDFILES_BUDGET_USEC);
	while (ret == 0 && n < config->n_pid_files) {
		globs[n] = strdup(config->pid_files[n]);
		if (globs[n])
			n++;
		else
			ret = -ENOMEM;
	}
	if (ret < 0) {
		clear_globs(globs, n);
		pidfiles_free(pidfiles);
		return ret;
	}
	clear_globs(r->globs, r->n_globs);
	memcpy(r->globs, globs, n * sizeof(*globs));
	r->n_globs = n;
	pidfiles_free(r->pidfiles);
	r->pidfiles = pidfiles;
	r->deadline_usec = pidfiles_deadline(pidfiles);
	r->said = false;
	return 0;
}

int remark_new(struct remark **remark, int proc_fd, const struct config *config)
{
	struct remark *r = calloc(1, sizeof(*r));
	long ticks = sysconf(_SC_CLK_TCK);
	int ret;

	if (!r)
		return -ENOMEM;
	r->proc_fd = proc_fd;
	r->ticks_per_sec = ticks > 0 ? ticks : 100;
	r->offset_usec = INT64_MAX;
	ret = notes_new(&r->notes);
	if (ret == 0)
		ret = units_new(&r->units, "");
	if (ret == 0)
		ret = remark_set_config(r, config);
	if (ret < 0)
		remark_free(r);
	else
		*remark = r;
	return ret;
}

struct remark *remark_free(struct remark *r)
{
	if (!r)
		return NULL;
	clear_globs(r->globs, r->n_globs);
	pidfiles_free(r->pidfiles);
	units_free(r->units);
	notes_free(r->notes);
	free(r);
	return NULL;
}

void remark_begin_batch(struct remark *r, int64_t realtime_usec, int64_t boottime_usec)
{
	int64_t offset = realtime_usec - boottime_usec;

	if (offset < r->offset_usec)
		r->offset_usec = offset;
	r->boottime_usec = boottime_usec;
	if (boottime_usec - r->read_usec >= READ_CHANGES_USEC) {
		r->read_usec = boottime_usec;
		pidfiles_read_changes(r->pidfiles);
		r->deadline_usec = pidfiles_deadline(r->pidfiles);
	}
}

/* When the process or thread that has the number began. Where the thread is gone: its
 * process's start, which was before. */
static int64_t start_of_number(const struct remark *r, const struct signal_event *ev)
{
	int64_t start = ev->target.start_usec;
	struct proc_stat stat;

	if (!ev->has_target || !number_known(start) || r->offset_usec == INT64_MAX)
		return NUMBER_ABSENT;
	if (number_known(ev->target.tid) && ev->target.tid != ev->target.pid &&
	    procfs_thread_stat(r->proc_fd, (pid_t)ev->target.pid, (pid_t)ev->target.tid,
			       &stat) == 0)
		start = (int64_t)(stat.start_ticks * USEC_PER_SEC /
				  (uint64_t)r->ticks_per_sec);
	return r->offset_usec + start;
}

/* The PID files that hold the number, the one of the sender's unit first. */
static size_t find_files(struct remark *r, const struct signal_event *ev,
			 struct note_file files[PIDFILES_FOUND_MAX + 1])
{
	struct unit_facts unit = units_find(r->units, ev->sender.unit, r->boottime_usec);
	struct pidfile found[PIDFILES_FOUND_MAX];
	int64_t number, mtime_usec;
	size_t n = 0, n_found;

	if (unit.pid_file &&
	    pidfiles_read(r->pidfiles, unit.pid_file, &number, &mtime_usec) == 0 &&
	    number == ev->argument)
		files[n++] = (struct note_file){ unit.pid_file, mtime_usec, true };
	n_found = pidfiles_find(r->pidfiles, ev->argument, found);
	r->deadline_usec = pidfiles_deadline(r->pidfiles);
	for (size_t i = 0; i < n_found; i++)
		files[n++] =
			(struct note_file){ found[i].path, found[i].mtime_usec, false };
	return n;
}

/* May this be the signal that ends a unit? SIGTERM and SIGKILL need no look. */
static bool may_be_stop_signal(const struct signal_event *ev)
{
	switch (ev->signo) {
	case SIGTERM:
	case SIGKILL:
	case SIGCHLD:
	case SIGURG:
	case SIGCONT:
		return false;
	default:
		return ev->has_target && ev->result == 0;
	}
}

void remark_event(struct remark *r, struct signal_event *ev)
{
	struct note_file files[PIDFILES_FOUND_MAX + 1];
	struct note_facts facts = { .files = files, .number_start_usec = NUMBER_ABSENT };

	if (ev->kind != EVENT_SIGNAL)
		return;
	if (notes_may_be_stale(ev)) {
		facts.n_files = find_files(r, ev, files);
		if (facts.n_files)
			facts.number_start_usec = start_of_number(r, ev);
	}
	/* Unit files are of this host. */
	if (!ev->node && may_be_stop_signal(ev))
		facts.stop_signal =
			units_find(r->units, ev->target.unit, r->boottime_usec)
				.stop_signal;
	notes_add(r->notes, ev, &facts);
}
