/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/review.h"

#define SEC 1000000LL
/* Where no start is known. */
#define STORY_USEC (3600 * SEC)
/* What belongs to an end and is told after it. */
#define AFTERMATH_USEC (5 * SEC)
/* A signal's stamp is coarse, and a process may run before its start is told. */
#define EARLY_USEC (SEC / 10)

bool review_tells(const struct review_item *item, const struct verdict *v)
{
	int64_t end =
		number_known(v->end_usec) ? v->end_usec + AFTERMATH_USEC : INT64_MAX;
	bool early = number_known(v->start_usec) &&
		     item->time_usec < v->start_usec - (item->event ? EARLY_USEC : 0);

	/* The kernel's line may be told late. */
	if (item->context && item->ending.kind)
		return &item->ending == v->oom;
	if (item->time_usec > end || early)
		return false;
	if (!item->context)
		return number_known(v->start_usec) || !number_known(v->end_usec) ||
		       item->time_usec >= v->end_usec - STORY_USEC;
	return number_known(v->window_usec) && item->time_usec >= v->window_usec;
}

const char *verdict_name(enum verdict_word word)
{
	static const char *const names[] = {
		[VERDICT_NOTHING_KNOWN] = "nothing-known",
		[VERDICT_NO_SUCH] = "no-such",
		[VERDICT_ALIVE] = "alive",
		[VERDICT_KILLED_BY] = "killed-by",
		[VERDICT_EXIT_AFTER_SIGNAL] = "exit-after-signal",
		[VERDICT_OWN_EXIT] = "own-exit",
		[VERDICT_UNKNOWN_GAP] = "unknown-gap",
		[VERDICT_STOPPED_BY_MANAGER] = "stopped-by-manager",
		[VERDICT_STOP_TIMEOUT] = "stop-timeout",
		[VERDICT_WRONG_NUMBER] = "wrong-number",
		[VERDICT_CRASHED] = "crashed",
		[VERDICT_OOM] = "oom",
	};

	return names[word];
}
