/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/notes.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#include "core/buffer.h"
#include "core/pool.h"

#define TARGETS_MAX	1024
#define SENDERS_MAX	4
#define TOLERANCE_USEC	2000000
#define ESCALATION_SIZE 48

/* Who sent a signal: ids, and fingerprints of names, 0 where unknown. */
struct origin {
	int64_t pid;
	int64_t start_usec;
	uint64_t exe;
	uint64_t place; /* unit, user unit and container */
};

/* That a process was asked to end. */
struct request {
	struct origin from;
	int64_t time_usec;
};

struct asked {
	uint64_t key; /* node and pid */
	int64_t start_usec;
	uint64_t name;
	struct request requests[SENDERS_MAX]; /* the last one first */
	size_t n;
	UT_hash_handle hh;
	struct asked *prev, *next;
};

struct notes {
	struct asked *by_key;
	struct asked *by_use; /* the one used last at the end */
	struct pool spare;
	struct buffer stale;
	char escalation[ESCALATION_SIZE];
};

int notes_new(struct notes **notes)
{
	struct notes *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->spare = (struct pool){ .item_bytes = sizeof(struct asked),
				  .spares_max = TARGETS_MAX };
	*notes = n;
	return 0;
}

static void forget(struct notes *notes, struct asked *a)
{
	HASH_DEL(notes->by_key, a);
	DL_DELETE(notes->by_use, a);
	pool_give(&notes->spare, a);
}

struct notes *notes_free(struct notes *notes)
{
	if (!notes)
		return NULL;
	while (notes->by_use)
		forget(notes, notes->by_use);
	pool_clear(&notes->spare);
	buffer_free(&notes->stale);
	free(notes);
	return NULL;
}

/* --- the two ends ---------------------------------------------------------------------
 */

static bool same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_self(const struct signal_event *ev)
{
	return ev->has_target && number_known(ev->sender.pid) &&
	       ev->sender.pid == ev->target.pid;
}

static bool is_thread_target(const struct signal_event *ev)
{
	return ev->has_target && ev->scope == SCOPE_PROCESS &&
	       number_known(ev->target.tid) && ev->target.tid != ev->target.pid;
}

static bool is_init_scope(const char *unit)
{
	return unit && strcmp(unit, "init.scope") == 0;
}

/* Is it a service manager at its own work? */
static bool is_manager_of_target(const struct signal_event *ev)
{
	const struct party *sender = &ev->sender;

	if (sender->container)
		return false;
	if (sender->pid == 1 || is_init_scope(sender->unit))
		return true;
	return is_init_scope(sender->user_unit) && ev->target.user_unit &&
	       same_name(sender->unit, ev->target.unit);
}

static bool crosses_units(const struct signal_event *ev)
{
	const struct party *s = &ev->sender;
	const struct party *t = &ev->target;

	return ev->has_target && s->unit && t->unit &&
	       (!same_name(s->unit, t->unit) || !same_name(s->user_unit, t->user_unit)) &&
	       !is_manager_of_target(ev);
}

static bool is_placed(const struct party *party)
{
	return party->unit || party->slice || party->container;
}

static bool crosses_containers(const struct signal_event *ev)
{
	return ev->has_target && is_placed(&ev->sender) && is_placed(&ev->target) &&
	       !same_name(ev->sender.container, ev->target.container);
}

static bool crosses_users(const struct signal_event *ev)
{
	return ev->has_target && number_known(ev->sender.uid) &&
	       number_known(ev->target.uid) && ev->sender.uid != ev->target.uid;
}

/* --- PID files ------------------------------------------------------------------------
 */

bool notes_may_be_stale(const struct signal_event *ev)
{
	if (ev->kind != EVENT_SIGNAL || ev->scope != SCOPE_PROCESS || !ev->call ||
	    ev->call->by != SIGCALL_BY_PID || !number_known(ev->argument) ||
	    ev->argument <= 0 || !ev->sender.host_namespace)
		return false;
	if (!ev->has_target)
		return ev->result == ESRCH;
	return is_thread_target(ev) || crosses_units(ev);
}

static bool is_stale(const struct signal_event *ev, const struct note_facts *facts,
		     const struct note_file *file)
{
	/* Nobody had the number: what was written before can't mean anyone of then. */
	if (!ev->has_target)
		return file->mtime_usec <= ev->time_usec;
	return number_known(facts->number_start_usec) &&
	       file->mtime_usec < facts->number_start_usec - TOLERANCE_USEC;
}

static const struct note_file *stale_file(const struct signal_event *ev,
					  const struct note_facts *facts)
{
	const struct note_file *found = NULL;

	for (size_t i = 0; i < facts->n_files; i++) {
		const struct note_file *file = &facts->files[i];
		bool stale = is_stale(ev, facts, file);

		if (file->of_sender)
			return stale ? file : NULL;
		if (!stale)
			return NULL;
		if (!found)
			found = file;
	}
	return found;
}

/* --- escalation -----------------------------------------------------------------------
 */

/* FNV-1a, continued over one string and its end. */
static uint64_t mix(uint64_t hash, const char *s)
{
	const unsigned char *p = (const unsigned char *)(s ? s : "");

	do {
		hash = (hash ^ *p) * 0x100000001b3;
	} while (*p++);
	return hash;
}

#define HASH_START 0xcbf29ce484222325

static struct origin origin_of(const struct party *party)
{
	struct origin origin = { .pid = party->pid, .start_usec = party->start_usec };

	if (party->exe)
		origin.exe = mix(HASH_START, party->exe);
	if (party->unit || party->container)
		origin.place = mix(mix(mix(HASH_START, party->unit), party->user_unit),
				   party->container);
	return origin;
}

static bool same_start(int64_t a, int64_t b)
{
	return !number_known(a) || !number_known(b) || a == b;
}

static bool same_origin(const struct origin *a, const struct origin *b)
{
	if (number_known(a->pid) && a->pid == b->pid &&
	    same_start(a->start_usec, b->start_usec))
		return true;
	/* A kill(1) of somebody else is the same program. */
	if (a->place && b->place)
		return a->place == b->place;
	return a->exe && a->exe == b->exe;
}

static uint64_t key_of(const struct signal_event *ev)
{
	return mix(HASH_START, ev->node) ^ (uint64_t)ev->target.pid;
}

static bool is_same_target(const struct asked *a, const struct party *target)
{
	if (number_known(a->start_usec) && number_known(target->start_usec))
		return a->start_usec == target->start_usec;
	return a->name == mix(HASH_START, party_name(target));
}

static struct asked *find_asked(struct notes *notes, const struct signal_event *ev)
{
	uint64_t key = key_of(ev);
	struct asked *a;

	HASH_FIND(hh, notes->by_key, &key, sizeof(key), a);
	return a;
}

/* Makes room for a target. NULL without memory. */
static struct asked *add_asked(struct notes *notes, const struct signal_event *ev)
{
	struct asked *a;

	if (HASH_COUNT(notes->by_key) >= TARGETS_MAX)
		forget(notes, notes->by_use);
	a = pool_take(&notes->spare);
	if (!a)
		return NULL;
	a->key = key_of(ev);
	HASH_ADD(hh, notes->by_key, key, sizeof(a->key), a);
	if (!a->hh.tbl) {
		pool_give(&notes->spare, a);
		return NULL;
	}
	DL_APPEND(notes->by_use, a);
	return a;
}

static void remember(struct notes *notes, const struct signal_event *ev)
{
	struct request request = { origin_of(&ev->sender), ev->time_usec };
	struct asked *a = find_asked(notes, ev);
	size_t i = 0;

	if (a && !is_same_target(a, &ev->target)) {
		forget(notes, a);
		a = NULL;
	}
	if (a) {
		DL_DELETE(notes->by_use, a);
		DL_APPEND(notes->by_use, a);
	} else {
		a = add_asked(notes, ev);
		if (!a)
			return;
	}
	a->start_usec = ev->target.start_usec;
	a->name = mix(HASH_START, party_name(&ev->target));
	/* The sender's place in the list is free again; else the last one's is. */
	while (i < a->n && a->requests[i].from.pid != request.from.pid)
		i++;
	if (i == a->n && a->n < SENDERS_MAX)
		a->n++;
	if (i == SENDERS_MAX)
		i--;
	memmove(&a->requests[1], &a->requests[0], i * sizeof(request));
	a->requests[0] = request;
}

/* The last time that this sender, or one like it, asked the process to end; else NULL. */
static const struct request *find_request(struct notes *notes,
					  const struct signal_event *ev)
{
	struct origin origin = origin_of(&ev->sender);
	const struct asked *a = find_asked(notes, ev);

	if (!a || !is_same_target(a, &ev->target))
		return NULL;
	for (size_t i = 0; i < a->n; i++) {
		if (same_origin(&a->requests[i].from, &origin))
			return &a->requests[i];
	}
	return NULL;
}

static bool is_stop_signal(const struct signal_event *ev, const struct note_facts *facts)
{
	return ev->signo == SIGTERM ||
	       (facts->stop_signal > 0 && ev->signo == facts->stop_signal);
}

/* The note of a SIGKILL that escalates, NULL if it doesn't. */
static const char *escalation(struct notes *notes, const struct signal_event *ev,
			      const struct note_facts *facts)
{
	const struct request *request;
	int64_t tenths;

	if (!ev->has_target || ev->result != 0 || !number_known(ev->target.pid))
		return NULL;
	if (ev->signo != SIGKILL) {
		if (is_stop_signal(ev, facts))
			remember(notes, ev);
		return NULL;
	}
	request = find_request(notes, ev);
	if (!request)
		return NULL;
	/* The wall clock may have been set back meanwhile. */
	tenths = ev->time_usec > request->time_usec
			 ? (ev->time_usec - request->time_usec + 50000) / 100000
			 : 0;
	snprintf(notes->escalation, sizeof(notes->escalation), "escalation=%lld.%llds",
		 (long long)(tenths / 10), (long long)(tenths % 10));
	return notes->escalation;
}

/* --- all of them ----------------------------------------------------------------------
 */

static void add(struct signal_event *ev, const char *note)
{
	if (note && ev->n_notes < EVENT_NOTES_MAX)
		ev->notes[ev->n_notes++] = note;
}

static const char *stale_note(struct notes *notes, const struct note_file *file)
{
	buffer_reset(&notes->stale);
	buffer_add_string(&notes->stale, "stale-pidfile=");
	buffer_add_string(&notes->stale, file->path);
	return notes->stale.failed ? NULL : notes->stale.data;
}

void notes_add(struct notes *notes, struct signal_event *ev,
	       const struct note_facts *facts)
{
	const struct note_file *file = NULL;

	if (ev->kind != EVENT_SIGNAL)
		return;
	if (notes_may_be_stale(ev))
		file = stale_file(ev, facts);
	if (is_thread_target(ev))
		add(ev, "thread-target");
	if (file)
		add(ev, stale_note(notes, file));
	add(ev, escalation(notes, ev, facts));
	if (ev->has_target && ev->target.namespace_pid == 1)
		add(ev, "pid1-of-container");
	if (is_self(ev))
		add(ev, "self");
	if (crosses_units(ev))
		add(ev, "cross-unit");
	if (crosses_containers(ev))
		add(ev, "cross-container");
	if (crosses_users(ev))
		add(ev, "cross-user");
}

bool note_is_shown(const char *note)
{
	static const char *const shown[] = { "thread-target", "self", "cross-unit",
					     "cross-container", "cross-user" };

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (strcmp(note, shown[i]) == 0)
			return true;
	}
	return false;
}

size_t notes_rank(const char *note)
{
	static const char *const order[] = {
		"thread-target", "stale-pidfile", "escalation",	     "pid1-of-container",
		"self",		 "cross-unit",	  "cross-container", "cross-user"
	};
	const size_t n = sizeof(order) / sizeof(order[0]);
	const size_t len = strcspn(note, "=");

	for (size_t i = 0; i < n; i++) {
		if (strlen(order[i]) == len && memcmp(note, order[i], len) == 0)
			return i;
	}
	return n;
}
