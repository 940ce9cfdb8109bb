/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/message.h"

#include <signal.h>
#include <string.h>
#include <syslog.h>

const char *message_id(const struct signal_event *ev)
{
	if (ev->kind == EVENT_DEATH)
		return MESSAGE_DIED;
	if (ev->kind == EVENT_SIGNAL)
		return number_known(ev->repeated) && ev->repeated > 0 ? MESSAGE_REPEATED
								      : MESSAGE_SIGNAL;
	switch (ev->trail.event) {
	case TRAIL_STARTED:
		return MESSAGE_STARTED;
	case TRAIL_STOPPED:
		return MESSAGE_STOPPED;
	case TRAIL_RULES:
		return MESSAGE_RULES;
	case TRAIL_SOURCE:
		return MESSAGE_SOURCE;
	case TRAIL_INCOMPLETE:
		break;
	}
	return MESSAGE_INCOMPLETE;
}

/* A note is a word, or a word, '=' and what it is about. */
static bool note_is(const char *note, const char *word)
{
	size_t len = strlen(word);

	return strncmp(note, word, len) == 0 && (note[len] == '\0' || note[len] == '=');
}

static bool has_warning(const struct signal_event *ev)
{
	static const char *const words[] = { "thread-target", "stale-pidfile",
					     "escalation" };

	for (size_t i = 0; i < ev->n_notes; i++) {
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
			if (note_is(ev->notes[i], words[w]))
				return true;
		}
	}
	return false;
}

/* signal(7), "Signal dispositions": Term and Core. */
static bool ends_a_process(int64_t signo)
{
	switch (signo) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return false;
	default:
		return signo >= 1 && signo <= 64;
	}
}

int message_priority(const struct signal_event *ev)
{
	switch (ev->kind) {
	case EVENT_TRAIL:
		return ev->trail.event == TRAIL_STARTED ||
				       ev->trail.event == TRAIL_STOPPED
			       ? LOG_INFO
			       : LOG_WARNING;
	case EVENT_DEATH:
		return LOG_NOTICE;
	case EVENT_SIGNAL:
		break;
	}
	if (has_warning(ev))
		return LOG_WARNING;
	return ends_a_process(ev->signo) ? LOG_NOTICE : LOG_INFO;
}
