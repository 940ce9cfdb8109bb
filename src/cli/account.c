/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/account.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/escape.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "trail/say.h"

#define STATUS_OF_SIGNAL 128

void account_init(struct account *account, enum account_of of, bool json)
{
	*account = (struct account){ .of = of, .json = json, .self = getpid() };
}

void account_clear(struct account *account)
{
	for (int i = 0; i <= SIGNAL_MAX; i++) {
		free(account->got[i].message);
		account->got[i].message = NULL;
	}
}

static bool is_of_child(const struct account *a, const struct party *party)
{
	/* Who is traced is the command or below it. */
	if (party->pid == a->child || a->of == ACCOUNT_TRACE)
		return true;
	for (size_t i = 0; i < party->ancestry.n; i++) {
		if (party->ancestry.of[i].pid == a->child)
			return true;
	}
	return false;
}

static void note_passing_on(struct account *a, struct signal_event *ev)
{
	if (ev->n_notes == EVENT_NOTES_MAX)
		return;
	snprintf(a->passed_on, sizeof(a->passed_on), "passed-on=%d", (int)a->child);
	ev->notes[ev->n_notes++] = a->passed_on;
}

static void remember(struct account *a, const struct signal_event *ev)
{
	struct buffer message = { 0 };
	struct account_got *got;

	if (ev->signo < 0 || ev->signo > SIGNAL_MAX)
		return;
	got = &a->got[ev->signo];
	text_message(&message, ev);
	free(got->message);
	got->message = message.failed ? NULL : strdup(message.data);
	got->time_usec = ev->time_usec;
	buffer_free(&message);
}

/* --- what no record may come for --- */

static void take_out(struct account *a, size_t i)
{
	a->n_pending--;
	memmove(&a->pending[i], &a->pending[i + 1],
		(a->n_pending - i) * sizeof(a->pending[0]));
}

bool account_await(struct account *a, const struct siginfo_facts *info, int64_t now_usec)
{
	if (a->n_pending == ACCOUNT_PENDING_MAX)
		return false;
	a->pending[a->n_pending++] = (struct account_pending){ *info, now_usec };
	return true;
}

bool account_unrecorded(struct account *a, int64_t until_usec,
			struct account_pending *pending)
{
	if (a->n_pending == 0 || a->pending[0].time_usec > until_usec)
		return false;
	*pending = a->pending[0];
	take_out(a, 0);
	return true;
}

static void is_recorded(struct account *a, const struct signal_event *ev)
{
	for (size_t i = 0; i < a->n_pending; i++) {
		if (a->pending[i].info.signo == ev->signo &&
		    a->pending[i].info.pid == ev->sender.pid) {
			take_out(a, i);
			return;
		}
	}
}

bool account_pass(struct signal_event *ev, void *userdata)
{
	struct account *a = userdata;
	bool to_self;

	if (ev->kind == EVENT_TRAIL) {
		a->gap |= ev->trail.event == TRAIL_INCOMPLETE ||
			  (ev->trail.event == TRAIL_RULES &&
			   ev->trail.cause != CAUSE_BACKLOG_LOWERED);
		return ev->trail.event == TRAIL_INCOMPLETE ||
		       ev->trail.event == TRAIL_RULES;
	}
	if (!a->child || !ev->has_target)
		return false;
	if (ev->kind == EVENT_DEATH)
		return is_of_child(a, &ev->target);
	to_self = ev->target.pid == a->self;
	/* What we pass on was told when it came. */
	if (ev->sender.pid == a->self || !(to_self || is_of_child(a, &ev->target)))
		return false;
	if (to_self) {
		note_passing_on(a, ev);
		is_recorded(a, ev);
	}
	if (ev->result == 0 && (to_self || ev->target.pid == a->child))
		remember(a, ev);
	return true;
}

/* --- the end --- */

static void add_ago(struct buffer *out, int64_t usec)
{
	if (usec < 10000000)
		buffer_printf(out, "%lld ms before", (long long)(usec / 1000));
	else
		buffer_printf(out, "%lld s before", (long long)(usec / 1000000));
}

static void add_cause(struct buffer *out, const struct account_got *got, int64_t now_usec)
{
	int64_t ago = now_usec - got->time_usec;

	add_ago(out, ago > 0 ? ago : 0);
	buffer_add_string(out, ": ");
	buffer_add_string(out, got->message);
}

static const char *unseen(const struct account *a)
{
	if (a->gap)
		return "records of signals were lost meanwhile";
	switch (a->of) {
	case ACCOUNT_RELAY:
		return "signals sent straight to its pid are not seen; sigtrail run "
		       "--trace, or audit rights, show them";
	case ACCOUNT_AUDIT:
		return "not seen are those of the kernel (^C, faults, out of memory) and "
		       "of "
		       "processes older than audit; sigtrail run --trace shows them";
	default:
		return "--trace sees all that is delivered to it, except SIGKILL";
	}
}

static void add_killed(struct buffer *out, const struct account *a, int status,
		       int64_t now_usec)
{
	int signo = WTERMSIG(status);
	const struct account_got *got = &a->got[signo];
	char name[SIGNAME_SIZE];

	buffer_printf(out, "was ended by signal %s%s; status %d",
		      signame_format(signo, name),
		      WCOREDUMP(status) ? " (core dump)" : "", STATUS_OF_SIGNAL + signo);
	if (got->message) {
		buffer_add_string(out, "; ");
		add_cause(out, got, now_usec);
	} else {
		buffer_printf(out, "; who sent it was not seen: %s", unseen(a));
	}
}

static void add_exited(struct buffer *out, const struct account *a, int status,
		       int64_t now_usec)
{
	int code = WEXITSTATUS(status), signo = code - STATUS_OF_SIGNAL;
	const struct account_got *got;
	char name[SIGNAME_SIZE];

	buffer_printf(out, "exited with status %d", code);
	if (signo < 1 || signo > SIGNAL_MAX)
		return;
	got = &a->got[signo];
	signame_format(signo, name);
	buffer_printf(
		out,
		": an exit code (%d + %d for %s) of its own choice, no signal ended it",
		STATUS_OF_SIGNAL, signo, name);
	if (got->message) {
		buffer_add_string(out, "; it got the signal ");
		add_cause(out, got, now_usec);
	} else {
		buffer_printf(out, "; no %s was seen: %s", name, unseen(a));
	}
}

static void say_json(const struct account *a, const char *name, int status,
		     int64_t now_usec, const char *message)
{
	int signo = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	int code = signo ? STATUS_OF_SIGNAL + signo : WEXITSTATUS(status);
	int about = signo ? signo : code - STATUS_OF_SIGNAL;
	char time[TIMESTAMP_SIZE], signal[SIGNAME_SIZE];
	json_t *ended, *line;
	char *text;

	ended = json_pack("{s:i, s:s, s:s, s:i}", "pid", (int)a->child, "command", name,
			  "how",
			  !signo	      ? "exited"
			  : WCOREDUMP(status) ? "dumped"
					      : "killed",
			  "status", code);
	if (signo)
		json_object_set_new(ended, "signal",
				    json_pack("{s:i, s:s}", "number", signo, "name",
					      signame_format(signo, signal)));
	if (about > 0 && about <= SIGNAL_MAX && a->got[about].message)
		json_object_set_new(
			ended, "after",
			json_pack("{s:s, s:s}", "time",
				  timestamp_format(a->got[about].time_usec, time),
				  "message", a->got[about].message));
	line = json_pack("{s:s, s:o, s:s}", "time", timestamp_format(now_usec, time),
			 "ended", ended, "message", message);
	text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	if (text)
		dprintf(STDERR_FILENO, "%s\n", text);
	free(text);
	json_decref(line);
}

void account_say_end(const struct account *a, const char *name, int status,
		     int64_t now_usec)
{
	struct buffer message = { 0 }, shown = { 0 };

	escape_add_name(&shown, name, strlen(name));
	buffer_add_string(&message, shown.failed ? "the command" : shown.data);
	buffer_printf(&message, "[%d] ", (int)a->child);
	if (WIFSIGNALED(status))
		add_killed(&message, a, status, now_usec);
	else
		add_exited(&message, a, status, now_usec);
	if (message.failed)
		say(LOG_ERR, "out of memory");
	else if (a->json)
		say_json(a, shown.data, status, now_usec, message.data);
	else
		say(LOG_INFO, "%s", message.data);
	buffer_free(&message);
	buffer_free(&shown);
}
