/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/burst.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "core/buffer.h"
#include "core/pool.h"

#define BURST_KEYS_MAX	8192
#define BURST_BYTES_MAX (16u << 20)
/* A key without node, program and unit, and most with them. */
#define KEY_ROOM 192
/* So many entries that are over are kept for the next ones. */
#define SPARE_MAX 1024

/* The part of the key that every event has; all members are 8 bytes, so nothing is
 * padded. */
struct key_head {
	uint64_t seed;
	/* No addresses: with one seed the same events make the same table. */
	int64_t call;	    /* its place in sigcall_table(), -1: none */
	int64_t audit_arch; /* 0: none */
	int64_t wide; /* the sender is its exe, uid and unit instead of its pid and start
		       */
	int64_t sender_pid;
	int64_t sender_start_usec;
	int64_t sender_uid;
	int64_t signo;
	int64_t result;
	int64_t target_pid;
	int64_t target_start_usec;
	int64_t target_tid;
};

/* What is held back of one key: the newest event and how many there are. */
struct held {
	struct signal_event newest;
	char *memory; /* holds all that newest points to */
	size_t memory_bytes;
	uint64_t count;
	int64_t since_usec;
};

struct entry {
	UT_hash_handle hh;
	int64_t start_usec;
	uint64_t lines;
	struct held *held; /* NULL: nothing is held back */
	size_t key_len;
	char *key; /* key_room, or an allocation of its own where that is too small */
	char key_room[KEY_ROOM];
};

struct burst {
	struct burst_limits limits;
	uint64_t seed;
	burst_event_fn *event;
	void *userdata;
	/* In the order in which they were added, so that the head's window ends first. */
	struct entry *entries;
	size_t bytes;	  /* of all entries */
	size_t n_holding; /* entries that hold something back */
	uint64_t held_events;
	struct pool spare;
	struct buffer key;
	int64_t interval_start_usec;
	uint64_t interval_lines;
};

#define PARTY_STRINGS(party)                                                             \
	offsetof(struct signal_event, party.tty),                                        \
		offsetof(struct signal_event, party.comm),                               \
		offsetof(struct signal_event, party.thread),                             \
		offsetof(struct signal_event, party.exe),                                \
		offsetof(struct signal_event, party.unit),                               \
		offsetof(struct signal_event, party.user_unit),                          \
		offsetof(struct signal_event, party.slice),                              \
		offsetof(struct signal_event, party.container),                          \
		offsetof(struct signal_event, party.subject)

static const size_t string_offsets[] = {
	offsetof(struct signal_event, node),
	offsetof(struct signal_event, reason),
	PARTY_STRINGS(sender),
	PARTY_STRINGS(target),
};

#define N_STRINGS (sizeof(string_offsets) / sizeof(string_offsets[0]))

/* Every C string of an event, by number: the members above, then the notes. */
static const char **event_string(struct signal_event *ev, size_t i)
{
	if (i < N_STRINGS)
		return (const char **)((char *)ev + string_offsets[i]);
	return &ev->notes[i - N_STRINGS];
}

static const char *put(char **end, const char *data, size_t len)
{
	char *start = *end;

	memcpy(start, data, len);
	*end += len;
	return start;
}

/* The strings of an ancestor, by number. */
#define ANCESTOR_STRINGS 3

static const char **ancestor_string(struct ancestor *a, size_t i)
{
	return i == 0 ? &a->comm : i == 1 ? &a->exe : &a->unit;
}

static size_t ancestry_bytes(const struct ancestry *ancestry)
{
	size_t bytes = ancestry->n * sizeof(struct ancestor);

	for (size_t i = 0; i < ancestry->n; i++) {
		struct ancestor a = ancestry->of[i];

		for (size_t k = 0; k < ANCESTOR_STRINGS; k++) {
			const char *s = *ancestor_string(&a, k);

			bytes += s ? strlen(s) + 1 : 0;
		}
	}
	return bytes;
}

/* The array at list, its strings at *end. */
static void put_ancestry(struct ancestor *list, char **end, struct ancestry *ancestry)
{
	for (size_t i = 0; i < ancestry->n; i++) {
		list[i] = ancestry->of[i];
		for (size_t k = 0; k < ANCESTOR_STRINGS; k++) {
			const char **s = ancestor_string(&list[i], k);

			if (*s)
				*s = put(end, *s, strlen(*s) + 1);
		}
	}
	ancestry->of = list;
}

/* Makes *ev the newest. 0 or -ENOMEM; then the one before stays. */
static int held_copy(struct held *held, const struct signal_event *ev)
{
	size_t len[N_STRINGS + EVENT_NOTES_MAX];
	size_t n = N_STRINGS + ev->n_notes;
	size_t total = ev->sender.cmdline.len + ev->target.cmdline.len +
		       ancestry_bytes(&ev->sender.ancestry) +
		       ancestry_bytes(&ev->target.ancestry);
	struct signal_event copy = *ev;
	struct ancestor *lists;
	char *end;

	for (size_t i = 0; i < n; i++) {
		const char *s = *event_string(&copy, i);

		len[i] = s ? strlen(s) + 1 : 0;
		total += len[i];
	}
	if (total > held->memory_bytes) {
		char *memory = malloc(total * 2);

		if (!memory)
			return -ENOMEM;
		free(held->memory);
		held->memory = memory;
		held->memory_bytes = total * 2;
	}
	/* The arrays first, where they are aligned. */
	lists = (struct ancestor *)held->memory;
	end = (char *)(lists + ev->sender.ancestry.n + ev->target.ancestry.n);
	put_ancestry(lists, &end, &copy.sender.ancestry);
	put_ancestry(lists + ev->sender.ancestry.n, &end, &copy.target.ancestry);
	for (size_t i = 0; i < n; i++) {
		const char **s = event_string(&copy, i);

		if (*s)
			*s = put(&end, *s, len[i]);
	}
	if (ev->sender.cmdline.len)
		copy.sender.cmdline.data =
			put(&end, ev->sender.cmdline.data, ev->sender.cmdline.len);
	if (ev->target.cmdline.len)
		copy.target.cmdline.data =
			put(&end, ev->target.cmdline.data, ev->target.cmdline.len);
	held->newest = copy;
	return 0;
}

static struct held *held_free(struct held *held)
{
	if (held)
		free(held->memory);
	free(held);
	return NULL;
}

static size_t entry_bytes(const struct entry *entry)
{
	size_t bytes = sizeof(*entry);

	if (entry->key != entry->key_room)
		bytes += entry->key_len;
	if (entry->held)
		bytes += sizeof(*entry->held) + entry->held->memory_bytes;
	return bytes;
}

static int entry_hold(struct burst *burst, struct entry *entry,
		      const struct signal_event *ev)
{
	struct held *held = entry->held;
	size_t before = entry_bytes(entry);

	if (!held)
		held = calloc(1, sizeof(*held));
	if (!held)
		return -ENOMEM;
	if (held_copy(held, ev) < 0) {
		if (!entry->held)
			held_free(held);
		return -ENOMEM;
	}
	if (!entry->held) {
		entry->held = held;
		held->since_usec = ev->time_usec;
		burst->n_holding++;
	}
	if (ev->time_usec < held->since_usec)
		held->since_usec = ev->time_usec;
	held->count++;
	burst->held_events++;
	burst->bytes += entry_bytes(entry) - before;
	return 0;
}

static void entry_give(struct burst *burst, struct entry *entry)
{
	if (entry->key != entry->key_room)
		free(entry->key);
	pool_give(&burst->spare, entry);
}

/* The key's window is over: writes what was held back and forgets the key. */
static void entry_end(struct burst *burst, struct entry *entry)
{
	struct held *held = entry->held;

	HASH_DEL(burst->entries, entry);
	burst->bytes -= entry_bytes(entry);
	if (held) {
		burst->n_holding--;
		burst->held_events -= held->count;
		if (held->count > 1) {
			held->newest.repeated = held->count - 1;
			held->newest.since_usec = held->since_usec;
		}
		burst->event(&held->newest, burst->userdata);
	}
	held_free(held);
	entry_give(burst, entry);
}

static struct entry *entry_add(struct burst *burst, int64_t now_usec)
{
	struct entry *entry = pool_take(&burst->spare);

	if (!entry)
		return NULL;
	entry->start_usec = now_usec;
	entry->key_len = burst->key.len;
	entry->key =
		entry->key_len <= KEY_ROOM ? entry->key_room : malloc(entry->key_len);
	if (entry->key) {
		memcpy(entry->key, burst->key.data, entry->key_len);
		HASH_ADD_KEYPTR(hh, burst->entries, entry->key, entry->key_len, entry);
	}
	if (!entry->hh.tbl) {
		entry_give(burst, entry);
		return NULL;
	}
	burst->bytes += entry_bytes(entry);
	return entry;
}

static void key_add_string(struct buffer *key, const char *s)
{
	buffer_add_char(key, s ? 1 : 0);
	if (s)
		buffer_add(key, s, strlen(s) + 1);
}

/* Makes the event's key in burst->key. 0 or -ENOMEM. */
static int make_key(struct burst *burst, const struct signal_event *ev, bool wide)
{
	struct buffer *key = &burst->key;
	const struct party *sender = &ev->sender;
	size_t n_calls;
	struct key_head head = {
		.seed = burst->seed,
		.call = ev->call ? ev->call - sigcall_table(&n_calls) : -1,
		.audit_arch = ev->arch ? ev->arch->audit_arch : 0,
		.wide = wide,
		.sender_pid = wide ? NUMBER_ABSENT : sender->pid,
		.sender_start_usec = wide ? NUMBER_ABSENT : sender->start_usec,
		.sender_uid = wide ? sender->uid : NUMBER_ABSENT,
		.signo = ev->signo,
		.result = ev->result,
		.target_pid = ev->target.pid,
		.target_start_usec = ev->target.start_usec,
		.target_tid = ev->target.tid,
	};

	buffer_reset(key);
	buffer_add(key, &head, sizeof(head));
	key_add_string(key, ev->node);
	if (wide) {
		key_add_string(key, sender->exe);
		key_add_string(key, sender->unit);
	}
	return key->failed ? -ENOMEM : 0;
}

/* The entry of the event's key; made when there is none; NULL without memory. */
static struct entry *entry_get(struct burst *burst, const struct signal_event *ev,
			       int64_t now_usec)
{
	struct entry *entry;

	if (now_usec - burst->interval_start_usec >= burst->limits.interval_usec) {
		burst->interval_start_usec = now_usec;
		burst->interval_lines = 0;
	}
	if (make_key(burst, ev, burst->interval_lines >= burst->limits.total) < 0)
		return NULL;
	HASH_FIND(hh, burst->entries, burst->key.data, burst->key.len, entry);
	return entry ? entry : entry_add(burst, now_usec);
}

int burst_new(struct burst **burst, const struct burst_limits *limits, uint64_t seed,
	      burst_event_fn *event, void *userdata)
{
	struct burst *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->spare = (struct pool){ .item_bytes = sizeof(struct entry),
				  .spares_max = SPARE_MAX };
	b->limits = *limits;
	b->seed = seed;
	b->event = event;
	b->userdata = userdata;
	*burst = b;
	return 0;
}

struct burst *burst_free(struct burst *burst)
{
	struct entry *entry, *next;

	if (!burst)
		return NULL;
	HASH_ITER (hh, burst->entries, entry, next) {
		HASH_DEL(burst->entries, entry);
		held_free(entry->held);
		entry_give(burst, entry);
	}
	pool_clear(&burst->spare);
	buffer_free(&burst->key);
	free(burst);
	return NULL;
}

void burst_feed(struct burst *burst, const struct signal_event *ev, int64_t now_usec)
{
	struct entry *entry;

	if (ev->kind != EVENT_SIGNAL || !burst->limits.limit) {
		burst->event(ev, burst->userdata);
		return;
	}
	burst_expire(burst, now_usec);
	entry = entry_get(burst, ev, now_usec);
	if (!entry || entry->lines < burst->limits.limit ||
	    entry_hold(burst, entry, ev) < 0) {
		burst->interval_lines++;
		if (entry)
			entry->lines++;
		burst->event(ev, burst->userdata);
	}
	while (HASH_COUNT(burst->entries) > BURST_KEYS_MAX ||
	       burst->bytes > BURST_BYTES_MAX)
		entry_end(burst, burst->entries);
}

void burst_expire(struct burst *burst, int64_t now_usec)
{
	while (burst->entries &&
	       now_usec - burst->entries->start_usec >= burst->limits.interval_usec)
		entry_end(burst, burst->entries);
}

int64_t burst_deadline(const struct burst *burst)
{
	if (!burst->n_holding)
		return INT64_MAX;
	return burst->entries->start_usec + burst->limits.interval_usec;
}

void burst_flush(struct burst *burst)
{
	while (burst->entries)
		entry_end(burst, burst->entries);
}

uint64_t burst_held(const struct burst *burst)
{
	return burst->held_events;
}

void burst_set_limits(struct burst *burst, const struct burst_limits *limits)
{
	burst->limits = *limits;
	burst->interval_lines = 0;
}
