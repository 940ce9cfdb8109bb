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

#include "core/nodes.h"
#include "core/pool.h"
#include "core/sigcall.h"
#include "core/texts.h"

#define WINDOW_USEC 2000000
/* As many events may be open at once, and as many finished ones are remembered. */
#define OPEN_MAX_EVENTS 1000
#define DONE_MAX_EVENTS 1024
/* What the open events may hold of records. */
#define OPEN_MAX_BYTES (32 << 20)

struct key {
	uint64_t node;
	int64_t sec;
	int64_t msec;
	uint64_t serial;
};

struct group {
	struct key key;
	struct texts *texts; /* NULL once finished */
	const struct node *node;
	size_t bytes; /* of the texts, as they are in the join's open_bytes */
	int64_t touched_usec;
	bool cut;	     /* finished by age or a bound, before its end came */
	uint16_t death_type; /* a death, which has no key: not among the groups by key */
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
	struct pool spare_groups;
	struct texts_spares spare_texts;

	struct node *nodes;
	struct bytes *obj_pids; /* JOIN_TARGETS_MAX, for the event being handed on */
	bool sees_proctitles;
	struct join_counts counts;
};

static void group_forget(struct join *join, struct group *group)
{
	DL_DELETE(join->done, group);
	join->n_done--;
	HASH_DEL(join->groups, group);
	pool_give(&join->spare_groups, group);
}

/* From open to done: the texts go, the key stays, so that a late record is known as one.
 */
static void group_close(struct join *join, struct group *group)
{
	join->open_bytes -= group->bytes;
	texts_give(&join->spare_texts, group->texts);
	group->texts = NULL;
	DL_DELETE(join->open, group);
	join->n_open--;
	if (group->death_type) {
		pool_give(&join->spare_groups, group);
		return;
	}
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
		.node = node_name(group->node),
		.sec = group->key.sec,
		.msec = (int32_t)group->key.msec,
		.serial = group->key.serial,
		.syscall = texts_get(texts, texts->syscall),
		.proctitle = texts_get(texts, texts->proctitle),
		.obj_pids = join->obj_pids,
		.n_obj_pids = texts->n_obj_pids,
		.n_targets = texts->n_targets,
		.death = texts_get(texts, texts->death),
		.death_type = group->death_type,
	};
	for (size_t i = 0; i < texts->n_obj_pids; i++)
		join->obj_pids[i] = texts_get(texts, texts_target(texts, i));
}

static void group_finish(struct join *join, struct group *group)
{
	const struct texts *texts = group->texts;
	struct joined joined;

	if (group->death_type) {
		joined_fill(join, group, &joined);
		join->counts.events++;
		join->event(&joined, join->userdata);
	} else if (texts->syscall.len) {
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

/* An open event that no key leads to yet. */
static struct group *group_new(struct join *join, const struct key *key,
			       const struct node *node)
{
	struct group *group;

	if (join->n_open >= OPEN_MAX_EVENTS) {
		join->counts.early++;
		group_cut(join, join->open);
	}
	group = pool_take(&join->spare_groups);
	if (!group)
		return NULL;
	group->texts = texts_take(&join->spare_texts);
	if (!group->texts) {
		pool_give(&join->spare_groups, group);
		return NULL;
	}
	group->key = *key;
	group->node = node;
	DL_APPEND(join->open, group);
	join->n_open++;
	return group;
}

static struct group *group_drop(struct join *join, struct group *group)
{
	DL_DELETE(join->open, group);
	join->n_open--;
	texts_give(&join->spare_texts, group->texts);
	pool_give(&join->spare_groups, group);
	return NULL;
}

static struct group *group_open(struct join *join, const struct key *key,
				const struct node *node)
{
	struct group *group = group_new(join, key, node);

	if (!group)
		return NULL;
	HASH_ADD(hh, join->groups, key, sizeof(group->key), group);
	return group->hh.tbl ? group : group_drop(join, group);
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

int join_is_signal(const struct record *record)
{
	uint64_t arch, nr;

	if (record_number(record, "arch", 16, &arch) < 0 ||
	    record_number(record, "syscall", 10, &nr) < 0)
		return -EBADMSG;
	return arch <= UINT32_MAX && nr <= UINT32_MAX &&
	       sigcall_find(sigarch_of_audit((uint32_t)arch), (uint32_t)nr) != NULL;
}

/* One that is torn before its call is as good as lost. */
static int feed_syscall(struct join *join, struct group *group,
			const struct record *record)
{
	const int r = join_is_signal(record);

	if (r > 0)
		return texts_add(group->texts, &record->body, &group->texts->syscall);
	if (r == 0) {
		join->counts.foreign++;
		group_close(join, group);
	}
	return 0;
}

/* Takes a record of an open event. */
static int group_feed(struct join *join, struct group *group, const struct record *record)
{
	struct texts *texts = group->texts;
	int r = 0;

	switch (record->type) {
	case AUDIT_SYSCALL:
		if (texts->syscall.len)
			join->counts.late++;
		else
			r = feed_syscall(join, group, record);
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

static void hand_on_death(struct join *join, const struct record *record,
			  const struct node *node)
{
	struct joined joined = {
		.node = node_name(node),
		.sec = record->sec,
		.msec = record->msec,
		.serial = record->serial,
		.death = record->body,
		.death_type = record->type,
	};

	join->counts.events++;
	join->event(&joined, join->userdata);
}

/* A death needs no other record, and what may follow under its serial (the SYSCALL that
 * seccomp ended) is an event of its own. Behind open events of a log it takes its turn:
 * they came before it and may end long after it. */
static int feed_death(struct join *join, const struct record *record, int64_t now_usec)
{
	const struct node *node;
	struct group *group;
	int r = nodes_find(&join->nodes, &record->node, &node);

	if (r < 0)
		return r;
	if (join->order == JOIN_LIVE || !join->open) {
		hand_on_death(join, record, node);
		return 0;
	}
	group = group_new(join,
			  &(struct key){ 0, record->sec, record->msec, record->serial },
			  node);
	if (!group)
		return -ENOMEM;
	group->death_type = record->type;
	group->touched_usec = now_usec;
	r = texts_add(group->texts, &record->body, &group->texts->death);
	if (r < 0)
		group_drop(join, group);
	else
		group_weigh(join, group);
	return r;
}

/* Deaths that no open event is ahead of any more. */
static void finish_deaths(struct join *join)
{
	while (join->open && join->open->death_type)
		group_finish(join, join->open);
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

	r = nodes_find(&join->nodes, &record->node, &node);
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
		/* Of another owner's event, mostly all that a busy host has. */
		if (record->type == AUDIT_PROCTITLE)
			join->sees_proctitles = true;
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
	int r = 0;

	switch (record->type) {
	case AUDIT_SYSCALL:
	case AUDIT_OBJ_PID:
	case AUDIT_PROCTITLE:
	case AUDIT_EOE:
		join->counts.records++;
		r = feed_group(join, record, now_usec);
		break;
	case AUDIT_ANOM_ABEND:
	case AUDIT_SECCOMP:
		join->counts.records++;
		r = feed_death(join, record, now_usec);
		break;
	}
	finish_deaths(join);
	return r;
}

void join_expire(struct join *join, int64_t now_usec)
{
	while (join->open && join->open->touched_usec + WINDOW_USEC <= now_usec)
		group_cut(join, join->open);
	finish_deaths(join);
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

static bool save_body(const struct group *group, uint16_t type, struct span span,
		      join_save_fn *save, void *userdata)
{
	const struct record record = {
		.type = type,
		.sec = group->key.sec,
		.msec = (int32_t)group->key.msec,
		.serial = group->key.serial,
		.body = texts_get(group->texts, span),
	};

	return span.len == 0 || save(&record, userdata);
}

size_t join_save(const struct join *join, join_save_fn *save, void *userdata)
{
	const struct group *group;
	size_t left = 0;

	for (group = join->open; group; group = group->next) {
		const struct texts *texts = group->texts;
		bool all =
			save_body(group, AUDIT_SYSCALL, texts->syscall, save, userdata);

		for (size_t i = 0; all && i < texts->n_obj_pids; i++)
			all = save_body(group, AUDIT_OBJ_PID, texts->obj_pids[i], save,
					userdata);
		if (!all ||
		    !save_body(group, AUDIT_PROCTITLE, texts->proctitle, save, userdata))
			left++;
	}
	return left;
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
	j->spare_groups =
		(struct pool){ .item_bytes = sizeof(struct group),
			       .spares_max = OPEN_MAX_EVENTS + DONE_MAX_EVENTS };
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

	if (!join)
		return NULL;
	for (group = join->open; group; group = next_group) {
		next_group = group->next;
		if (group->death_type)
			group_drop(join, group);
	}
	HASH_ITER (hh, join->groups, group, next_group) {
		HASH_DEL(join->groups, group);
		texts_free(group->texts);
		free(group);
	}
	nodes_free(join->nodes);
	pool_clear(&join->spare_groups);
	texts_clear(&join->spare_texts);
	free(join->obj_pids);
	free(join);
	return NULL;
}
