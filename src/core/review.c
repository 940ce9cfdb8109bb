/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/review.h"

#include <signal.h>
#include <string.h>

#include "core/review_life.h"

#define SEC 1000000LL
/* A scope ends with its last process: only what came right before can be the reason. */
#define SCOPE_EFFECT_USEC 200000
/* A worker that the OOM killer took so long before has nothing to do with the end. */
#define OOM_USEC (90 * SEC)

struct judge {
	const struct review *review;
	struct verdict *v;
	struct life life;
	const char *unit; /* whose manager told the end; NULL: nobody did */
	int64_t from_usec;
};

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static void say(struct judge *j, enum verdict_word word)
{
	j->v->word = word;
}

/* The signal is the reason. */
static void blame(struct judge *j, const struct signal_event *ev, enum verdict_word word)
{
	j->v->signal = ev;
	j->v->to_child = review_is_child(ev);
	if (review_is_from_manager(ev) && j->life.client &&
	    j->life.client->signo == ev->signo)
		j->v->request = j->life.client;
	say(j, review_is_wrong_number(ev) && !review_is_from_manager(ev)
		       ? VERDICT_WRONG_NUMBER
		       : word);
}

static const struct signal_event *find(const struct judge *j, int64_t signo,
				       int64_t within_usec)
{
	int64_t since = j->from_usec;

	if (!number_known(since) || since < j->v->end_usec - within_usec)
		since = j->v->end_usec - within_usec;
	return review_find_signal(j->review, signo, since, j->v->end_usec);
}

/* At any time of this incarnation. */
static const struct signal_event *find_ever(const struct judge *j, int64_t signo)
{
	return find(j, signo, INT64_MAX / 2);
}

/* --- the manager's doing, and the kernel's --- */

/* It took a process of the unit, and another one was killed later by somebody else. */
static bool is_other_than_oom(const struct judge *j, const struct ending *oom)
{
	const struct signal_event *ev = find(j, SIGKILL, REVIEW_EFFECT_USEC);

	return ev && !review_is_child(ev) && !review_is_from_manager(ev) &&
	       ev->target.pid != oom->pid && ev->time_usec > oom->time_usec;
}

static const struct ending *near_oom(const struct judge *j)
{
	const struct ending *e = j->life.oom ? j->life.oom : j->life.unit_oom;

	return e && e->time_usec >= j->v->end_usec - OOM_USEC ? e : NULL;
}

static bool judge_oom(struct judge *j)
{
	const struct life *life = &j->life;
	const struct ending *near = near_oom(j);
	const struct ending *e = life->oom ? life->oom : life->unit_oom;

	if (!same(life->result, "oom-kill") &&
	    !(near && j->v->how == HOW_KILLED && j->v->signo == SIGKILL &&
	      !is_other_than_oom(j, e)) &&
	    !(near && j->v->how == HOW_EXITED && j->v->status == 128 + SIGKILL &&
	      !is_other_than_oom(j, e)) &&
	    !(near && j->v->how == HOW_UNKNOWN))
		return false;
	j->v->oom = e;
	say(j, VERDICT_OOM);
	return true;
}

/* Somebody else's SIGKILL comes before what the manager does. */
static bool is_preempted(const struct judge *j)
{
	const struct signal_event *ev;

	if (j->v->how != HOW_KILLED || j->v->signo != SIGKILL)
		return false;
	ev = find(j, SIGKILL, REVIEW_EFFECT_USEC);
	return ev && !review_is_from_manager(ev) && !review_is_inside(ev) &&
	       (!j->life.timeout || ev->time_usec < j->life.timeout->time_usec);
}

/* A fault on the way down: nobody sent that signal, and the manager has no reason to. */
static bool is_crash(const struct judge *j)
{
	const struct life *life = &j->life;
	const struct signal_event *ev;

	if (life->timeout || life->limit || !number_known(j->v->signo) ||
	    !review_dumps_core(j->v->signo) || j->v->signo == SIGQUIT)
		return false;
	ev = find_ever(j, j->v->signo);
	return ev ? review_is_to_self(ev) : j->v->complete || j->v->death;
}

static bool judge_manager(struct judge *j)
{
	const struct life *life = &j->life;
	const struct ending *request = life->stopping ? life->stopping : life->limit;

	if (!request || is_preempted(j))
		return false;
	j->v->request = request;
	if (is_crash(j))
		return false;
	j->v->timeout = life->timeout;
	if (life->limit && life->limit->kind == ENDING_WATCHDOG && !life->stopping) {
		j->v->signal = find(j, number_known(j->v->signo) ? j->v->signo : SIGABRT,
				    REVIEW_EFFECT_USEC);
		say(j, VERDICT_KILLED_BY);
		return true;
	}
	if (number_known(j->v->signo))
		j->v->signal = find(j, j->v->signo, INT64_MAX / 2);
	else if (j->v->how == HOW_UNKNOWN || j->v->status > 128)
		j->v->signal = find(j, SIGTERM, INT64_MAX / 2);
	if (j->v->signal && !review_is_from_manager(j->v->signal))
		j->v->signal = NULL;
	say(j, life->timeout ? VERDICT_STOP_TIMEOUT : VERDICT_STOPPED_BY_MANAGER);
	return true;
}

/* Process 1 may leave no records, but its log says what it sent. */
static bool judge_client(struct judge *j, int64_t signo)
{
	const struct ending *client = j->life.client;

	if (!client || client->signo != signo)
		return false;
	j->v->request = client;
	return true;
}

/* --- by how it ended --- */

static void unknown(struct judge *j, enum gap_cause cause)
{
	struct verdict *v = j->v;

	if (cause == GAP_KERNEL && v->n_gaps < REVIEW_GAPS_MAX)
		v->gaps[v->n_gaps++] =
			(struct review_gap){ cause, NUMBER_ABSENT, NUMBER_ABSENT, NULL };
	say(j, VERDICT_UNKNOWN_GAP);
}

static void judge_killed(struct judge *j)
{
	struct verdict *v = j->v;
	const struct signal_event *ev = find_ever(j, v->signo);

	if (ev && review_is_to_self(ev) && (review_dumps_core(v->signo) || v->death)) {
		v->signal = ev;
		say(j, VERDICT_CRASHED);
	} else if (ev) {
		blame(j, ev, VERDICT_KILLED_BY);
	} else if (judge_client(j, v->signo)) {
		say(j, VERDICT_KILLED_BY);
	} else if (review_dumps_core(v->signo) && v->signo != SIGQUIT) {
		say(j, VERDICT_CRASHED);
	} else if (j->life.kill && j->life.kill->signo == v->signo) {
		v->request = j->life.kill;
		say(j, VERDICT_STOPPED_BY_MANAGER);
	} else {
		unknown(j, GAP_KERNEL);
	}
}

/* The signal that an exit status stands for, 0 for none. */
static int64_t signal_of_status(int64_t status)
{
	return status > 128 && status <= 128 + 64 ? status - 128 : 0;
}

/* A signal to a worker matters only right before the end; one to the main process may be
 * answered after a long time. */
static const struct signal_event *find_answered(const struct judge *j, int64_t signo)
{
	const struct signal_event *ev = find_ever(j, signo);

	if (ev && review_is_child(ev))
		ev = find(j, signo, REVIEW_EFFECT_USEC);
	return ev;
}

/* The manager's log tells of such a one. */
static bool judge_client_stop(struct judge *j)
{
	const struct ending *client = j->life.client;

	if (!client ||
	    client->time_usec < j->v->end_usec - review_stop_reach_usec(client->signo))
		return false;
	j->v->request = client;
	return true;
}

/* Nobody's doing; but what it got before has to be told. */
static void own_exit(struct judge *j)
{
	const struct signal_event *ev = find(j, 0, REVIEW_WINDOW_USEC);

	if (ev && !review_is_to_self(ev))
		j->v->other = ev;
	j->v->oom = near_oom(j);
	say(j, VERDICT_OWN_EXIT);
}

static void judge_exited(struct judge *j)
{
	struct verdict *v = j->v;
	int64_t signo = signal_of_status(v->status);
	const struct signal_event *ev = NULL;

	if (signo)
		ev = find_answered(j, signo);
	else
		ev = review_find_stop(j->review, j->from_usec, j->v->end_usec);
	if (ev)
		blame(j, ev, VERDICT_EXIT_AFTER_SIGNAL);
	else if (signo && v->death && v->death->signo == signo)
		say(j, VERDICT_CRASHED);
	else if (signo && judge_client(j, signo))
		say(j, VERDICT_EXIT_AFTER_SIGNAL);
	else if (signo && !v->complete)
		unknown(j, GAP_NOT_RUNNING);
	else
		own_exit(j);
}

/* It ended well, and the manager doesn't say whether by a signal or by itself. */
static void judge_clean(struct judge *j)
{
	struct verdict *v = j->v;
	bool scope = review_is_scope(j->unit);
	const struct signal_event *ev =
		scope ? find(j, 0, SCOPE_EFFECT_USEC)
		      : review_find_stop(j->review, j->from_usec, j->v->end_usec);

	/* Nobody can handle that one. */
	if (ev && ev->signo == SIGKILL) {
		v->how = HOW_KILLED;
		v->signo = SIGKILL;
	}
	/* What isn't handled ends a process at once, and SIGQUIT not well. */
	if (ev)
		blame(j, ev,
		      ev->signo == SIGQUIT ||
				      ev->time_usec < v->end_usec - REVIEW_EFFECT_USEC
			      ? VERDICT_EXIT_AFTER_SIGNAL
			      : VERDICT_KILLED_BY);
	else if (judge_client_stop(j))
		say(j, VERDICT_KILLED_BY);
	else if (!v->complete)
		unknown(j, GAP_NOT_RUNNING);
	else
		own_exit(j);
}

static void judge_end(struct judge *j)
{
	if (judge_oom(j) || judge_manager(j))
		return;
	switch (j->v->how) {
	case HOW_KILLED:
	case HOW_DUMPED:
		judge_killed(j);
		break;
	case HOW_EXITED:
		judge_exited(j);
		break;
	default:
		judge_clean(j);
	}
}

/* --- which end --- */

/* What the kernel recorded of a death of the subject, near the end that the manager told,
 * or the newest where it told none. */
static const struct signal_event *find_death(const struct judge *j, int64_t until_usec)
{
	const struct signal_event *found = NULL;

	for (size_t i = 0; i < j->review->n_items; i++) {
		const struct signal_event *ev = j->review->items[i].event;

		if (ev && ev->kind == EVENT_DEATH && ev->time_usec <= until_usec + SEC &&
		    (!number_known(j->from_usec) || ev->time_usec >= j->from_usec) &&
		    review_is_about(&j->review->subject, ev))
			found = ev;
	}
	return found;
}

static void take_life(struct judge *j)
{
	struct verdict *v = j->v;
	const struct ending *e = j->life.end;

	v->end = e;
	v->end_usec = e->time_usec;
	v->start_usec = j->life.start_usec;
	j->from_usec = j->life.from_usec;
	v->how = e->how;
	v->status = e->status;
	v->signo = e->signo;
	v->result = j->life.result;
	v->death = find_death(j, v->end_usec);
	if (v->death &&
	    (number_known(v->signo)
		     ? v->death->signo != v->signo
		     : v->death->time_usec < v->end_usec - REVIEW_EFFECT_USEC))
		v->death = NULL;
}

/* What the kernel said of a process that it killed for memory. */
static const struct ending *find_kernel_oom(const struct judge *j, int64_t pid)
{
	for (size_t i = j->review->n_items; i > 0; i--) {
		const struct ending *e = &j->review->items[i - 1].ending;

		if (e->kind == ENDING_KERNEL_OOM && e->pid == pid)
			return e;
	}
	return NULL;
}

static void die(struct judge *j, int64_t time_usec, enum ending_how how, int64_t signo)
{
	j->v->end_usec = time_usec;
	j->v->how = how;
	j->v->signo = signo;
}

static int64_t since_of(const struct review *review)
{
	return number_known(review->since_usec) ? review->since_usec : 0;
}

/* Nobody told how it ended: what killed it, if anything did. False: nothing is known. */
static bool take_traces(struct judge *j)
{
	struct verdict *v = j->v;
	int64_t pid = j->review->subject.pid;
	const struct signal_event *ev =
		review_find_signal(j->review, 0, since_of(j->review), INT64_MAX / 2);

	/* It did something long after: it hadn't ended. */
	if (ev && ev->signo != SIGKILL &&
	    review_last_sign(j->review) > ev->time_usec + REVIEW_EFFECT_USEC)
		ev = NULL;
	v->death = find_death(j, INT64_MAX / 2);
	v->oom = number_known(pid) ? find_kernel_oom(j, pid) : NULL;
	if (v->oom)
		die(j, v->oom->time_usec, HOW_KILLED, SIGKILL);
	else if (v->death)
		die(j, v->death->time_usec, HOW_KILLED, v->death->signo);
	else if (ev)
		die(j, ev->time_usec, ev->signo == SIGKILL ? HOW_KILLED : HOW_UNKNOWN,
		    ev->signo == SIGKILL ? SIGKILL : NUMBER_ABSENT);
	return v->oom || v->death || ev;
}

static void judge_traces(struct judge *j)
{
	struct verdict *v = j->v;
	const struct signal_event *ev;

	if (v->oom) {
		say(j, VERDICT_OOM);
	} else if (v->death) {
		judge_killed(j);
	} else {
		ev = review_find_signal(j->review, number_known(v->signo) ? v->signo : 0,
					since_of(j->review), v->end_usec);
		blame(j, ev, VERDICT_KILLED_BY);
	}
}

static bool is_before(const struct review *review, int64_t time_usec)
{
	return number_known(review->since_usec) && time_usec < review->since_usec;
}

/* The end that the unit's manager told, if it is the subject's. */
static bool find_life(struct judge *j)
{
	const struct review *review = j->review;
	bool whole = review->subject.kind == SUBJECT_UNIT ||
		     review->subject.kind == SUBJECT_CONTAINER;
	int64_t after = whole ? NUMBER_ABSENT : review_last_sign(review);
	struct lives lives;

	if (!j->unit || (!whole && !review_is_main(review)))
		return false;
	/* Its manager may signal what is dead already. */
	if (number_known(after))
		after -= SEC / 10;
	lives_read(&lives, review, j->unit, after);
	j->v->n_ends = lives.n_ends;
	j->v->again_usec = lives.again_usec;
	j->life = lives.last;
	if (!j->life.end || is_before(review, j->life.end->time_usec) ||
	    (number_known(after) && j->life.end->time_usec < after))
		return false;
	take_life(j);
	return true;
}

static void collect(struct judge *j, const struct review_item *item)
{
	struct verdict *v = j->v;
	const struct ending *e = item->ending.kind ? &item->ending : NULL;

	if ((item->event && (item->event == v->signal || item->event == v->other ||
			     item->event == v->death)) ||
	    (e && (e == v->end || e == v->request || e == v->timeout || e == v->oom)))
		v->evidence[v->n_evidence++] = item;
}

static void judge_nothing(struct judge *j)
{
	const struct review_subject *subject = &j->review->subject;

	if (subject->lives || number_known(j->v->again_usec)) {
		j->v->how = HOW_RUNNING;
		j->v->start_usec = j->v->again_usec;
		say(j, VERDICT_ALIVE);
	} else {
		say(j, subject->known || subject->kind == SUBJECT_PID
			       ? VERDICT_NOTHING_KNOWN
			       : VERDICT_NO_SUCH);
	}
}

void review_judge(const struct review *review, struct verdict *v)
{
	struct judge j = { review, v, { 0 }, review->subject.unit, NUMBER_ABSENT };
	bool told;

	*v = (struct verdict){
		.start_usec = NUMBER_ABSENT,
		.end_usec = NUMBER_ABSENT,
		.again_usec = NUMBER_ABSENT,
		.window_usec = NUMBER_ABSENT,
		.status = NUMBER_ABSENT,
		.signo = NUMBER_ABSENT,
	};
	told = find_life(&j);
	/* Who was told of a start would have been told of an end. */
	if (!told &&
	    (review->subject.lives || number_known(v->again_usec) || !take_traces(&j))) {
		judge_nothing(&j);
		return;
	}
	v->window_usec = v->end_usec - REVIEW_WINDOW_USEC;
	if (number_known(v->start_usec) && v->start_usec > v->window_usec)
		v->window_usec = v->start_usec;
	review_find_gaps(review, v);
	if (told)
		judge_end(&j);
	else
		judge_traces(&j);
	for (size_t i = 0; i < review->n_items && v->n_evidence < REVIEW_EVIDENCE_MAX;
	     i++)
		collect(&j, &review->items[i]);
}
