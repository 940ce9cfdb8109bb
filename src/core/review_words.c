/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/review_words.h"

#include <signal.h>
#include <string.h>

#include "core/escape.h"
#include "core/review_who.h"
#include "core/signame.h"

static void add(struct buffer *out, const char *text)
{
	buffer_add_string(out, text);
}

static void add_name(struct buffer *out, const char *name)
{
	escape_add_name(out, name, strlen(name));
}

static void add_signal(struct buffer *out, int64_t signo)
{
	char name[SIGNAME_SIZE];

	add(out, number_known(signo) ? signame_format(signo, name) : "a signal");
}

static void add_time(struct buffer *out, int64_t usec, const struct review_show *show)
{
	char text[TIMESTAMP_SIZE];

	add(out, show->clock->time(usec, text));
}

static bool is_whole(const struct review *review)
{
	return review->subject.kind == SUBJECT_UNIT ||
	       review->subject.kind == SUBJECT_CONTAINER;
}

/* Which process of the unit it was. */
static void add_reached(struct buffer *out, const struct review *review,
			const struct verdict *v)
{
	if (!is_whole(review))
		return;
	add(out, "The signal went to ");
	text_party(out, &v->signal->target);
	if (v->to_child && v->how == HOW_EXITED)
		add(out,
		    ", a process below the main one: a shell or wrapper hands on its "
		    "child's death as 128 and the signal's number");
	add(out, ".\n");
}

static void add_client(struct buffer *out, const struct verdict *v)
{
	if (v->request && v->request->kind == ENDING_CLIENT_KILLS)
		add(out, "The service manager sent it on a client's request (systemctl "
			 "kill); no record says who ran that.\n");
}

/* --- one for each word --- */

static void add_ended_at(struct buffer *out, const struct review *review,
			 const struct verdict *v, const struct review_show *show)
{
	review_add_subject(out, review);
	if (!v->end && v->how == HOW_UNKNOWN)
		add(out, ", last seen at ");
	else
		add(out, " ended at ");
	add_time(out, v->end_usec, show);
	add(out, ".\n");
}

static void add_watchdog(struct buffer *out, const struct verdict *v)
{
	add(out, "It gave no sign of life");
	if (v->request->limit.len) {
		add(out, " for ");
		escape_add(out, v->request->limit.data, v->request->limit.len);
	}
	add(out, " (WatchdogSec=), and the service manager killed it with ");
	add_signal(out, number_known(v->signo) ? v->signo : SIGABRT);
	add(out, ".\n");
}

static void add_killed(struct buffer *out, const struct review *review,
		       const struct verdict *v, const struct review_show *show)
{
	bool sure = v->how == HOW_KILLED || v->how == HOW_DUMPED;

	if (v->request && v->request->kind == ENDING_WATCHDOG) {
		add_watchdog(out, v);
		return;
	}
	add(out, sure ? "It was killed by " : v->end ? "It ended after " : "It got ");
	if (v->signal) {
		who_add_sent(out, v, v->signal, show);
	} else {
		add_signal(out, v->request->signo);
		add(out, ", sent by the service manager");
	}
	add(out, ".\n");
	if (!sure && v->end)
		add(out, "The service manager calls that a clean end and doesn't say "
			 "whether the signal killed it or it exited with status 0.\n");
	else if (!sure)
		add(out, "Nothing in the journal says how it ended; this is the last "
			 "signal that ends a process unless it is handled.\n");
	if (v->signal)
		add_reached(out, review, v);
	add_client(out, v);
	if (v->signal)
		who_add_background(out, v->signal, show);
}

static void add_status(struct buffer *out, const struct verdict *v)
{
	buffer_printf(out, "It exited by itself with status %lld", (long long)v->status);
	if (v->status > 128 && v->status <= 192) {
		buffer_printf(out, ", which is 128+%lld and stands for ",
			      (long long)(v->status - 128));
		add_signal(out, v->status - 128);
	}
}

static void add_answer(struct buffer *out, const struct review *review,
		       const struct verdict *v, const struct review_show *show)
{
	if (v->how == HOW_EXITED)
		add_status(out, v);
	else
		add(out, "It exited by itself");
	add(out, ", after ");
	if (v->signal) {
		who_add_sent(out, v, v->signal, show);
	} else {
		add_signal(out, v->request->signo);
		add(out, ", sent by the service manager");
	}
	add(out, ".\n");
	if (!v->to_child)
		add(out, v->status > 128 ? "It was not killed: it caught the signal and "
					   "chose to exit with that status.\n"
					 : "The status doesn't name a signal; that it "
					   "ended because of this one is likely, not "
					   "proven.\n");
	if (v->signal)
		add_reached(out, review, v);
	add_client(out, v);
	if (v->signal)
		who_add_background(out, v->signal, show);
}

/* What else it got may matter, and must not be denied. */
static void add_other(struct buffer *out, const struct review *review,
		      const struct verdict *v, const struct review_show *show)
{
	if (review_is_child(v->other) || review_is_scope(review->subject.unit)) {
		add(out, "One of its processes, ");
		text_party(out, &v->other->target);
		add(out, ", got ");
	} else {
		add(out, "It had got ");
	}
	who_add_sent(out, v, v->other, show);
	add(out, ", which may have led to that; the end itself was the program's own "
		 "choice.\n");
}

static void add_own_exit(struct buffer *out, const struct review *review,
			 const struct verdict *v, const struct review_show *show)
{
	if (v->how == HOW_EXITED) {
		add_status(out, v);
		add(out, ".\n");
	} else {
		add(out, v->result ? "It failed by itself, in the words of the service "
				     "manager with result "
				   : "It ended by itself and well");
		if (v->result)
			add_name(out, v->result);
		add(out, ".\n");
	}
	if (v->other)
		add_other(out, review, v, show);
	if (v->oom) {
		add(out, "The kernel's OOM killer had taken one of its processes ");
		who_add_span(out, v->end_usec - v->oom->time_usec);
		add(out, " before, which may have led to that.\n");
	}
	if (v->death) {
		add(out, "One of its processes, ");
		text_party(out, &v->death->target);
		add(out, ", had died of ");
		add_signal(out, v->death->signo);
		add(out, " right before, which may have led to that.\n");
	}
	if (v->other || v->oom || v->death)
		return;
	if (v->complete)
		add(out, "Nothing sent it a signal that ends a process: that was the "
			 "program's own choice.\n");
	else if (v->how == HOW_EXITED)
		add(out, "No signal gives that status: it was the program's own "
			 "choice.\n");
}

static void add_unknown(struct buffer *out, const struct verdict *v)
{
	if (v->how == HOW_EXITED) {
		add_status(out, v);
		add(out, ".\nNo such signal to it is on record, but the record has gaps: "
			 "whether something sent it one can't be known.\n");
	} else if (number_known(v->signo)) {
		add(out, "It was killed by ");
		add_signal(out, v->signo);
		add(out, ", and no record says who sent it.\n");
	} else {
		add(out, "It ended by itself or by a signal: the service manager doesn't "
			 "say, and "
			 "no signal to it is on record, but the record has gaps.\n");
	}
}

static void add_stopped(struct buffer *out, const struct review *review,
			const struct verdict *v)
{
	switch (v->request->kind) {
	case ENDING_RUNTIME_MAX:
		add(out, "It ran for longer than RuntimeMaxSec= allows, and the service "
			 "manager stopped it.\n");
		break;
	case ENDING_START_TIMEOUT:
		add(out, "It was not ready within TimeoutStartSec=, and the service "
			 "manager stopped it.\n");
		break;
	case ENDING_MANAGER_KILLS:
		add(out, "The service manager killed what was left of it with ");
		add_signal(out, v->request->signo);
		add(out, ".\n");
		break;
	default:
		add(out, "The service manager stopped it: it was asked to ");
		who_add_span(out, v->end_usec - v->request->time_usec);
		add(out,
		    " before.\nNo record says who asked: systemctl stop or restart, a "
		    "package's upgrade, a unit that it depends on or conflicts "
		    "with.\n");
	}
	if (v->word == VERDICT_STOP_TIMEOUT) {
		add(out, "It didn't end within TimeoutStopSec=");
		add(out,
		    number_known(v->signo) ? ", and the manager killed it with " : "");
		if (number_known(v->signo))
			add_signal(out, v->signo);
		add(out, ".\n");
	} else if (v->how == HOW_EXITED && v->status != 0) {
		buffer_printf(out, "It answered by exiting with status %lld",
			      (long long)v->status);
		add(out,
		    v->result ? ", which the manager counts as a failure.\n" : ".\n");
	}
}

static const char *stale_file(const struct signal_event *ev)
{
	static const char word[] = "stale-pidfile=";

	for (size_t i = 0; i < ev->n_notes; i++) {
		if (strncmp(ev->notes[i], word, sizeof(word) - 1) == 0)
			return ev->notes[i] + sizeof(word) - 1;
	}
	return NULL;
}

static void add_wrong_number(struct buffer *out, const struct review *review,
			     const struct verdict *v, const struct review_show *show)
{
	const struct signal_event *ev = v->signal;
	const struct party *target = &ev->target;
	const char *file = stale_file(ev);

	add(out, v->how == HOW_EXITED ? "It exited after " : "It ended after ");
	who_add_sent(out, v, v->signal, show);
	add(out, ", which was most likely meant for another process.\n");
	if (number_known(target->tid) && target->tid != target->pid) {
		buffer_printf(out,
			      "The sender asked for number %lld, the id of a thread (",
			      (long long)target->tid);
		add_name(out, target->thread ? target->thread : "of no known name");
		add(out, ") of ");
		text_party(out, target);
		add(out, "; a signal to a thread's id hits the whole process.\n");
	}
	if (file) {
		add(out, "That number stands in the PID file ");
		add_name(out, file);
		add(out, ", which is older than what has the number now.\n");
	}
	add_reached(out, review, v);
	who_add_background(out, ev, show);
}

static void add_crash(struct buffer *out, const struct verdict *v)
{
	int64_t signo = number_known(v->signo) ? v->signo : v->death->signo;
	bool seccomp = signo == SIGSYS || (v->death && v->death->reason &&
					   strcmp(v->death->reason, "seccomp") == 0);

	if (v->how == HOW_EXITED) {
		buffer_printf(out,
			      "It exited with status %lld, as a process below the main "
			      "one, ",
			      (long long)v->status);
		text_party(out, &v->death->target);
		add(out, ", crashed: ");
	} else {
		add(out, "It crashed: ");
	}
	add_signal(out, signo);
	if (seccomp)
		add(out, ", for a system call that its seccomp filter forbids "
			 "(SystemCallFilter= or its own)");
	else if (v->signal)
		add(out, ", which it sent to itself, as abort(3) does");
	else if (signo == SIGSEGV || signo == SIGBUS)
		add(out, ", a bad access to memory");
	add(out, v->how == HOW_DUMPED ? "; it dumped core.\n" : ".\n");
	if (!v->signal && v->complete)
		add(out, "Nothing sent it that signal: the kernel gave it.\n");
	if (v->request && v->request->kind == ENDING_STOPPING)
		add(out, "The service manager was stopping it when that happened.\n");
}

static void add_oom(struct buffer *out, const struct verdict *v)
{
	add(out, v->how == HOW_EXITED ? "The kernel killed a process of it for want of "
					"memory (the OOM killer"
				      : "The kernel killed it for want of memory (the "
					"OOM killer");
	if (v->oom && number_known(v->oom->pid))
		buffer_printf(out, " chose process %lld", (long long)v->oom->pid);
	add(out, ").\n");
	if (v->how == HOW_EXITED)
		buffer_printf(out,
			      "It exited with status %lld after that, which a shell "
			      "or wrapper hands on.\n",
			      (long long)v->status);
	else if (v->end)
		add(out,
		    "What the service manager sent afterwards reached a process that "
		    "was dead already, or stopped the rest, and is not the "
		    "reason.\n");
}

static void add_alive(struct buffer *out, const struct review *review,
		      const struct verdict *v, const struct review_show *show)
{
	review_add_subject(out, review);
	add(out, " runs");
	if (number_known(v->start_usec)) {
		add(out, ", since ");
		add_time(out, v->start_usec, show);
	}
	add(out, "; no end of it is in the journal.\n");
}

static void add_none(struct buffer *out, const struct review *review,
		     const struct verdict *v)
{
	if (v->word == VERDICT_NO_SUCH) {
		add(out, "There is no ");
		review_add_subject(out, review);
		add(out, review->subject.kind == SUBJECT_UNIT
				 ? " in the journal of that time: no such unit.\n"
				 : " in the journal of that time: no unit, container or "
				   "process that was signalled has that name.\n");
		return;
	}
	add(out, "Nothing is known of an end of ");
	review_add_subject(out, review);
	add(out, ".\n");
}

static void add_history(struct buffer *out, const struct verdict *v,
			const struct review_show *show)
{
	if (v->n_ends > 1)
		buffer_printf(out,
			      "It ended %zu times in the time looked at; this was the "
			      "last.\n",
			      v->n_ends);
	if (number_known(v->again_usec)) {
		add(out, "It was started again at ");
		add_time(out, v->again_usec, show);
		add(out, ".\n");
	}
}

void review_add_verdict(struct buffer *out, const struct review *review,
			const struct verdict *v, const struct review_show *show)
{
	if (number_known(v->end_usec))
		add_ended_at(out, review, v, show);
	switch (v->word) {
	case VERDICT_NOTHING_KNOWN:
	case VERDICT_NO_SUCH:
		add_none(out, review, v);
		break;
	case VERDICT_ALIVE:
		add_alive(out, review, v, show);
		break;
	case VERDICT_KILLED_BY:
		add_killed(out, review, v, show);
		break;
	case VERDICT_EXIT_AFTER_SIGNAL:
		add_answer(out, review, v, show);
		break;
	case VERDICT_OWN_EXIT:
		add_own_exit(out, review, v, show);
		break;
	case VERDICT_UNKNOWN_GAP:
		add_unknown(out, v);
		break;
	case VERDICT_STOPPED_BY_MANAGER:
	case VERDICT_STOP_TIMEOUT:
		add_stopped(out, review, v);
		break;
	case VERDICT_WRONG_NUMBER:
		add_wrong_number(out, review, v, show);
		break;
	case VERDICT_CRASHED:
		add_crash(out, v);
		break;
	case VERDICT_OOM:
		add_oom(out, v);
		break;
	}
	if (number_known(v->end_usec))
		add_history(out, v, show);
	if (review->subject.has_others) {
		add(out, "There are others of the name ");
		add_name(out, review->subject.name);
		add(out,
		    "; this is the newest. Give a pid for another: sigtrail log -T ");
		add_name(out, review->subject.name);
		add(out, "\n");
	}
}
