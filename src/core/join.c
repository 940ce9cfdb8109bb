/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/join.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
/* Without memory an element isn't added, and has no table: not the end of the process. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#include "core/buffer.h"
#include "core/sigcall.h"

#define WINDOW_USEC 2000000
/* As many events may be open at once, and as many finished ones are remembered. */
#define OPEN_MAX_EVENTS 1000
#define DONE_MAX_EVENTS 1024
/* What the open events may hold of records, and one of them of OBJ_PIDs. */
#define OPEN_MAX_BYTES	(32 << 20)
#define EVENT_MAX_BYTES (4 << 20)
/* Hosts in one stream; a log of more than these is no log. */
#define NODES_MAX	4096
#define SPARE_MAX_BYTES 65536

struct node {
	uint64_t id; /* 0 is the host without a name */
	UT_hash_handle hh;
	char name[];
};

struct key {
	uint64_t node;
	int64_t sec;
	int64_t msec;
	uint64_t serial;
};

/* Where a body lies in the texts of its event. */
struct span {
	size_t at;
	size_t len;
};

/* The texts of an open event; the finished ones are only remembered. */
struct texts {
	struct buffer bytes;
	struct span syscall;
	struct span proctitle;
	struct span *obj_pids;
	size_t n_obj_pids;
	size_t size_obj_pids;
	size_t n_targets;
};

struct group {
	struct key key;
	struct texts *texts; /* NULL once finished */
	const struct node *node;
	size_t bytes; /* of the texts, as they are in the join's open_bytes */
	int64_t touched_usec;
	bool cut; /* finished by age or a bound, before its end came */
	UT_hash_handle hh;
	struct group *prev, *next;
};

struct join {
	enum join_order order;
	join_event_fn *event;
	join_incomplete_fn *incomplete;
	void *userdata;

	struct group *groups; /* all, by key */
	struct group *open;   /* the least recently touched first */
	struct group *done;   /* the one finished first, first */
	size_t n_open;
	size_t n_done;
	size_t open_bytes;
	struct texts *spare;

	struct node *nodes;
	struct bytes *obj_pids; /* JOIN_TARGETS_MAX, for the event being handed on */
	bool sees_proctitles;
	struct join_counts counts;
};

static struct texts *texts_free(struct texts *texts)
{
	if (!texts)
		return NULL;
	buffer_free(&texts->bytes);
	free(texts->obj_pids);
	free(texts);
	return NULL;
}

static struct texts *texts_take(struct join *join)
{
	struct texts *texts = join->spare;

	join->spare = NULL;
	return texts ? texts : calloc(1, sizeof(*texts));
}

static void texts_give(struct join *join, struct texts *texts)
{
	if (join->spare || texts->bytes.size > SPARE_MAX_BYTES) {
		texts_free(texts);
		return;
	}
	buffer_reset(&texts->bytes);
	texts->syscall = texts->proctitle = (struct span){ 0 };
	texts->n_obj_pids = texts->n_targets = 0;
	join->spare = texts;
}

static size_t texts_bytes(const struct texts *texts)
{
	return texts->bytes.len + texts->n_obj_pids * sizeof(*texts->obj_pids);
}

static int texts_add(struct texts *texts, const struct bytes *body, struct span *span)
{
	struct span added = { texts->bytes.len, body->len };

	if (buffer_reserve(&texts->bytes, body->len) < 0) {
		texts->bytes.failed = false;
		return -ENOMEM;
	}
	buffer_add(&texts->bytes, body->data, body->len);
	*span = added;
	return 0;
}

static int texts_add_obj_pid(struct texts *texts, const struct bytes *body)
{
	texts->n_targets++;
	if (texts->n_obj_pids == JOIN_TARGETS_MAX ||
	    texts_bytes(texts) + body->len > EVENT_MAX_BYTES)
		return 0;
	if (texts->n_obj_pids == texts->size_obj_pids) {
		size_t size = texts->size_obj_pids ? texts->size_obj_pids * 2 : 4;
		struct span *spans = reallocarray(texts->obj_pids, size, sizeof(*spans));

		if (!spans)
			return -ENOMEM;
		texts->obj_pids = spans;
		texts->size_obj_pids = size;
	}
	if (texts_add(texts, body, &texts->obj_pids[texts->n_obj_pids]) < 0)
		return -ENOMEM;
	texts->n_obj_pids++;
	return 0;
}

static struct bytes texts_get(const struct texts *texts, struct span span)
{
	return (struct bytes){ span.len ? texts->bytes.data + span.at : NULL, span.len };
}

static int node_find(struct join *join, const struct bytes *name,
		     const struct node **found)
{
	struct node *node;

	*found = NULL;
	if (!name->len)
		return 0;
	HASH_FIND(hh, join->nodes, name->data, name->len, node);
	if (!node) {
		if (HASH_COUNT(join->nodes) >= NODES_MAX)
			return -E2BIG;
		node = calloc(1, sizeof(*node) + name->len + 1);
		if (!node)
			return -ENOMEM;
		memcpy(node->name, name->data, name->len);
		node->id = HASH_COUNT(join->nodes) + 1;
		HASH_ADD_KEYPTR(hh, join->nodes, node->name, name->len, node);
		if (!node->hh.tbl) {
			free(node);
			return -ENOMEM;
		}
	}
	*found = node;
	return 0;
}

static void group_forget(struct join *join, struct group *group)
{
	DL_DELETE(join->done, group);
	join->n_done--;
	HASH_DEL(join->groups, group);
	free(group);
}

/* From open to done: the texts go, the key stays, so that a late record is known as one.
 */
static void group_close(struct join *join, struct group *group)
{
	join->open_bytes -= group->bytes;
	texts_give(join, group->texts);
	group->texts = NULL;
	DL_DELETE(join->open, group);
	join->n_open--;
	DL_APPEND(join->done, group);
	join->n_done++;
	if (join->n_done > DONE_MAX_EVENTS)
		group_forget(join, join->done);
}

static void joined_fill(struct join *join, const struct group *group,
			struct joined *joined)
{
	const struct texts *texts = group->texts;

	*joined = (struct joined){
		.node = bytes_of(group->node ? group->node->name : NULL),
		.sec = group->key.sec,
		.msec = (int32_t)group->key.msec,
		.serial = group->key.serial,
		.syscall = texts_get(texts, texts->syscall),
		.proctitle = texts_get(texts, texts->proctitle),
		.obj_pids = join->obj_pids,
		.n_obj_pids = texts->n_obj_pids,
		.n_targets = texts->n_targets,
	};
	for (size_t i = 0; i < texts->n_obj_pids; i++)
		join->obj_pids[i] = texts_get(texts, texts->obj_pids[i]);
}

static void group_finish(struct join *join, struct group *group)
{
	const struct texts *texts = group->texts;
	struct joined joined;

	if (texts->syscall.len) {
		join->sees_proctitles = texts->proctitle.len > 0;
		joined_fill(join, group, &joined);
		join->counts.events++;
		join->event(&joined, join->userdata);
	} else if (texts->n_targets) {
		join->counts.incomplete++;
		join->incomplete(group->key.sec * 1000000 + group->key.msec * 1000,
				 group->key.serial, join->userdata);
	} else {
		join->counts.foreign++;
	}
	group_close(join, group);
}

/* Doesn't wait for the event's end any longer. */
static void group_cut(struct join *join, struct group *group)
{
	group->cut = true;
	group_finish(join, group);
}

static struct group *group_open(struct join *join, const struct key *key,
				const struct node *node)
{
	struct group *group;

	if (join->n_open >= OPEN_MAX_EVENTS) {
		join->counts.early++;
		group_cut(join, join->open);
	}
	group = calloc(1, sizeof(*group));
	if (!group)
		return NULL;
	group->texts = texts_take(join);
	if (!group->texts) {
		free(group);
		return NULL;
	}
	group->key = *key;
	group->node = node;
	HASH_ADD(hh, join->groups, key, sizeof(group->key), group);
	if (!group->hh.tbl) {
		texts_give(join, group->texts);
		free(group);
		return NULL;
	}
	DL_APPEND(join->open, group);
	join->n_open++;
	return group;
}

/* Keeps what all open events hold within its bound; the group may be finished by that. */
static void group_weigh(struct join *join, struct group *group)
{
	size_t bytes = texts_bytes(group->texts);

	join->open_bytes += bytes - group->bytes;
	group->bytes = bytes;
	while (join->open_bytes > OPEN_MAX_BYTES) {
		join->counts.early++;
		group_cut(join, join->open);
	}
}

static bool is_signal(const struct record *record)
{
	uint64_t arch, nr;

	return record_number(record, "arch", 16, &arch) == 0 &&
	       record_number(record, "syscall", 10, &nr) == 0 && arch <= UINT32_MAX &&
	       nr <= UINT32_MAX &&
	       sigcall_find(sigarch_of_audit((uint32_t)arch), (uint32_t)nr) != NULL;
}

/* Takes a record of an open event. */
static int group_feed(struct join *join, struct group *group, const struct record *record)
{
	struct texts *texts = group->texts;
	int r = 0;

	switch (record->type) {
	case AUDIT_SYSCALL:
		if (texts->syscall.len) {
			join->counts.late++;
		} else if (is_signal(record)) {
			r = texts_add(texts, &record->body, &texts->syscall);
		} else {
			join->counts.foreign++;
			group_close(join, group);
		}
		break;
	case AUDIT_OBJ_PID:
		r = texts_add_obj_pid(texts, &record->body);
		break;
	case AUDIT_PROCTITLE:
		if (!texts->proctitle.len)
			r = texts_add(texts, &record->body, &texts->proctitle);
		if (join->order == JOIN_LIVE && texts->syscall.len)
			group_finish(join, group);
		break;
	case AUDIT_EOE:
		group_finish(join, group);
		break;
	}
	return r;
}

/* A death needs no other record; it has no group, and what may follow under its serial
 * (the SYSCALL that seccomp ended) is an event of its own. */
static int feed_death(struct join *join, const struct record *record)
{
	const struct node *node;
	struct joined joined;
	int r = node_find(join, &record->node, &node);

	if (r < 0)
		return r;
	joined = (struct joined){
		.node = bytes_of(node ? node->name : NULL),
		.sec = record->sec,
		.msec = record->msec,
		.serial = record->serial,
		.death = record->body,
		.death_type = record->type,
	};
	join->counts.events++;
	join->event(&joined, join->userdata);
	return 0;
}

/* In the kernel's order a PROCTITLE or EOE that begins an event ends one whose SYSCALL
 * was lost or is older than what is remembered: it tells nothing. */
static bool may_begin(const struct join *join, uint16_t type)
{
	return type == AUDIT_SYSCALL || type == AUDIT_OBJ_PID ||
	       (type == AUDIT_PROCTITLE && join->order == JOIN_LOG);
}

static int feed_group(struct join *join, const struct record *record, int64_t now_usec)
{
	const struct node *node;
	struct group *group;
	struct key key;
	int r;

	r = node_find(join, &record->node, &node);
	if (r < 0)
		return r;
	key = (struct key){ node ? node->id : 0, record->sec, record->msec,
			    record->serial };
	HASH_FIND(hh, join->groups, &key, sizeof(key), group);
	if (group && !group->texts) {
		/* EOE behind PROCTITLE, or the tail of another owner's event. */
		if (record->type == AUDIT_SYSCALL || record->type == AUDIT_OBJ_PID)
			join->counts.late++;
		if (record->type == AUDIT_OBJ_PID && group->cut)
			join->counts.late_targets++;
		return 0;
	}
	if (!group) {
		if (!may_begin(join, record->type))
			return 0;
		group = group_open(join, &key, node);
		if (!group)
			return -ENOMEM;
	} else {
		DL_DELETE(join->open, group);
		DL_APPEND(join->open, group);
	}
	group->touched_usec = now_usec;
	r = group_feed(join, group, record);
	if (group->texts)
		group_weigh(join, group);
	return r;
}

int join_feed(struct join *join, const struct record *record, int64_t now_usec)
{
	switch (record->type) {
	case AUDIT_SYSCALL:
	case AUDIT_OBJ_PID:
	case AUDIT_PROCTITLE:
	case AUDIT_EOE:
		join->counts.records++;
		return feed_group(join, record, now_usec);
	case AUDIT_ANOM_ABEND:
	case AUDIT_SECCOMP:
		join->counts.records++;
		return feed_death(join, record);
	default:
		return 0;
	}
}

void join_expire(struct join *join, int64_t now_usec)
{
	while (join->open && join->open->touched_usec + WINDOW_USEC <= now_usec)
		group_cut(join, join->open);
}

int64_t join_deadline(const struct join *join)
{
	return join->open ? join->open->touched_usec + WINDOW_USEC : INT64_MAX;
}

void join_flush(struct join *join)
{
	while (join->open)
		group_finish(join, join->open);
}

bool join_sees_proctitles(const struct join *join)
{
	return join->sees_proctitles;
}

const struct join_counts *join_counts(const struct join *join)
{
	return &join->counts;
}

int join_new(struct join **join, enum join_order order, join_event_fn *event,
	     join_incomplete_fn *incomplete, void *userdata)
{
	struct join *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	j->order = order;
	j->event = event;
	j->incomplete = incomplete;
	j->userdata = userdata;
	j->obj_pids = calloc(JOIN_TARGETS_MAX, sizeof(*j->obj_pids));
	if (!j->obj_pids) {
		free(j);
		return -ENOMEM;
	}
	*join = j;
	return 0;
}

struct join *join_free(struct join *join)
{
	struct group *group, *next_group;
	struct node *node, *next_node;

	if (!join)
		return NULL;
	HASH_ITER (hh, join->groups, group, next_group) {
		HASH_DEL(join->groups, group);
		texts_free(group->texts);
		free(group);
	}
	HASH_ITER (hh, join->nodes, node, next_node) {
		HASH_DEL(join->nodes, node);
		free(node);
	}
	texts_free(join->spare);
	free(join->obj_pids);
	free(join);
	return NULL;
}
