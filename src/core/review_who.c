/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/review_who.h"

#include <string.h>

#include "core/ancestry.h"
#include "core/escape.h"
#include "core/shellquote.h"
#include "core/signame.h"

#define CONTAINER_SHOWN 12
#define COMMAND_SHOWN	200

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

/* "15 ms", "3.2 s", "12 min", "5 h". */
void who_add_span(struct buffer *out, int64_t usec)
{
	if (usec < 0)
		usec = 0;
	if (usec < 1000000)
		buffer_printf(out, "%lld ms", (long long)(usec / 1000));
	else if (usec < 120 * 1000000LL)
		buffer_printf(out, "%lld.%lld s", (long long)(usec / 1000000),
			      (long long)(usec % 1000000 / 100000));
	else if (usec < 7200 * 1000000LL)
		buffer_printf(out, "%lld min", (long long)(usec / 60000000));
	else
		buffer_printf(out, "%lld h", (long long)(usec / 3600000000LL));
}

static void add_user(struct buffer *out, int64_t uid, const struct review_show *show)
{
	const char *name = show->user ? show->user(show->userdata, uid) : NULL;

	if (name)
		add_name(out, name);
	else
		buffer_printf(out, "uid %lld", (long long)uid);
}

/* The process that an event names for its subject, where that isn't the whole unit. */
static const struct party *party_of(const struct review *review)
{
	for (size_t i = review->n_items; i > 0; i--) {
		const struct signal_event *ev = review->items[i - 1].event;

		if (ev && review_is_about(&review->subject, ev))
			return &ev->target;
	}
	return NULL;
}

void review_add_subject(struct buffer *out, const struct review *review)
{
	const struct review_subject *subject = &review->subject;
	const struct party *party = party_of(review);
	size_t len = subject->name ? strlen(subject->name) : 0;

	switch (subject->kind) {
	case SUBJECT_UNIT:
		add_name(out, subject->name);
		if (subject->is_owned && number_known(subject->owner))
			buffer_printf(out, " of uid %lld", (long long)subject->owner);
		return;
	case SUBJECT_CONTAINER:
		add(out, "container ");
		escape_add_name(out, subject->name, len > 32 ? CONTAINER_SHOWN : len);
		return;
	case SUBJECT_PID:
	case SUBJECT_NAME:
		break;
	}
	if (party)
		text_party(out, party);
	else if (number_known(subject->pid))
		buffer_printf(out, "process %lld", (long long)subject->pid);
	else if (subject->name)
		add_name(out, subject->name);
}

/* --- who did it --- */

/* "pkill[4312] (/usr/bin/pkill, root, cron.service)". */
static void add_sender(struct buffer *out, const struct party *sender,
		       const struct review_show *show)
{
	bool open = false;

	text_party(out, sender);
	if (sender->exe) {
		add(out, " (");
		add_name(out, sender->exe);
		open = true;
	}
	if (number_known(sender->uid)) {
		add(out, open ? ", " : " (");
		add_user(out, sender->uid, show);
		open = true;
	}
	if (sender->unit || sender->container) {
		add(out, open ? ", " : " (");
		text_place(out, sender);
		open = true;
	}
	if (open)
		add(out, ")");
}

static void add_command(struct buffer *out, const struct party *sender)
{
	struct buffer command = { 0 };
	size_t len;

	shellquote_add(&command, sender->cmdline);
	len = command.len < COMMAND_SHOWN ? command.len : COMMAND_SHOWN;
	if (command.data && !command.failed) {
		add(out, "The sender's command line: ");
		escape_add(out, command.data, len);
		add(out, len < command.len || sender->cmdline_cut ? " ...\n" : "\n");
	}
	buffer_free(&command);
}

static void add_login(struct buffer *out, const struct party *sender,
		      const struct review_show *show)
{
	const char *origin = NULL;

	add(out, "The sender belongs to the login of ");
	add_user(out, sender->auid, show);
	if (number_known(sender->session)) {
		if (show->session)
			origin = show->session(show->userdata, sender->session);
		if (origin) {
			add(out, ", begun ");
			escape_add(out, origin, strlen(origin));
		}
		buffer_printf(out, " (audit session %lld)", (long long)sender->session);
	}
	add(out, ".\n");
}

/* By what chain, for whom. */
void who_add_background(struct buffer *out, const struct signal_event *ev,
			const struct review_show *show)
{
	const struct party *sender = &ev->sender;

	if (sender->pid == 1)
		return;
	if (sender->ancestry.n > 0) {
		add(out, "Who started the sender: ");
		ancestry_add_line(out, sender);
		add(out, "\n");
	}
	if (sender->cmdline.len > 0)
		add_command(out, sender);
	if (number_known(sender->auid))
		add_login(out, sender, show);
}

/* "SIGTERM, sent by pkill[4312] (...) 15 ms before". */
void who_add_sent(struct buffer *out, const struct verdict *v,
		  const struct signal_event *ev, const struct review_show *show)
{
	add_signal(out, ev->signo);
	if (ev->sender.pid == ev->target.pid)
		add(out, ", which it sent to itself");
	else {
		add(out, ", sent by ");
		add_sender(out, &ev->sender, show);
	}
	if (v->end) {
		add(out, " ");
		who_add_span(out, v->end_usec - ev->time_usec);
		add(out, " before");
	}
}
