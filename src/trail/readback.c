/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/readback.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <syslog.h>

#include "io/journal_check.h"
#include "io/journal_read.h"
#include "io/sink_journal.h"
#include "trail/say.h"

/* A burst is over by then, as a rule. */
#define FIRST_USEC 5000000
/* From one look to the next. */
#define INTERVAL_USEC 10000000
/* From one part of a look to the next: the records come first. */
#define PART_USEC 10000
/* What journald takes to answer, and how long it isn't asked at the most. */
#define ANSWER_USEC	 50000
#define ANSWER_MAX_USEC	 10000000
#define FINISH_MSEC	 1000
#define FINISH_STEP_MSEC 5

int readback_start(struct readback *rb, struct sink *sink, struct pipeline *pipeline)
{
	*rb = (struct readback){ .sink = sink, .pipeline = pipeline };
	if (!sink->handed)
		return 0;
	return journal_check_new(&rb->check, SINK_JOURNAL_SOCKET, sink_journal_run(sink));
}

void readback_stop(struct readback *rb)
{
	rb->check = journal_check_free(rb->check);
}

/* Entries that are out of our hands. */
static uint64_t sent(const struct readback *rb)
{
	/* What one before us has left has no number of ours, and goes out first. */
	const uint64_t out = rb->sink->written + rb->sink->failed;

	return out > rb->sink->taken_up ? out - rb->sink->taken_up : 0;
}

static bool has_news(const struct readback *rb)
{
	const uint64_t settled = rb->sink->handed->settled;

	return sent(rb) > (settled > rb->looked ? settled : rb->looked);
}

int64_t readback_deadline(struct readback *rb, int64_t now_usec)
{
	if (!rb->check)
		return INT64_MAX;
	if (rb->due_usec)
		return rb->due_usec;
	if (!has_news(rb) && !rb->again.n)
		return INT64_MAX;
	rb->due_usec = now_usec + FIRST_USEC;
	if (rb->last_usec && rb->due_usec < rb->last_usec + INTERVAL_USEC)
		rb->due_usec = rb->last_usec + INTERVAL_USEC;
	return rb->due_usec;
}

/* --- what was found --- */

static void on_hole(uint64_t first, uint64_t last, void *userdata)
{
	struct readback *rb = userdata;

	handed_lose(rb->sink->handed, first, last, &rb->lost);
}

/* What journald refused has been counted when it did; its numbers are missing too. */
static void strike_failed(struct readback *rb)
{
	struct handed_lost *lost = &rb->lost;
	uint64_t failed = rb->sink->failed - rb->failed;

	if (failed > lost->events)
		failed = lost->events;
	lost->events -= failed;
	rb->failed += failed;
}

static void write_again(struct readback *rb)
{
	struct handed_trails *again = &rb->again;
	struct signal_event ev;
	size_t kept = 0;

	for (size_t i = 0; i < again->n; i++) {
		handed_trail_event(&again->of[i], &ev);
		if (sink_write(rb->sink, &ev) < 0)
			again->of[kept++] = again->of[i];
	}
	again->n = kept;
}

/* Is there something to say? */
static bool account(struct readback *rb, uint64_t known)
{
	const struct handed_lost *lost = &rb->lost;

	strike_failed(rb);
	if (lost->events)
		pipeline_unwritten(rb->pipeline, lost->events, lost->since_usec,
				   lost->until_usec);
	for (size_t i = 0; i < lost->trails.n; i++)
		handed_trails_add(&rb->again, &lost->trails.of[i]);
	handed_settle(rb->sink->handed, known);
	return lost->events || lost->trails.n;
}

/* Until the journal has shown anything of ours, that it shows nothing says nothing: it
 * may be kept elsewhere, or not at all. */
static bool is_conclusive(struct readback *rb, int r, const struct reason *reason)
{
	if (r < 0) {
		if (!rb->said_unreadable)
			say(LOG_WARNING,
			    "can't see if the journal keeps what it is given: %s",
			    reason->text);
		rb->said_unreadable = true;
		return false;
	}
	if (r == 0 && !rb->sink->handed->settled) {
		if (!rb->said_none)
			say(LOG_WARNING,
			    "the journal shows no entry of those that it was given: is "
			    "its disk full, or does it keep none (Storage=none)?");
		rb->said_none = true;
		return false;
	}
	return true;
}

/* What it takes to find all that is missing is done in parts, as records come meanwhile.
 * -EINPROGRESS: there is more to look at; else, is there something to say? */
static int look(struct readback *rb)
{
	const struct journal_where here = { 0 };
	const struct handed *handed = rb->sink->handed;
	struct reason reason = { "" };
	uint64_t newest = 0;
	int r = 0;

	if (!rb->looking) {
		rb->lost = (struct handed_lost){ 0 };
		r = journal_check_begin(rb->check, &here, handed->settled, rb->barrier,
					&reason);
		rb->looking = r == 0;
	}
	if (rb->looking)
		r = journal_check_read(rb->check, &newest, on_hole, rb, &reason);
	if (r == -EINPROGRESS)
		return r;
	rb->looking = false;
	rb->looked = rb->barrier;
	if (!is_conclusive(rb, r, &reason))
		return false;
	if (r == 0)
		on_hole(handed->settled + 1, rb->barrier, rb);
	return account(rb, newest > rb->barrier ? newest : rb->barrier);
}

/* --- when --- */

static int ping(struct readback *rb)
{
	int r = journal_check_ping(rb->check);

	if (r < 0)
		return r;
	rb->barrier = sent(rb);
	rb->pinged = true;
	rb->looking = false;
	rb->wait_usec = ANSWER_USEC;
	return 0;
}

/* 1: it has answered; 0: not yet; -errno. */
static int await(struct readback *rb, int64_t now_usec)
{
	int r = journal_check_answered(rb->check);

	if (r == 0) {
		/* It is busy, or frozen: what it has in its socket isn't lost. */
		if (rb->wait_usec < ANSWER_MAX_USEC / 2)
			rb->wait_usec *= 2;
		rb->due_usec = now_usec + rb->wait_usec;
		return 0;
	}
	rb->pinged = false;
	rb->due_usec = 0;
	rb->last_usec = now_usec;
	return r;
}

void readback_expire(struct readback *rb, int64_t now_usec)
{
	int r = 1;

	if (!rb->check || !rb->due_usec || now_usec < rb->due_usec)
		return;
	write_again(rb);
	if (!rb->looking && !rb->pinged) {
		r = ping(rb);
		rb->due_usec = now_usec + (r < 0 ? INTERVAL_USEC : ANSWER_USEC);
		return;
	}
	if (!rb->looking)
		r = await(rb, now_usec);
	if (r <= 0)
		return;
	rb->due_usec = 0;
	if (look(rb) == -EINPROGRESS)
		rb->due_usec = now_usec + PART_USEC;
	else
		write_again(rb);
}

bool readback_finish(struct readback *rb)
{
	int r = -EAGAIN;

	if (!rb->check || (!has_news(rb) && !rb->looking))
		return false;
	if (!sink_waiting(rb->sink))
		r = ping(rb);
	for (int waited = 0; r == 0 && waited < FINISH_MSEC; waited += FINISH_STEP_MSEC) {
		r = journal_check_answered(rb->check);
		if (r == 0)
			(void)poll(NULL, 0, FINISH_STEP_MSEC);
	}
	if (r <= 0) {
		say(LOG_WARNING,
		    "journald doesn't answer: the last %llu entries that it was given "
		    "may "
		    "not be in the journal",
		    (unsigned long long)(sent(rb) - rb->sink->handed->settled));
		return false;
	}
	do
		r = look(rb);
	while (r == -EINPROGRESS);
	if (r > 0)
		write_again(rb);
	return r > 0;
}
