/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/loss.h"

#include <string.h>

#define LOSS_DELAY_USEC 1000000

static int64_t add_saturated(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static void merge(struct loss *loss, enum trail_cause cause, enum trail_of of,
		  const struct loss_entry *more, int64_t now_usec)
{
	struct loss_entry *entry = &loss->entries[cause][of];

	if (!entry->used)
		*entry = (struct loss_entry){ true, 0, more->since_usec,
					      more->until_usec };
	if (more->since_usec < entry->since_usec)
		entry->since_usec = more->since_usec;
	if (more->until_usec > entry->until_usec)
		entry->until_usec = more->until_usec;
	entry->lost = add_saturated(entry->lost, more->lost);
	if (!loss->deadline_usec)
		loss->deadline_usec = add_saturated(now_usec, LOSS_DELAY_USEC);
}

void loss_add(struct loss *loss, enum trail_cause cause, enum trail_of of, int64_t n,
	      int64_t since_usec, int64_t until_usec, int64_t now_usec)
{
	const struct loss_entry entry = { true, n, since_usec, until_usec };

	merge(loss, cause, of, &entry, now_usec);
	loss->total[cause] = add_saturated(loss->total[cause], n);
	if (of == OF_EVENTS)
		loss->total_events = add_saturated(loss->total_events, n);
}

static int write_entry(const struct loss_entry *entry, enum trail_cause cause,
		       enum trail_of of, int64_t time_usec, loss_event_fn *event,
		       void *userdata)
{
	struct signal_event ev;

	event_init_trail(&ev, TRAIL_INCOMPLETE, time_usec);
	ev.trail.cause = cause;
	ev.trail.of = of;
	ev.trail.lost = entry->lost ? entry->lost : NUMBER_ABSENT;
	ev.trail.since_usec = entry->since_usec;
	ev.trail.until_usec = entry->until_usec;
	return event(&ev, userdata);
}

void loss_write(struct loss *loss, int64_t time_usec, int64_t now_usec,
		loss_event_fn *event, void *userdata)
{
	struct loss_entry entries[CAUSE_COUNT][OF_RECORDS + 1];

	if (now_usec < loss_deadline(loss) || !loss->deadline_usec)
		return;
	/* What is lost while this is written out belongs to the next time. */
	memcpy(entries, loss->entries, sizeof(entries));
	memset(loss->entries, 0, sizeof(loss->entries));
	loss->deadline_usec = 0;
	for (int cause = 0; cause < CAUSE_COUNT; cause++) {
		for (int of = 0; of <= OF_RECORDS; of++) {
			const struct loss_entry *entry = &entries[cause][of];

			if (entry->used &&
			    write_entry(entry, cause, of, time_usec, event, userdata) < 0)
				merge(loss, cause, of, entry, now_usec);
		}
	}
}

int64_t loss_deadline(const struct loss *loss)
{
	return loss->deadline_usec ? loss->deadline_usec : INT64_MAX;
}
