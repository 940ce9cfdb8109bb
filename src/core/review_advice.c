/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/review_words.h"

#include <string.h>

#include "core/escape.h"
#include "core/signame.h"

static void add(struct buffer *out, const char *text)
{
	buffer_add_string(out, text);
}

static void add_name(struct buffer *out, const char *name)
{
	escape_add_name(out, name, strlen(name));
}

/* --- what the trail knows --- */

static void add_between(struct buffer *out, const struct review_gap *gap,
			const struct review_show *show)
{
	char text[TIMESTAMP_SIZE];

	if (number_known(gap->since_usec)) {
		add(out, " from ");
		add(out, show->clock->time(gap->since_usec, text));
	}
	if (number_known(gap->until_usec)) {
		add(out, " until ");
		add(out, show->clock->time(gap->until_usec, text));
	}
}

void review_add_gap(struct buffer *out, const struct review_gap *gap,
		    const struct review_show *show)
{
	char text[TIMESTAMP_SIZE];

	switch (gap->cause) {
	case GAP_NOT_RUNNING:
		add(out, "sigtraild was not running");
		add_between(out, gap, show);
		break;
	case GAP_LOST:
		text_message_in(out, gap->event, show->clock);
		break;
	case GAP_NOT_AUDITED:
		add(out, "process 1 and others that are older than auditing");
		if (number_known(gap->until_usec)) {
			add(out, " (on since ");
			add(out, show->clock->time(gap->until_usec, text));
			add(out, ")");
		}
		add(out, " leave no record of what they send; audit=1 on the kernel "
			 "command line cures it");
		break;
	case GAP_TOO_MANY:
		add(out, "it got more signals than can be looked at; not those");
		add_between(out, gap, show);
		break;
	case GAP_KERNEL:
		add(out, "what the kernel sends itself leaves no record: the OOM killer, "
			 "cgroup.kill, a terminal's ^C, a parent's death signal, limits");
		break;
	}
}

void review_add_gaps(struct buffer *out, const struct verdict *v,
		     const struct review_show *show)
{
	char text[TIMESTAMP_SIZE];

	if (!number_known(v->end_usec))
		return;
	add(out, v->complete ? "The trail is complete from "
			     : "The trail is not complete from ");
	add(out, show->clock->time(v->window_usec, text));
	add(out, " to the end.\n");
	for (size_t i = 0; i < v->n_gaps; i++) {
		add(out, "  - ");
		review_add_gap(out, &v->gaps[i], show);
		add(out, "\n");
	}
}

/* --- what to do --- */

static void add_look_at(struct buffer *out, const struct party *sender)
{
	const char *unit = sender->user_unit ? sender->user_unit : sender->unit;

	if (unit && !sender->container) {
		add(out, "Look at the sender: systemctl ");
		add(out, sender->user_unit ? "--user cat " : "cat ");
		add_name(out, unit);
		add(out, "; sigtrail log -p ");
		add_name(out, unit);
		add(out, "\n");
		return;
	}
	if (!number_known(sender->pid))
		return;
	buffer_printf(out, "See what else it sent: sigtrail log -p %lld\n",
		      (long long)sender->pid);
}

static void add_log(struct buffer *out, const struct review *review)
{
	const char *unit = review->subject.unit;

	if (!unit)
		return;
	add(out, "Read what it said itself: journalctl -u ");
	add_name(out, unit);
	add(out, "\n");
}

static void advise_killed(struct buffer *out, const struct verdict *v)
{
	if (v->request && v->request->kind == ENDING_WATCHDOG)
		add(out, "Find out what kept it from calling sd_notify(3) WATCHDOG=1 in "
			 "time, or give it a longer WatchdogSec=\n");
	else if (v->signal && v->signal->sender.pid != 1)
		add_look_at(out, &v->signal->sender);
	else
		add(out, "See who was logged in then (last, journalctl _COMM=sudo)\n");
}

static void advise_exit(struct buffer *out, const struct verdict *v)
{
	if (v->status > 128)
		buffer_printf(
			out,
			"If that is how it ends well: SuccessExitStatus=%lld in its "
			"unit makes it count as success\n",
			(long long)v->status);
	if (v->signal && v->signal->sender.pid != 1)
		add_look_at(out, &v->signal->sender);
}

static void advise_wrong_number(struct buffer *out, const struct verdict *v)
{
	add(out,
	    "Make the sender sure whose number it has: remove its PID file, keep PID "
	    "files in /run, which is empty after a boot, compare the program behind "
	    "the number before kill(2), or leave it to systemd (systemctl kill)\n");
	add_look_at(out, &v->signal->sender);
}

static void advise_stopped(struct buffer *out, const struct review *review,
			   const struct verdict *v)
{
	switch (v->request->kind) {
	case ENDING_RUNTIME_MAX:
		add(out, "If it may run for longer: RuntimeMaxSec= in its unit\n");
		break;
	case ENDING_START_TIMEOUT:
		add(out,
		    "If it needs longer to get ready: TimeoutStartSec= in its unit\n");
		break;
	default:
		add(out,
		    "See who asked: journalctl _COMM=sudo, last, the package manager's "
		    "log\n");
	}
	if (v->word == VERDICT_STOP_TIMEOUT)
		add(out, "If it needs longer to end: TimeoutStopSec=; see also "
			 "KillSignal=\n");
	else if (v->how == HOW_EXITED && v->status > 128 && v->result)
		buffer_printf(out,
			      "SuccessExitStatus=%lld in its unit makes that status a "
			      "success\n",
			      (long long)v->status);
}

void review_add_advice(struct buffer *out, const struct review *review,
		       const struct verdict *v)
{
	switch (v->word) {
	case VERDICT_KILLED_BY:
		advise_killed(out, v);
		break;
	case VERDICT_EXIT_AFTER_SIGNAL:
		advise_exit(out, v);
		break;
	case VERDICT_WRONG_NUMBER:
		advise_wrong_number(out, v);
		break;
	case VERDICT_STOPPED_BY_MANAGER:
	case VERDICT_STOP_TIMEOUT:
		advise_stopped(out, review, v);
		break;
	case VERDICT_OWN_EXIT:
		add_log(out, review);
		break;
	case VERDICT_CRASHED:
		add(out, "See coredumpctl info, where systemd-coredump is installed\n");
		add_log(out, review);
		break;
	case VERDICT_OOM:
		add(out,
		    "Give it more memory (MemoryMax=) or find the leak; the kernel's "
		    "account: journalctl -k\n");
		break;
	case VERDICT_UNKNOWN_GAP:
		add(out, "To know it the next time: sigtrail doctor says what makes the "
			 "trail incomplete here\n");
		add_log(out, review);
		break;
	case VERDICT_NO_SUCH:
	case VERDICT_NOTHING_KNOWN:
		add(out, "Names are in systemctl list-units --all; older journals: -S, "
			 "--directory\n");
		break;
	case VERDICT_ALIVE:
		break;
	}
}

/* --- in few words --- */

static void add_signal(struct buffer *out, int64_t signo)
{
	char name[SIGNAME_SIZE];

	add(out, number_known(signo) ? signame_format(signo, name) : "a signal");
}

static void add_by(struct buffer *out, const struct verdict *v)
{
	add_signal(out, v->signal    ? v->signal->signo
			: v->request ? v->request->signo
				     : v->signo);
	add(out, " from ");
	if (v->signal)
		text_party(out, &v->signal->sender);
	else
		add(out, "the service manager");
}

void review_add_brief(struct buffer *out, const struct verdict *v)
{
	switch (v->word) {
	case VERDICT_KILLED_BY:
		if (v->request && v->request->kind == ENDING_WATCHDOG) {
			add(out, "killed by the service manager, watchdog");
			break;
		}
		add(out, "killed by ");
		add_by(out, v);
		break;
	case VERDICT_WRONG_NUMBER:
		add(out, "hit by ");
		add_by(out, v);
		add(out, ", meant for another");
		break;
	case VERDICT_EXIT_AFTER_SIGNAL:
		if (number_known(v->status))
			buffer_printf(out, "exited with %lld after ",
				      (long long)v->status);
		else
			add(out, "exited after ");
		add_by(out, v);
		break;
	case VERDICT_OWN_EXIT:
	case VERDICT_UNKNOWN_GAP:
		if (v->how == HOW_EXITED)
			buffer_printf(out, "exited with %lld", (long long)v->status);
		else if (number_known(v->signo)) {
			add(out, "killed by ");
			add_signal(out, v->signo);
		} else
			add(out, "ended");
		add(out,
		    v->word == VERDICT_OWN_EXIT ? " by itself" : ", why is not known");
		break;
	case VERDICT_STOPPED_BY_MANAGER:
		add(out, "stopped by the service manager");
		break;
	case VERDICT_STOP_TIMEOUT:
		add(out, "did not stop in time, killed by the service manager");
		break;
	case VERDICT_CRASHED:
		add(out, "crashed, ");
		add_signal(out, number_known(v->signo) ? v->signo : v->death->signo);
		break;
	case VERDICT_OOM:
		add(out, "killed by the kernel for want of memory");
		break;
	case VERDICT_ALIVE:
		add(out, "runs");
		break;
	case VERDICT_NO_SUCH:
	case VERDICT_NOTHING_KNOWN:
		add(out, "nothing is known");
		break;
	}
}
