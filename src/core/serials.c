/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/serials.h"

#include <string.h>

/* How far a is ahead of b, over the wrap. */
static int32_t ahead(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

uint64_t serial_hole_size(const struct serial_hole *hole)
{
	return (uint64_t)(hole->last - hole->first) + 1;
}

void serials_begin(struct serials *serials, uint32_t serial, int64_t stamp_usec)
{
	serials->based = true;
	serials->head = serial;
	serials->head_usec = stamp_usec;
	serials->n_holes = 0;
}

static void take_out(struct serials *serials, size_t at, size_t n)
{
	serials->n_holes -= n;
	memmove(&serials->holes[at], &serials->holes[at + n],
		(serials->n_holes - at) * sizeof(serials->holes[0]));
}

/* Stamps don't rise with serials: they are taken at the entry of a call, serials later.
 */
static struct serial_hole hole_between(uint32_t first, uint32_t last, int64_t one_usec,
				       int64_t other_usec, int64_t noticed_usec)
{
	bool rising = one_usec <= other_usec;

	return (struct serial_hole){
		.first = first,
		.last = last,
		.noticed_usec = noticed_usec,
		.since_usec = rising ? one_usec : other_usec,
		.until_usec = rising ? other_usec : one_usec,
	};
}

/* Where there is no room the oldest hole is given up. */
static void append(struct serials *serials, struct serial_hole hole,
		   serials_lost_fn *lost, void *userdata)
{
	struct serial_hole oldest = serials->holes[0];

	if (serials->n_holes == SERIALS_HOLES_MAX) {
		take_out(serials, 0, 1);
		lost(&oldest, userdata);
	}
	serials->holes[serials->n_holes++] = hole;
}

/* One serial within came. Where there is no room for two holes the first is given up. */
static void split(struct serials *serials, size_t at, uint32_t serial, int64_t stamp_usec,
		  serials_lost_fn *lost, void *userdata)
{
	struct serial_hole *hole = &serials->holes[at];
	struct serial_hole left = hole_between(hole->first, serial - 1, hole->since_usec,
					       stamp_usec, hole->noticed_usec);

	*hole = hole_between(serial + 1, hole->last, stamp_usec, hole->until_usec,
			     hole->noticed_usec);
	if (serials->n_holes == SERIALS_HOLES_MAX) {
		lost(&left, userdata);
		return;
	}
	memmove(hole + 1, hole, (serials->n_holes - at) * sizeof(*hole));
	*hole = left;
	serials->n_holes++;
}

static void fill(struct serials *serials, size_t at, uint32_t serial, int64_t stamp_usec,
		 serials_lost_fn *lost, void *userdata)
{
	struct serial_hole *hole = &serials->holes[at];

	if (hole->first == hole->last)
		take_out(serials, at, 1);
	else if (serial == hole->first)
		*hole = hole_between(serial + 1, hole->last, stamp_usec, hole->until_usec,
				     hole->noticed_usec);
	else if (serial == hole->last)
		*hole = hole_between(hole->first, serial - 1, hole->since_usec,
				     stamp_usec, hole->noticed_usec);
	else
		split(serials, at, serial, stamp_usec, lost, userdata);
}

bool serials_see(struct serials *serials, uint32_t serial, int64_t stamp_usec,
		 int64_t now_usec, serials_lost_fn *lost, void *userdata)
{
	int32_t distance = ahead(serial, serials->head);

	if (!serials->based || distance == 0)
		return false;
	if (distance > 0) {
		if (distance > 1)
			append(serials,
			       hole_between(serials->head + 1, serial - 1,
					    serials->head_usec, stamp_usec, now_usec),
			       lost, userdata);
		serials->head = serial;
		serials->head_usec = stamp_usec;
		return true;
	}
	/* From the newest on: what overtakes is near. */
	for (size_t i = serials->n_holes; i-- > 0;) {
		if (ahead(serial, serials->holes[i].last) > 0)
			return false;
		if (ahead(serial, serials->holes[i].first) < 0)
			continue;
		fill(serials, i, serial, stamp_usec, lost, userdata);
		return true;
	}
	return false;
}

void serials_expire(struct serials *serials, int64_t now_usec, serials_lost_fn *lost,
		    void *userdata)
{
	size_t n = 0;

	while (n < serials->n_holes &&
	       (now_usec == INT64_MAX ||
		serials->holes[n].noticed_usec <= now_usec - SERIALS_WINDOW_USEC))
		lost(&serials->holes[n++], userdata);
	take_out(serials, 0, n);
}

int64_t serials_deadline(const struct serials *serials)
{
	return serials->n_holes ? serials->holes[0].noticed_usec + SERIALS_WINDOW_USEC
				: INT64_MAX;
}
