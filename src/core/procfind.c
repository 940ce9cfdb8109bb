/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/procfind.h"

#include <string.h>

/* How far a stamp and our times may be apart: a tick at HZ=100. */
#define TOLERANCE_USEC 10000
/* comm and exe change that long before the message of an exec, if it is slow. */
#define EXEC_USEC 10000
/* A process that has another name that soon after its fork is about to exec. */
#define YOUNG_USEC 100000
#define INIT_PID   1

static bool lived_at(const struct incarnation *inc, int64_t time_usec)
{
	return inc->start_usec - TOLERANCE_USEC <= time_usec &&
	       (inc->state == INCARNATION_LIVES ||
		time_usec <= inc->end_usec + TOLERANCE_USEC);
}

/* Did it have that name in any of its stages? -1: no, 1: yes, 0: who knows. */
static int had_comm(const struct incarnation *inc, const char *comm)
{
	int r = -1;

	if (!comm)
		return 0;
	for (const struct procstage *s = &inc->stage; s; s = s->older) {
		if (!s->comm[0])
			r = 0;
		else if (strcmp(s->comm, comm) == 0)
			return 1;
	}
	return r;
}

/* An orphan's parent of now is another one than the one that forked it. */
static int had_ppid(const struct incarnation *inc, int64_t ppid)
{
	if (!number_known(ppid))
		return 0;
	if (inc->ppid == ppid)
		return 1;
	return inc->parent && inc->parent->state == INCARNATION_LIVES ? -1 : 0;
}

/* One whose name or parent isn't known may be the one, too. */
static bool agrees(const struct incarnation *inc, const struct procquery *query)
{
	return had_comm(inc, query->comm) >= 0 && had_ppid(inc, query->ppid) >= 0;
}

struct incarnation *procfind(struct proctable *table, const struct procquery *query,
			     bool *ambiguous)
{
	struct incarnation *inc = proctable_newest(table, query->pid);
	struct incarnation *only = NULL, *agreeing = NULL;
	int n = 0, n_agreeing = 0;

	*ambiguous = false;
	while (inc && inc->start_usec - TOLERANCE_USEC > query->time_usec)
		inc = inc->older;
	/* Of the older ones none can still be a zombie. */
	if (inc && !lived_at(inc, query->time_usec))
		return had_comm(inc, query->comm) < 0 ? NULL : inc;
	for (; inc && lived_at(inc, query->time_usec); inc = inc->older) {
		only = inc;
		n++;
		if (agrees(inc, query)) {
			agreeing = inc;
			n_agreeing++;
		}
	}
	if (n <= 1)
		return only;
	if (n_agreeing == 1)
		return agreeing;
	*ambiguous = true;
	return NULL;
}

/* A path in a chroot is the tail of the host's. */
static bool other_exe(const struct procimage *image, const char *exe)
{
	size_t len, tail;

	if (!image || !image->exe || !exe)
		return false;
	len = strlen(image->exe);
	tail = strlen(exe);
	return tail > len || strcmp(image->exe + len - tail, exe) != 0;
}

/* Was it that stage some time within 10 ms from the stamp on, until the next began? */
static bool was_stage(const struct procstage *stage, int64_t until_usec,
		      const struct procquery *query)
{
	return stage->since_usec - EXEC_USEC <= query->time_usec + TOLERANCE_USEC &&
	       until_usec > query->time_usec;
}

static bool fits_stage(const struct procstage *stage, const struct procquery *query)
{
	if (other_exe(stage->image, query->exe))
		return false;
	return !query->comm || !stage->comm[0] || strcmp(stage->comm, query->comm) == 0;
}

/* The record has a name that the stage hasn't: of a thread, or of an image to come. */
static bool is_about_to_exec(const struct procstage *stage, const struct procquery *query)
{
	return stage->inherited && query->comm && stage->comm[0] &&
	       strcmp(stage->comm, query->comm) != 0 &&
	       query->time_usec - stage->since_usec < YOUNG_USEC;
}

static bool same_exe(const struct procstage *a, const struct procstage *b)
{
	return a->image && a->image->exe && b->image && b->image->exe &&
	       strcmp(a->image->exe, b->image->exe) == 0;
}

const struct procstage *procfind_stage(const struct incarnation *inc,
				       const struct procquery *query, bool *only_exe)
{
	const struct procstage *possible = NULL, *fitting = NULL;
	int64_t until = INT64_MAX;
	int n_possible = 0;
	bool alike = true;

	*only_exe = false;
	for (const struct procstage *s = &inc->stage; s; s = s->older) {
		if (was_stage(s, until, query)) {
			possible = s;
			n_possible++;
		}
		if (possible == s && fits_stage(s, query)) {
			alike = alike && (!fitting || same_exe(fitting, s));
			*only_exe = fitting != NULL;
			fitting = fitting ? fitting : s;
		}
		until = s->since_usec;
	}
	if (n_possible == 1)
		return is_about_to_exec(possible, query) ? NULL : possible;
	return alike ? fitting : NULL;
}

const struct procplace *procfind_place(const struct incarnation *inc)
{
	const struct procplace *at_fork = NULL;

	for (int i = 0; inc && i < ANCESTRY_MAX; i++) {
		const struct incarnation *parent = inc->parent;

		if (inc->place_own)
			return !at_fork || procplace_equal(at_fork, inc->place)
				       ? inc->place
				       : NULL;
		if (!parent || parent->mover || parent->pid == INIT_PID)
			return NULL;
		if (!at_fork)
			at_fork = inc->place;
		inc = parent;
	}
	return NULL;
}

size_t procfind_ancestry(const struct incarnation *inc,
			 struct ancestor list[ANCESTRY_MAX])
{
	size_t n = 0;

	for (inc = inc->parent; inc && n < ANCESTRY_MAX; inc = inc->parent) {
		const struct procimage *image = inc->stage.image;
		const struct procplace *place = procfind_place(inc);

		list[n++] = (struct ancestor){
			.pid = inc->pid,
			.comm = inc->stage.comm[0] ? inc->stage.comm : NULL,
			.exe = image ? image->exe : NULL,
			.unit = place ? place->unit : NULL,
		};
		if (inc->pid == INIT_PID)
			break;
	}
	return n;
}
