/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/capture.h"

#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "core/carry.h"
#include "core/number.h"
#include "trail/say.h"
#include "io/audit_status.h"
#include "io/hold.h"
#include "io/now.h"
#include "io/record_socket.h"
#include "io/source_multicast.h"
#include "io/source_unicast.h"
#include "io/survey.h"

#define MARKER_SIZE 64

struct marker {
	char text[MARKER_SIZE]; /* empty: not sent */
	bool seen;
};

struct capture {
	int audit_fd;
	struct hold *hold;
	struct rules_want want;
	struct marker begin;
	struct marker end;
	bool keep;
	bool since_boot; /* audit=1: the kernel keeps records for an audit daemon */
	bool counted;	 /* the next two are known */
	uint32_t lost;	 /* as the kernel counted when we looked last */
	uint32_t auditd; /* its pid then */
	int64_t since_usec;
	enum trail_unseen unseen;
	bool enabled_audit;
	bool rules_removed; /* of those that one before us has left */
	size_t rules_added;
	size_t rules_present;
};

static void say_what_is_not_seen(const struct hold_report *report, bool since_boot)
{
	if (report->enabled_audit)
		say(LOG_NOTICE,
		    "audit was off and is on now: processes older than this moment, PID "
		    "1 and "
		    "this shell among them, leave no record of the signals they send; a "
		    "new "
		    "login gives a shell that does, audit=1 on the kernel command line "
		    "covers all");
	else if (!since_boot)
		say(LOG_NOTICE,
		    "audit was switched on after boot (no audit=1 on the kernel command "
		    "line): PID 1 and other processes older than that leave no record of "
		    "the "
		    "signals they send");
	if (report->missing && report->immutable)
		say(LOG_WARNING,
		    "the audit rules are immutable until the next boot and %zu of ours "
		    "are "
		    "not loaded; not seen: %s",
		    report->missing,
		    report->uncovered[0] ? report->uncovered : "some forms");
	else if (report->missing)
		say(LOG_WARNING,
		    "Manage=no, and %zu of our rules are not loaded: load "
		    "40-sigtrail.rules "
		    "with auditctl -R; not seen: %s",
		    report->missing,
		    report->uncovered[0] ? report->uncovered : "some forms");
}

static void find_since(struct capture *c, const struct hold_report *report)
{
	c->unseen = UNSEEN_OLDER;
	c->since_usec = NUMBER_ABSENT;
	if (report->enabled_audit) {
		c->since_usec = now_read_usec(CLOCK_REALTIME);
	} else if (c->since_boot) {
		c->unseen = UNSEEN_NOTHING;
		c->since_usec =
			now_read_usec(CLOCK_REALTIME) - now_read_usec(CLOCK_BOOTTIME);
	}
}

/* The kernel's count goes on from here. */
static void begin_count(struct capture *c, const struct audit_state *state)
{
	c->counted = true;
	c->lost = state->lost;
	c->auditd = state->pid;
}

static int send_marker(const struct capture *c, struct marker *marker, const char *what)
{
	snprintf(marker->text, sizeof(marker->text), "sigtrail-%s=%ld-%lld", what,
		 (long)getpid(), (long long)random());
	return audit_log_user_message(c->audit_fd, AUDIT_USER, marker->text, NULL, NULL,
				      NULL, 1);
}

static int open_source(struct source **source, const struct config *config,
		       struct record_place *place, struct reason *reason)
{
	if (config->source == SOURCE_UNICAST)
		return source_unicast_new(source, config->receive_buffer_bytes, reason);
	if (!place)
		return source_multicast_new(source, config->receive_buffer_bytes, reason);
	return source_multicast_new_at(source, place, config->receive_buffer_bytes,
				       reason);
}

int capture_new(struct capture **capture, const struct config *config,
		struct record_place *place, struct source **source, struct reason *reason)
{
	struct rules_want want = rules_want_of(config);
	struct hold_report report;
	struct capture *c = calloc(1, sizeof(*c));
	int r;

	if (!c) {
		reason_set(reason, "out of memory");
		return -ENOMEM;
	}
	r = c->audit_fd = audit_status_open(reason);
	if (r >= 0)
		r = open_source(source, config, place, reason);
	if (r >= 0)
		r = hold_take(&c->hold, c->audit_fd, HOLD_RUNDIR, &want, config->manage,
			      &report, reason);
	if (r < 0) {
		*source = source_free(*source);
		capture_free(c);
		return r;
	}
	c->since_boot = audit_status_since_boot();
	say_what_is_not_seen(&report, c->since_boot);
	if (config->source == SOURCE_UNICAST)
		say(LOG_NOTICE,
		    "is this host's audit daemon now: the records that other rules make "
		    "come here too, and no log keeps them");
	find_since(c, &report);
	begin_count(c, &report.before);
	(void)send_marker(c, &c->begin, "begin");
	c->want = want;
	c->enabled_audit = report.enabled_audit;
	/* With another configuration there are others to add. If none is written down
	 * any more, somebody has unloaded them. */
	c->rules_removed = report.removed || (!report.left && report.added);
	c->rules_added = report.added;
	c->rules_present = report.present;
	*capture = c;
	return 0;
}

void capture_save(const struct capture *c, struct carry *carry)
{
	carry->counted = c->counted;
	carry->kernel_lost = c->lost;
	carry->auditd = c->auditd;
	carry->since_usec = c->since_usec;
	carry->unseen = c->unseen;
}

enum trail_cause capture_go_on(struct capture *c, const struct carry *carry)
{
	const bool was_off = c->enabled_audit;

	c->counted = carry->counted;
	c->lost = carry->kernel_lost;
	c->auditd = carry->auditd;
	c->since_usec = carry->since_usec;
	c->unseen = carry->unseen;
	if (was_off)
		return CAUSE_AUDIT_DISABLED;
	return c->rules_removed ? CAUSE_RULES_CHANGED : CAUSE_NONE;
}

void capture_say_ready(const struct capture *capture, const char *output)
{
	say(LOG_INFO, "ready: %zu audit rules added, %zu were loaded, lines to %s",
	    capture->rules_added, capture->rules_present, output);
}

void capture_say_replaced(pid_t successor)
{
	say(LOG_WARNING,
	    "process %d asks to be the audit daemon: that place is free now, and records "
	    "come by multicast from here on; the start that asked fails, the next one "
	    "succeeds",
	    (int)successor);
}

int64_t capture_since_usec(const struct capture *capture)
{
	return capture->since_usec;
}

enum trail_unseen capture_unseen(const struct capture *capture)
{
	return capture->unseen;
}

int capture_reload(struct capture *capture, const struct config *config,
		   struct reason *reason)
{
	struct rules_want want = rules_want_of(config);

	int r = hold_change(capture->hold, &want, reason);

	/* The new rules are in; what stays of the old ones goes at the end. */
	if (r > 0)
		say(LOG_WARNING, "%s", reason->text);
	if (r >= 0)
		capture->want = want;
	return r < 0 ? r : 0;
}

static bool contains(const struct bytes *body, const char *word)
{
	return memmem(body->data, body->len, word, strlen(word)) != NULL;
}

static void marker_look(struct marker *marker, const struct record *record)
{
	marker->seen |= marker->text[0] && contains(&record->body, marker->text);
}

void capture_see(struct capture *capture, const struct record *record)
{
	/* Switching audit on leaves no record (it was off), so our own never comes here:
	 * who sets it while it is on is somebody else (kernel/audit.c). */
	if (record->type == AUDIT_CONFIG_CHANGE &&
	    contains(&record->body, "op=set audit_enabled=1"))
		hold_enabled_by_other(capture->hold);
	if (record->type == AUDIT_USER) {
		marker_look(&capture->begin, record);
		marker_look(&capture->end, record);
	}
}

bool capture_begin_seen(const struct capture *capture)
{
	return capture->begin.seen;
}

void capture_mark(struct capture *capture)
{
	struct marker marker;

	(void)send_marker(capture, &marker, "overrun");
}

int capture_lost(struct capture *capture, uint32_t *lost)
{
	struct reason reason = { "" };
	struct audit_state state;
	bool keeps;
	int r;

	r = audit_status_read(capture->audit_fd, &state, &reason);
	if (r < 0)
		return r;
	keeps = capture->since_boot && (!state.pid || !capture->auditd);
	/* Less than before: somebody set it to 0 (auditctl --reset-lost). */
	*lost = state.lost < capture->lost ? state.lost : state.lost - capture->lost;
	if (keeps || !capture->counted)
		*lost = 0;
	capture->counted = true;
	capture->lost = state.lost;
	capture->auditd = state.pid;
	return 0;
}

int capture_survey(struct capture *capture, struct guard_found *found,
		   struct reason *reason)
{
	return survey_take(capture->audit_fd, &capture->want, found, reason);
}

int capture_put_back(struct capture *capture, bool rules, struct reason *reason)
{
	return hold_again(capture->hold, &capture->want, rules, reason);
}

void capture_enabled_by_other(struct capture *capture)
{
	hold_enabled_by_other(capture->hold);
}

void capture_rules_by_other(struct capture *capture)
{
	hold_rules_by_other(capture->hold, &capture->want);
}

void capture_end(struct capture *capture, bool keep)
{
	struct reason reason = { "" };

	capture->keep = keep;
	if (!keep && hold_withdraw(capture->hold, &reason) < 0)
		say(LOG_WARNING, "%s", reason.text);
	capture_mark_end(capture);
}

void capture_mark_end(struct capture *capture)
{
	if (send_marker(capture, &capture->end, "end") <= 0)
		say(LOG_INFO,
		    "can't mark the end of the records; waiting for the last ones");
}

bool capture_marker_seen(const struct capture *capture)
{
	return capture->end.seen;
}

struct capture *capture_free(struct capture *capture)
{
	struct reason reason = { "" };

	if (!capture)
		return NULL;
	if (capture->hold && hold_release(capture->hold, capture->keep, &reason) < 0)
		say(LOG_WARNING, "%s", reason.text);
	if (capture->audit_fd >= 0)
		close(capture->audit_fd);
	free(capture);
	return NULL;
}
