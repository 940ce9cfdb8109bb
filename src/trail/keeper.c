/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/keeper.h"

#include <errno.h>
#include <linux/audit.h>
#include <syslog.h>

#include "io/now.h"
#include "io/rules.h"
#include "trail/say.h"

/* Another of us that changes the rules for longer than this is stopped. */
#define BUSY_USEC INT64_C(5000000)

static int on_event(const struct signal_event *ev, void *userdata)
{
	struct keeper *keeper = userdata;

	return pipeline_say(keeper->pipeline, ev);
}

/* Once, until it works again. */
static void complain(struct keeper *keeper, const char *what, const struct reason *reason)
{
	if (!keeper->complained)
		say(LOG_WARNING, "%s: %s", what, reason->text);
	keeper->complained = true;
}

static bool look(struct keeper *keeper, struct guard_decision *decision)
{
	struct reason reason = { "" };
	struct guard_found found;
	int64_t now;
	int r;

	r = capture_survey(keeper->capture, &found, &reason);
	now = now_mono_usec();
	if (r < 0) {
		complain(keeper, "can't see if the rules are loaded", &reason);
		guard_failed(&keeper->guard, now);
		return false;
	}
	*decision = guard_found(&keeper->guard, &found, now);
	if (decision->enabled_by_other)
		capture_enabled_by_other(keeper->capture);
	if (decision->loaded_by_other)
		capture_rules_by_other(keeper->capture);
	if (decision->gave_up)
		say(LOG_WARNING,
		    "another program undoes what sigtrail needs of the kernel's audit "
		    "again and again: it is put back only once in a while from here on; "
		    "the trail says since when it has gaps, and auditctl -l and -s what "
		    "is set");
	if (decision->holds)
		say(LOG_NOTICE, "nobody undoes what sigtrail needs of the kernel's audit "
				"any more: it holds for a minute");
	return true;
}

/* Another of us is changing the rules: what is wrong may be right by then. */
static void put_off(struct keeper *keeper, const struct reason *reason)
{
	int64_t now = now_mono_usec();

	if (!keeper->busy_usec)
		keeper->busy_usec = now;
	if (now - keeper->busy_usec >= BUSY_USEC)
		complain(keeper, "can't put back what others changed", reason);
	guard_put_off(&keeper->guard, now);
}

static void put_back(struct keeper *keeper, bool rules)
{
	struct reason reason = { "" };
	struct guard_decision ignored;
	int r;

	r = capture_put_back(keeper->capture, rules, &reason);
	if (r == -EBUSY) {
		put_off(keeper, &reason);
		return;
	}
	keeper->busy_usec = 0;
	guard_put_back(&keeper->guard, now_mono_usec());
	if (r < 0)
		complain(keeper, "can't put back what others changed", &reason);
	else
		keeper->complained = false;
	(void)look(keeper, &ignored);
}

void keeper_start(struct keeper *keeper, struct capture *capture,
		  struct pipeline *pipeline, const struct config *config)
{
	const int64_t opened_usec = keeper->change_usec;

	*keeper = (struct keeper){ .capture = capture, .pipeline = pipeline };
	guard_init(&keeper->guard, config->guard, config->manage, RULES_KEY,
		   now_mono_usec());
	/* A socket that was kept has the records of the rules that were added now. */
	guard_ours(&keeper->guard, opened_usec, now_read_usec(CLOCK_REALTIME));
}

void keeper_see(struct keeper *keeper, const struct record *record)
{
	if (keeper->capture &&
	    (record->type == AUDIT_CONFIG_CHANGE || record->type == AUDIT_SYSCALL))
		guard_see(&keeper->guard, record,
			  record->type == AUDIT_SYSCALL ? 0 : now_mono_usec());
}

void keeper_missed(struct keeper *keeper)
{
	if (keeper->capture)
		guard_missed(&keeper->guard, now_mono_usec());
}

void keeper_begin_change(struct keeper *keeper)
{
	keeper->change_usec = now_read_usec(CLOCK_REALTIME);
}

void keeper_end_change(struct keeper *keeper, const struct config *config)
{
	guard_ours(&keeper->guard, keeper->change_usec, now_read_usec(CLOCK_REALTIME));
	guard_set(&keeper->guard, config->guard, config->manage);
}

void keeper_awake(struct keeper *keeper)
{
	if (keeper->capture)
		guard_awake(&keeper->guard, now_mono_usec());
}

void keeper_expire(struct keeper *keeper)
{
	int64_t now = now_mono_usec();
	struct guard_decision decision;

	if (!keeper->capture)
		return;
	if (guard_look_usec(&keeper->guard) <= now && look(keeper, &decision) &&
	    decision.put_back)
		put_back(keeper, decision.rules);
	guard_write(&keeper->guard, now_read_usec(CLOCK_REALTIME), now, on_event, keeper);
}

int64_t keeper_deadline(const struct keeper *keeper)
{
	return keeper->capture ? guard_deadline(&keeper->guard) : INT64_MAX;
}

void keeper_pause(struct keeper *keeper)
{
	struct guard_decision ignored;

	/* What was changed just now isn't settled, and whoever goes on hasn't seen it. */
	if (keeper->capture && look(keeper, &ignored))
		guard_finish(&keeper->guard, now_read_usec(CLOCK_REALTIME), on_event,
			     keeper);
}

void keeper_end(struct keeper *keeper)
{
	if (keeper->capture)
		guard_finish(&keeper->guard, now_read_usec(CLOCK_REALTIME), on_event,
			     keeper);
	keeper->capture = NULL;
}
