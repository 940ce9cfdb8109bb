/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/proctable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#include "core/event.h"

/* From the moment that an exec shows in /proc to its message: some 100 us, more where the
 * program comes from a disk. */
#define EXEC_USEC 10000
/* The start in /proc is rounded down to 10 ms, and taken before the fork message is. */
#define FOUND_USEC 20000
/* A new process is in /proc that much before its fork message is made. */
#define FORK_USEC 1000
/* Events are of the last 10 s. */
#define SETTLE_USEC 11000000

/* The newest incarnation is what the table knows of a number. */
struct node {
	struct incarnation inc;
	UT_hash_handle hh;
};

struct proctable {
	int64_t remember_usec;
	size_t max;
	struct node *by_pid;
	struct incarnation *list[INCARNATION_PAST + 1];
	size_t n[INCARNATION_PAST + 1];
	struct incarnation *unsettled; /* the first of the dead that isn't */
	struct procplaces *places;
	uint64_t evicted;
};

static struct node *node_of(struct incarnation *inc)
{
	return (struct node *)inc;
}

static size_t count(const struct proctable *table)
{
	return table->n[INCARNATION_LIVES] + table->n[INCARNATION_DEAD] +
	       table->n[INCARNATION_PAST];
}

static void leave_state(struct proctable *table, struct incarnation *inc)
{
	if (table->unsettled == inc)
		table->unsettled = inc->next;
	DL_DELETE(table->list[inc->state], inc);
	table->n[inc->state]--;
}

static void set_state(struct proctable *table, struct incarnation *inc,
		      enum incarnation_state state)
{
	leave_state(table, inc);
	if (state == INCARNATION_LIVES)
		procstage_unsettle(&inc->stage);
	if (state == INCARNATION_DEAD && !table->unsettled)
		table->unsettled = inc;
	inc->state = state;
	DL_APPEND(table->list[state], inc);
	table->n[state]++;
}

/* --- numbers --- */

struct incarnation *proctable_newest(const struct proctable *table, int64_t pid)
{
	struct node *node;

	HASH_FIND(hh, table->by_pid, &pid, sizeof(pid), node);
	return node ? &node->inc : NULL;
}

/* 0 or -ENOMEM. */
static int take_number(struct proctable *table, struct incarnation *inc)
{
	struct incarnation *older = proctable_newest(table, inc->pid);
	struct node *node = node_of(inc);

	HASH_ADD(hh, table->by_pid, inc.pid, sizeof(inc->pid), node);
	if (!node->hh.tbl)
		return -ENOMEM;
	if (older) {
		HASH_DEL(table->by_pid, node_of(older));
		older->newer = inc;
	}
	inc->older = older;
	return 0;
}

static void give_number(struct proctable *table, struct incarnation *inc)
{
	struct node *node = node_of(inc);

	if (inc->older)
		inc->older->newer = inc->newer;
	if (inc->newer) {
		inc->newer->older = inc->older;
	} else {
		/* Not there when the table had no memory for it. */
		if (node->hh.tbl)
			HASH_DEL(table->by_pid, node);
		if (inc->older) {
			node = node_of(inc->older);
			HASH_ADD(hh, table->by_pid, inc.pid, sizeof(inc->pid), node);
		}
	}
	inc->older = inc->newer = NULL;
}

/* --- parents --- */

static void tie(struct incarnation *inc, struct incarnation *parent)
{
	inc->parent = parent;
	if (parent)
		DL_APPEND2(parent->children, inc, child_prev, child_next);
}

static void untie(struct incarnation *inc)
{
	if (inc->parent)
		DL_DELETE2(inc->parent->children, inc, child_prev, child_next);
	inc->parent = NULL;
}

/* --- incarnations --- */

/* Frees it, and those of its ancestors that were only kept for it. */
static void release(struct proctable *table, struct incarnation *inc)
{
	struct incarnation *parent;

	while (inc) {
		parent = inc->parent;
		untie(inc);
		while (inc->children)
			untie(inc->children);
		if (inc->state != INCARNATION_PAST)
			give_number(table, inc);
		leave_state(table, inc);
		procplaces_put(table->places, inc->place);
		procstage_clear(&inc->stage);
		free(node_of(inc));
		inc = parent && parent->state == INCARNATION_PAST && !parent->children
			      ? parent
			      : NULL;
	}
}

static bool is_past_with_one_child(const struct incarnation *inc)
{
	return inc && inc->state == INCARNATION_PAST && inc->children &&
	       !inc->children->child_next;
}

/* Of a line of processes that each forked the next and died, what no ancestry of anybody
 * reaches any more is let go. */
static void trim(struct proctable *table, struct incarnation *inc)
{
	for (int i = 0; i < ANCESTRY_MAX; i++) {
		if (!is_past_with_one_child(inc))
			return;
		inc = inc->parent;
	}
	if (is_past_with_one_child(inc))
		release(table, inc);
}

/* The time of a dead one is over. */
static void forget(struct proctable *table, struct incarnation *inc)
{
	if (!inc->children) {
		release(table, inc);
		return;
	}
	give_number(table, inc);
	set_state(table, inc, INCARNATION_PAST);
	if (!inc->stage.settled)
		procstage_settle(&inc->stage);
	trim(table, inc);
}

static void make_room(struct proctable *table, size_t max)
{
	static const enum incarnation_state order[] = { INCARNATION_PAST,
							INCARNATION_DEAD,
							INCARNATION_LIVES };

	while (count(table) > max) {
		for (int i = 0; i < 3; i++) {
			if (table->list[order[i]]) {
				release(table, table->list[order[i]]);
				table->evicted++;
				break;
			}
		}
	}
}

static struct incarnation *add(struct proctable *table, int64_t pid, int64_t ppid,
			       int64_t start_usec)
{
	struct incarnation *inc;
	struct node *node;

	make_room(table, table->max - 1);
	node = calloc(1, sizeof(*node));
	if (!node)
		return NULL;
	inc = &node->inc;
	inc->pid = pid;
	inc->ppid = ppid;
	inc->start_usec = start_usec;
	inc->stage.since_usec = start_usec;
	inc->namespace_pid = NUMBER_ABSENT;
	if (take_number(table, inc) < 0) {
		free(node);
		return NULL;
	}
	DL_APPEND(table->list[INCARNATION_LIVES], inc);
	table->n[INCARNATION_LIVES]++;
	return inc;
}

int proctable_new(struct proctable **table, int64_t remember_usec, size_t max)
{
	struct proctable *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->places = procplaces_new();
	if (!new->places) {
		free(new);
		return -ENOMEM;
	}
	new->remember_usec = remember_usec;
	new->max = max;
	*table = new;
	return 0;
}

struct proctable *proctable_free(struct proctable *table)
{
	if (!table)
		return NULL;
	make_room(table, 0);
	procplaces_free(table->places);
	free(table);
	return NULL;
}

void proctable_set_limits(struct proctable *table, int64_t remember_usec, size_t max)
{
	table->remember_usec = remember_usec;
	table->max = max;
	make_room(table, max);
}

/* --- what happens --- */

void proctable_end(struct proctable *table, struct incarnation *inc, int64_t time_usec)
{
	if (inc->state != INCARNATION_LIVES)
		return;
	inc->end_usec = time_usec > inc->start_usec ? time_usec : inc->start_usec;
	set_state(table, inc, INCARNATION_DEAD);
}

void proctable_go_on(struct proctable *table, struct incarnation *inc)
{
	if (inc->state == INCARNATION_DEAD)
		set_state(table, inc, INCARNATION_LIVES);
	inc->leader_gone = true;
}

/* The number goes to another process, which starts at that time. */
static void end_for_next(struct proctable *table, struct incarnation *inc,
			 int64_t time_usec)
{
	if (inc->state == INCARNATION_LIVES) {
		proctable_end(table, inc, time_usec);
		inc->exit_owed = !inc->leader_gone;
	}
	proctable_doubt(table, inc, time_usec - FORK_USEC);
}

struct incarnation *proctable_fork(struct proctable *table, int64_t pid, int64_t ppid,
				   int64_t time_usec)
{
	struct incarnation *inc = proctable_newest(table, pid), *parent;

	if (inc && inc->found && inc->state == INCARNATION_LIVES &&
	    inc->start_usec <= time_usec && time_usec - inc->start_usec <= FOUND_USEC)
		return inc;
	if (inc)
		end_for_next(table, inc, time_usec);
	inc = add(table, pid, ppid, time_usec);
	if (!inc)
		return NULL;
	/* Only now: to add one may have cost another one its place. */
	parent = proctable_newest(table, ppid);
	inc->stage.inherited = true;
	if (!parent || parent == inc)
		return inc;
	tie(inc, parent);
	inc->stage.image = procimage_ref(parent->stage.image);
	memcpy(inc->stage.comm, parent->stage.comm, sizeof(inc->stage.comm));
	if (parent->place_own)
		inc->place = procplace_ref(parent->place);
	return inc;
}

struct incarnation *proctable_exec(struct proctable *table, int64_t pid,
				   int64_t time_usec)
{
	struct incarnation *inc = proctable_newest(table, pid);
	struct procstage *stage;

	if (!inc)
		return NULL;
	/* A thread did it: the main thread ended first, and its number goes on. */
	if (inc->state == INCARNATION_DEAD)
		set_state(table, inc, INCARNATION_LIVES);
	inc->leader_gone = false;
	stage = &inc->stage;
	if (stage->image && !stage->inherited &&
	    stage->image->read_usec > time_usec - EXEC_USEC) {
		procimage_forget(stage->image);
		stage->comm[0] = '\0';
	}
	return procstage_begin(&inc->stage, time_usec) < 0 ? NULL : inc;
}

void proctable_comm(struct proctable *table, int64_t pid, const char *comm)
{
	struct incarnation *inc = proctable_newest(table, pid);

	if (inc && inc->state == INCARNATION_LIVES)
		procstage_set_comm(&inc->stage, comm);
}

void proctable_exit(struct proctable *table, int64_t pid, int64_t time_usec)
{
	struct incarnation *inc = proctable_newest(table, pid);

	if (!inc)
		return;
	if (inc->older && inc->older->exit_owed) {
		inc->older->exit_owed = false;
		return;
	}
	proctable_end(table, inc, time_usec);
}

/* The parent that /proc showed, if it is known by now. */
static void tie_found(struct proctable *table, struct incarnation *inc)
{
	struct incarnation *parent = proctable_newest(table, inc->ppid);

	if (parent && parent != inc && parent->start_usec <= inc->start_usec)
		tie(inc, parent);
}

struct incarnation *proctable_found(struct proctable *table, int64_t pid, int64_t ppid,
				    int64_t start_usec)
{
	struct incarnation *inc = proctable_newest(table, pid);

	if (inc) {
		proctable_end(table, inc, start_usec);
		proctable_doubt(table, inc, start_usec - FORK_USEC);
	}
	inc = add(table, pid, ppid, start_usec);
	if (!inc)
		return NULL;
	inc->found = true;
	inc->stage.image = procimage_new();
	tie_found(table, inc);
	return inc;
}

void proctable_tie(struct proctable *table)
{
	struct incarnation *inc;

	DL_FOREACH (table->list[INCARNATION_LIVES], inc) {
		if (inc->found && !inc->parent)
			tie_found(table, inc);
	}
}

void proctable_expect_no_exits(struct proctable *table)
{
	struct incarnation *inc;

	DL_FOREACH (table->list[INCARNATION_DEAD], inc)
		inc->exit_owed = false;
}

void proctable_expire(struct proctable *table, int64_t now_usec)
{
	struct incarnation *inc;

	while ((inc = table->list[INCARNATION_DEAD]) &&
	       now_usec - inc->end_usec >= table->remember_usec)
		forget(table, inc);
	while ((inc = table->unsettled) && now_usec - inc->end_usec >= SETTLE_USEC) {
		procstage_settle(&inc->stage);
		table->unsettled = inc->next;
	}
}

struct incarnation *proctable_first_live(const struct proctable *table)
{
	return table->list[INCARNATION_LIVES];
}

/* --- what was read --- */

int proctable_set_place(struct proctable *table, struct incarnation *inc,
			const char *text, size_t len, int64_t now_usec)
{
	struct procplace *place = procplaces_get(table->places, text, len);

	if (!place)
		return -ENOMEM;
	procplaces_put(table->places, inc->place);
	inc->place = place;
	inc->place_own = true;
	inc->place_read_usec = now_usec;
	return 0;
}

void proctable_compare_places(struct incarnation *inc)
{
	struct incarnation *parent = inc->parent;

	if (parent && parent->place_own && inc->place_own &&
	    !procplace_equal(parent->place, inc->place))
		parent->mover = true;
}

void proctable_doubt(struct proctable *table, struct incarnation *inc, int64_t since_usec)
{
	struct procimage *image = inc->stage.image;

	if (image && !inc->stage.inherited && image->read &&
	    image->read_usec > since_usec) {
		procimage_forget(image);
		inc->stage.comm[0] = '\0';
		inc->namespace_known = false;
	}
	if (inc->place_own && inc->place_read_usec > since_usec) {
		inc->place = procplaces_put(table->places, inc->place);
		inc->place_own = false;
	}
}

void proctable_forget_stages(struct incarnation *inc)
{
	procstage_clear(&inc->stage);
	inc->stage = (struct procstage){ .since_usec = inc->start_usec,
					 .image = procimage_new() };
}

struct proctable_counts proctable_counts(const struct proctable *table)
{
	return (struct proctable_counts){
		.live = table->n[INCARNATION_LIVES],
		.dead = table->n[INCARNATION_DEAD],
		.past = table->n[INCARNATION_PAST],
		.evicted = table->evicted,
	};
}

size_t proctable_places(const struct proctable *table)
{
	return procplaces_count(table->places);
}
