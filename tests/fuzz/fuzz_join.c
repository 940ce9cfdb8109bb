/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A byte for the order, then two a record: what it is, and of which event. No record is
 * handed on twice or lost without being counted. */
#include <linux/audit.h>

#include "core/join.h"
#include "fuzz.h"

#define KEYS   256
#define SIGNAL "arch=c000003e syscall=62 success=yes exit=0 a0=1 a1=f pid=2"
#define OTHER  "arch=c000003e syscall=257 success=yes exit=0 a0=1 a1=f pid=2"

enum op { OP_SIGNAL, OP_OTHER, OP_TARGETS, OP_TITLE, OP_END, OP_DEATH, OP_WAIT, OP_STEP };

/* What join should have of each event. */
struct shadow {
	struct join *join;
	size_t targets[KEYS]; /* taken, not handed on */
	size_t calls[KEYS];
	size_t deaths;
	uint64_t n_handed;
	uint64_t n_incomplete;
};

static const char *const nodes[] = { "", "a", "b", "aa" };

static struct record record_of(uint8_t key, uint16_t type, const char *body)
{
	return (struct record){
		.type = type,
		.node = bytes_of(nodes[key & 3]),
		.sec = 1795301637 + (key >> 2 & 1),
		.msec = (key >> 3 & 1) * 250,
		.serial = 100u + (key >> 4),
		.body = bytes_of(body),
	};
}

static uint8_t key_of(const struct joined *joined)
{
	size_t node = 0;

	while (strcmp(nodes[node], joined->node.len ? joined->node.data : "") != 0)
		node++;
	return (uint8_t)(node | (size_t)(joined->sec - 1795301637) << 2 |
			 (joined->msec ? 8U : 0U) | (joined->serial - 100) << 4);
}

static void on_event(const struct joined *joined, void *userdata)
{
	struct shadow *s = userdata;
	uint8_t key = key_of(joined);
	size_t kept = joined->n_targets < JOIN_TARGETS_MAX ? joined->n_targets
							   : JOIN_TARGETS_MAX;

	s->n_handed++;
	if (joined->death.len) {
		FUZZ_REQUIRE(s->deaths-- > 0);
		FUZZ_REQUIRE(!joined->syscall.len && !joined->n_targets);
		return;
	}
	FUZZ_REQUIRE(s->calls[key] == 1 && s->targets[key] == joined->n_targets);
	FUZZ_REQUIRE(joined->n_obj_pids == kept);
	FUZZ_REQUIRE(joined->syscall.len == strlen(SIGNAL));
	for (size_t i = 0; i < kept; i++)
		FUZZ_REQUIRE(joined->obj_pids[i].len == strlen("opid=1777"));
	s->calls[key] = 0;
	s->targets[key] = 0;
}

static void on_incomplete(int64_t time_usec, uint64_t serial, void *userdata)
{
	((struct shadow *)userdata)->n_incomplete++;
}

/* Feeds a record that counts; false: it came late. */
static bool feed(struct shadow *s, uint8_t key, uint16_t type, const char *body,
		 int64_t now_usec)
{
	struct record record = record_of(key, type, body);
	uint64_t late = join_counts(s->join)->late;

	FUZZ_REQUIRE(join_feed(s->join, &record, now_usec) == 0);
	return join_counts(s->join)->late == late;
}

static void feed_call(struct shadow *s, uint8_t key, bool is_signal, int64_t now_usec)
{
	s->calls[key] += is_signal;
	if (feed(s, key, AUDIT_SYSCALL, is_signal ? SIGNAL : OTHER, now_usec)) {
		/* What another's event reached is no loss. */
		if (!is_signal)
			s->targets[key] = 0;
	} else {
		s->calls[key] -= is_signal;
	}
}

static void feed_targets(struct shadow *s, uint8_t key, size_t n, int64_t now_usec)
{
	while (n--) {
		s->targets[key]++;
		if (!feed(s, key, AUDIT_OBJ_PID, "opid=1777", now_usec))
			s->targets[key]--;
	}
}

static void step(struct shadow *s, uint8_t what, uint8_t key, int64_t *now_usec)
{
	size_t n = what >> 3;

	switch ((enum op)(what & 7)) {
	case OP_SIGNAL:
	case OP_OTHER:
		feed_call(s, key, (what & 7) == OP_SIGNAL, *now_usec);
		break;
	case OP_TARGETS:
		feed_targets(s, key, n == 31 ? JOIN_TARGETS_MAX + 1 : n, *now_usec);
		break;
	case OP_TITLE:
		feed(s, key, AUDIT_PROCTITLE, "proctitle=61", *now_usec);
		break;
	case OP_END:
		feed(s, key, AUDIT_EOE, "", *now_usec);
		break;
	case OP_DEATH:
		s->deaths++;
		feed(s, key, n & 1 ? AUDIT_SECCOMP : AUDIT_ANOM_ABEND, "pid=1 sig=11",
		     *now_usec);
		break;
	case OP_WAIT:
		*now_usec += 3000000;
		join_expire(s->join, *now_usec);
		FUZZ_REQUIRE(join_deadline(s->join) == INT64_MAX);
		break;
	case OP_STEP:
		*now_usec += key * 10000;
		join_expire(s->join, *now_usec);
		FUZZ_REQUIRE(join_deadline(s->join) > *now_usec);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shadow s = { 0 };
	int64_t now_usec = 1000000;
	size_t incomplete = 0;

	if (!size)
		return 0;
	FUZZ_REQUIRE(join_new(&s.join, data[0] & 1 ? JOIN_LOG : JOIN_LIVE, on_event,
			      on_incomplete, &s) == 0);
	for (size_t i = 1; i + 1 < size; i += 2)
		step(&s, data[i], data[i + 1], &now_usec);
	join_flush(s.join);
	for (size_t key = 0; key < KEYS; key++) {
		FUZZ_REQUIRE(s.calls[key] == 0);
		incomplete += s.targets[key] > 0;
	}
	FUZZ_REQUIRE(s.deaths == 0 && s.n_handed == join_counts(s.join)->events);
	FUZZ_REQUIRE(s.n_incomplete == incomplete &&
		     s.n_incomplete == join_counts(s.join)->incomplete);
	join_free(s.join);
	return 0;
}
