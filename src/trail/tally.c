/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/tally.h"

#include "io/now.h"

/* The mark at the start may be filtered out by others' rules: then the accounts begin
 * with what comes after so long. */
#define BEGIN_USEC 2000000
/* How long after an overrun some record should have come. */
#define MARK_USEC 500000
/* How long after a record the kernel's counter is read. */
#define COUNTER_USEC 10000000

void tally_start(struct tally *tally, struct capture *capture, struct pipeline *pipeline)
{
	*tally = (struct tally){
		.capture = capture,
		.pipeline = pipeline,
		.begin_usec = now_mono_usec(),
		.counted_usec = now_read_usec(CLOCK_REALTIME),
	};
}

void tally_see(struct tally *tally, const struct record *record)
{
	if (!tally->capture)
		return;
	capture_see(tally->capture, record);
	if (pipeline_accounts(tally->pipeline))
		return;
	if (capture_begin_seen(tally->capture) ||
	    now_mono_usec() - tally->begin_usec > BEGIN_USEC)
		pipeline_account_from(tally->pipeline, record);
}

void tally_turn(struct tally *tally)
{
	if (tally->capture && !tally->counter_usec)
		tally->counter_usec = now_mono_usec() + COUNTER_USEC;
	/* A full socket takes nothing until it is empty (net/netlink/af_netlink.c): this
	 * is behind the hole and ends it. A mark, which may be lost itself, isn't
	 * needed. */
	if (tally->emptied)
		tally->mark_usec = 0;
	tally->emptied = false;
}

void tally_empty(struct tally *tally)
{
	tally->emptied = tally->mark_usec != 0;
}

bool tally_behind_overrun(const struct tally *tally)
{
	return tally->emptied;
}

void tally_overrun(struct tally *tally, uint64_t n)
{
	pipeline_overrun(tally->pipeline, n);
	if (tally->capture)
		tally->mark_usec = now_mono_usec() + MARK_USEC;
}

static void read_counter(struct tally *tally)
{
	int64_t now = now_read_usec(CLOCK_REALTIME);
	uint32_t lost = 0;

	tally->counter_usec = 0;
	if (capture_lost(tally->capture, &lost) < 0)
		return;
	if (lost)
		pipeline_lost_between(tally->pipeline, CAUSE_KERNEL_LOST, lost,
				      tally->counted_usec, now);
	tally->counted_usec = now;
}

void tally_expire(struct tally *tally)
{
	int64_t now = now_mono_usec();

	/* Without it a hole behind the last record that came would wait for the next
	 * event of the host. */
	if (tally->mark_usec && tally->mark_usec <= now) {
		tally->mark_usec = tally->emptied ? 0 : now + MARK_USEC;
		if (tally->emptied)
			capture_mark(tally->capture);
	}
	if (tally->counter_usec && tally->counter_usec <= now)
		read_counter(tally);
}

int64_t tally_deadline(const struct tally *tally)
{
	int64_t deadline = INT64_MAX;

	if (tally->mark_usec)
		deadline = tally->mark_usec;
	if (tally->counter_usec && tally->counter_usec < deadline)
		deadline = tally->counter_usec;
	return deadline;
}

void tally_end(struct tally *tally)
{
	if (tally->capture)
		read_counter(tally);
}
