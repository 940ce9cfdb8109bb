/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/review_life.h"

#include <string.h>

/* A simple service's process runs before the manager says that it started. */
#define HEAD_START_USEC 1000000
/* What the manager and the kernel say of the OOM killer may come after the end is told.
 */
#define AFTERMATH_USEC 5000000

static const struct life unborn = { .start_usec = NUMBER_ABSENT,
				    .from_usec = NUMBER_ABSENT };

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* A start that was refused is no end. */
static bool is_end(const struct ending *e, const struct life *life)
{
	switch (e->kind) {
	case ENDING_MAIN_ENDED:
		return !life->end;
	case ENDING_SUCCEEDED:
		return !life->end;
	case ENDING_FAILED:
		return !life->end && !same(e->result, "start-limit-hit") &&
		       !same(e->result, "resources") &&
		       !same(e->result, "exec-condition");
	case ENDING_STOPPED:
		return !life->end && life->stopping;
	default:
		return false;
	}
}

static void begin(struct lives *lives, struct life *now, const struct review_item *item)
{
	int64_t from = item->time_usec - HEAD_START_USEC;

	if (now->end) {
		lives->last = *now;
		if (from < now->end->time_usec)
			from = now->end->time_usec;
		*now = unborn;
	}
	if (!number_known(now->start_usec)) {
		now->start_usec = item->time_usec;
		now->from_usec = from;
	}
	lives->again_usec = now->start_usec;
}

static void ends(struct lives *lives, struct life *now, const struct ending *e)
{
	now->end = e;
	lives->n_ends++;
	lives->again_usec = NUMBER_ABSENT;
}

static bool is_in_time(const struct life *now, const struct ending *e)
{
	return !now->end || e->time_usec <= now->end->time_usec + AFTERMATH_USEC;
}

/* What happened on the way to the end. */
static void note(struct life *now, const struct ending *e)
{
	if (e->kind == ENDING_UNIT_OOM && is_in_time(now, e))
		now->unit_oom = e;
	if (now->end)
		return;
	switch (e->kind) {
	case ENDING_STOPPING:
		now->stopping = e;
		break;
	case ENDING_WATCHDOG:
	case ENDING_RUNTIME_MAX:
	case ENDING_START_TIMEOUT:
		now->limit = e;
		break;
	case ENDING_STOP_TIMEOUT:
		now->timeout = e;
		break;
	case ENDING_CLIENT_KILLS:
		now->client = e;
		break;
	case ENDING_MANAGER_KILLS:
		if (!now->kill)
			now->kill = e;
		break;
	default:
		break;
	}
}

static void read_one(struct lives *lives, struct life *now,
		     const struct review_item *item)
{
	const struct ending *e = &item->ending;

	if (e->kind == ENDING_STARTING || e->kind == ENDING_STARTED)
		begin(lives, now, item);
	if (is_end(e, now))
		ends(lives, now, e);
	if (e->kind == ENDING_FAILED && now->end && !now->result)
		now->result = e->result;
	note(now, e);
}

/* A user's unit may have the name of one of the system's. */
static bool is_owner(const struct review_subject *subject, const struct ending *e)
{
	return !subject->is_owned || e->owner == subject->owner;
}

/* The kernel's choice of a process of this unit. */
static bool is_oom(const struct ending *e, const char *unit)
{
	return e->kind == ENDING_OOM_CHOICE && ending_memcg_in_unit(e->memcg, unit);
}

void lives_read(struct lives *lives, const struct review *review, const char *unit,
		int64_t after_usec)
{
	struct life now = unborn;

	*lives = (struct lives){ .last = unborn, .again_usec = NUMBER_ABSENT };
	for (size_t i = 0; i < review->n_items; i++) {
		const struct review_item *item = &review->items[i];
		const struct ending *e = &item->ending;

		if (!e->kind)
			continue;
		if (is_oom(e, unit) && is_in_time(&now, e))
			now.oom = e;
		if (item->context || !same(e->unit, unit) ||
		    !is_owner(&review->subject, e))
			continue;
		/* The one that was asked for is over. */
		if ((e->kind == ENDING_STARTING || e->kind == ENDING_STARTED) &&
		    number_known(after_usec) && now.end &&
		    now.end->time_usec >= after_usec) {
			lives->again_usec = item->time_usec;
			break;
		}
		read_one(lives, &now, item);
	}
	if (now.end)
		lives->last = now;
}
