/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "core/digits.h"
#include "core/escape.h"
#include "core/notes.h"
#include "core/signame.h"
#include "core/timestamp.h"

#define CONTAINER_ID_SHOWN 12
#define CONTAINER_ID_LONG  32

const struct text_clock text_utc = { timestamp_format, timestamp_format_clock };

static void add_name(struct buffer *out, const char *name)
{
	escape_add_name(out, name, strlen(name));
}

/* ", " before all but the first of what stands in parentheses. */
static void open_part(struct buffer *out, bool *open)
{
	buffer_add_string(out, *open ? ", " : " (");
	*open = true;
}

/* How much of a container's id tells it apart for people. */
static size_t container_shown(const char *id)
{
	size_t len = strlen(id);

	if (len < CONTAINER_ID_LONG || strspn(id, "0123456789abcdef") != len)
		return len;
	return CONTAINER_ID_SHOWN;
}

/* Where the process lives, NULL where that isn't known. */
static const char *place_of(const struct party *party)
{
	if (party->container)
		return party->container;
	return party->user_unit ? party->user_unit : party->unit;
}

void text_place(struct buffer *out, const struct party *party)
{
	const char *place = place_of(party);

	if (place)
		escape_add_name(out, place,
				party->container ? container_shown(place)
						 : strlen(place));
}

static void add_parentheses(struct buffer *out, const struct party *party, bool is_sender)
{
	bool open = false;

	if (party->exe) {
		open_part(out, &open);
		add_name(out, party->exe);
	}
	if (is_sender && number_known(party->uid)) {
		open_part(out, &open);
		buffer_add_string(out, "uid ");
		digits_add(out, party->uid);
	}
	if (place_of(party)) {
		open_part(out, &open);
		text_place(out, party);
	}
	if (open)
		buffer_add_char(out, ')');
}

static void add_name_and_id(struct buffer *out, const char *name, int64_t id)
{
	if (name)
		add_name(out, name);
	if (name && number_known(id))
		buffer_add_char(out, '[');
	if (number_known(id))
		digits_add(out, id);
	if (name && number_known(id))
		buffer_add_char(out, ']');
}

void text_party(struct buffer *out, const struct party *party)
{
	const char *name = party_name(party);

	if (!name)
		buffer_add_string(out,
				  number_known(party->pid) ? "process " : "a process");
	add_name_and_id(out, name, party->pid);
}

static void add_party(struct buffer *out, const struct party *party, bool is_sender)
{
	text_party(out, party);
	add_parentheses(out, party, is_sender);
}

/* What was addressed, where no record names a target. */
static void add_address(struct buffer *out, const struct signal_event *ev)
{
	bool known = number_known(ev->argument);

	switch (ev->scope) {
	case SCOPE_ALL:
		buffer_add_string(out, "all processes");
		return;
	case SCOPE_GROUP:
		if (!known)
			buffer_add_string(out, "a process group");
		else if (ev->argument == 0)
			buffer_add_string(out, "the sender's process group");
		else
			buffer_add_string(out, "process group ");
		if (known && ev->argument != 0)
			digits_add(out, -ev->argument);
		break;
	case SCOPE_THREAD:
		buffer_add_string(out, known ? "thread " : "a thread");
		if (known)
			digits_add(out, ev->argument);
		break;
	default:
		buffer_add_string(out, known ? "process " : "a process");
		if (known)
			digits_add(out, ev->argument);
	}
	if (ev->argument == NUMBER_NULL)
		buffer_add_string(out, " by its pidfd");
}

static void add_failure(struct buffer *out, int64_t result)
{
	const char *name = strerrorname_np(result);
	const char *words = strerrordesc_np(result);

	buffer_add_string(out, ": ");
	if (!name || !words) {
		buffer_add_string(out, "error ");
		digits_add(out, result);
		return;
	}
	buffer_add_string(out, name);
	buffer_add_string(out, ", ");
	switch (result) {
	case EPERM:
		buffer_add_string(out, "not permitted");
		break;
	case EAGAIN:
		buffer_add_string(out, "too many queued signals");
		break;
	default:
		buffer_add_char(out, tolower((unsigned char)words[0]));
		buffer_add_string(out, words + 1);
	}
}

/* What leads to the thread among the details, NULL where none is known. */
static const char *thread_words(const struct signal_event *ev)
{
	const struct party *target = &ev->target;

	if (ev->scope == SCOPE_PROCESS && number_known(target->tid) &&
	    target->tid != target->pid)
		return ", via thread ";
	if (ev->scope == SCOPE_THREAD && (number_known(target->tid) || target->thread))
		return ", to thread ";
	return NULL;
}

static void add_thread(struct buffer *out, const struct signal_event *ev)
{
	const struct party *target = &ev->target;
	const char *words = thread_words(ev);

	if (!words)
		return;
	buffer_add_string(out, words);
	add_name_and_id(out, target->thread ? target->thread : party_name(target),
			target->tid);
}

/* A thread's name is no name of its process: it stands where the thread does. */
static struct party shown_target(const struct signal_event *ev)
{
	struct party target = ev->target;

	if (thread_words(ev))
		target.thread = NULL;
	return target;
}

void text_target(struct buffer *out, const struct signal_event *ev)
{
	const struct party target = shown_target(ev);

	if (ev->has_target)
		text_party(out, &target);
	else
		add_address(out, ev);
}

static void add_target(struct buffer *out, const struct signal_event *ev)
{
	const struct party target = shown_target(ev);

	add_party(out, &target, false);
}

static void add_group(struct buffer *out, const struct signal_event *ev)
{
	if ((ev->scope != SCOPE_GROUP && ev->scope != SCOPE_ALL) ||
	    !number_known(ev->targets) || !number_known(ev->index))
		return;
	buffer_add_string(out, ", ");
	digits_add(out, ev->index);
	buffer_add_string(out, " of ");
	digits_add(out, ev->targets);
	if (ev->scope == SCOPE_ALL) {
		buffer_add_string(out, " of all processes");
	} else if (!number_known(ev->argument)) {
		buffer_add_string(out, " in a process group");
	} else if (ev->argument == 0) {
		buffer_add_string(out, " in the sender's process group");
	} else {
		buffer_add_string(out, " in process group ");
		digits_add(out, -ev->argument);
	}
}

/* The part behind '=' may be a path that anybody chose: a name of its own. */
static void add_note(struct buffer *out, const char *note)
{
	const char *value = strchrnul(note, '=');

	if (note_is_shown(note))
		return;
	buffer_add_string(out, ", ");
	escape_add_name(out, note, value - note);
	if (*value) {
		buffer_add_char(out, '=');
		add_name(out, value + 1);
	}
}

static void add_repeats(struct buffer *out, const struct signal_event *ev,
			const struct text_clock *clock)
{
	char time[TIMESTAMP_SIZE];

	if (!number_known(ev->repeated) || ev->repeated == 0)
		return;
	buffer_add_string(out, ", ");
	digits_add(out, ev->repeated);
	buffer_add_string(out, " more");
	if (number_known(ev->since_usec)) {
		buffer_add_string(out, " since ");
		buffer_add_string(out, clock->time(ev->since_usec, time));
	}
}

static void add_signal_name(struct buffer *out, int64_t signo)
{
	char name[SIGNAME_SIZE];

	buffer_add_string(out,
			  number_known(signo) ? signame_format(signo, name) : "a signal");
}

void text_details(struct buffer *out, const struct signal_event *ev,
		  const struct text_clock *clock)
{
	if (ev->has_target)
		add_thread(out, ev);
	add_group(out, ev);
	for (size_t i = 0; i < ev->n_notes; i++)
		add_note(out, ev->notes[i]);
	add_repeats(out, ev, clock);
}

static void add_signal(struct buffer *out, const struct signal_event *ev,
		       const struct text_clock *clock)
{
	add_signal_name(out, ev->signo);
	buffer_add_string(out, " from ");
	add_party(out, &ev->sender, true);
	buffer_add_string(out, " to ");
	if (ev->has_target)
		add_target(out, ev);
	else
		add_address(out, ev);
	if (number_known(ev->result) && ev->result != 0)
		add_failure(out, ev->result);
	text_details(out, ev, clock);
}

static void add_death(struct buffer *out, const struct signal_event *ev)
{
	add_party(out, &ev->target, false);
	buffer_add_string(out, " died of ");
	add_signal_name(out, ev->signo);
	if (ev->reason) {
		buffer_add_string(out, " (");
		escape_add(out, ev->reason, strlen(ev->reason));
		buffer_add_char(out, ')');
	}
}

/* A span of the entry's own day needs no date. */
static void add_span(struct buffer *out, const struct signal_event *ev,
		     const struct text_clock *clock)
{
	char text[3][TIMESTAMP_SIZE];
	const size_t date_len = strlen("2026-11-21");

	if (!number_known(ev->trail.since_usec) || !number_known(ev->trail.until_usec))
		return;
	clock->time(ev->time_usec, text[0]);
	clock->time(ev->trail.since_usec, text[1]);
	clock->time(ev->trail.until_usec, text[2]);
	if (memcmp(text[0], text[1], date_len) == 0 &&
	    memcmp(text[0], text[2], date_len) == 0) {
		clock->clock(ev->trail.since_usec, text[1]);
		clock->clock(ev->trail.until_usec, text[2]);
	}
	buffer_add_string(out, ", ");
	buffer_add_string(out, text[1]);
	buffer_add_string(out, " to ");
	buffer_add_string(out, text[2]);
}

/* What began and has not ended. */
static void add_since(struct buffer *out, const struct signal_event *ev,
		      const struct text_clock *clock)
{
	char text[TIMESTAMP_SIZE];

	if (ev->trail.event != TRAIL_RULES || !number_known(ev->trail.since_usec) ||
	    number_known(ev->trail.until_usec))
		return;
	clock->time(ev->trail.since_usec, text);
	buffer_add_string(out, ", since ");
	buffer_add_string(out, text);
}

static void add_actor(struct buffer *out, const struct trail_actor *by)
{
	struct party party;

	if (!by->comm && !by->exe && !number_known(by->pid) && !number_known(by->auid))
		return;
	party_init(&party);
	party.pid = by->pid;
	party.uid = by->uid;
	party.comm = by->comm;
	party.exe = by->exe;
	buffer_add_string(out, ", by ");
	add_party(out, &party, true);
	if (number_known(by->auid)) {
		buffer_add_string(out, ", login uid ");
		digits_add(out, by->auid);
	}
}

static void add_count(struct buffer *out, const char *before, int64_t n, const char *noun)
{
	buffer_add_string(out, before);
	digits_add(out, n);
	buffer_add_char(out, ' ');
	buffer_add(out, noun, strlen(noun) - (n == 1 && noun[strlen(noun) - 1] == 's'));
}

static void add_totals(struct buffer *out, const struct trail *trail)
{
	add_count(out, ": ", trail->seen, "events");
	add_count(out, " seen (", trail->lines, "lines");
	add_count(out, ", ", trail->repeats, "repeats");
	add_count(out, ", ", trail->ignored, "ignored");
	add_count(out, "), ", trail->lost, "lost");
}

static bool has_totals(const struct trail *trail)
{
	return number_known(trail->seen) && number_known(trail->lines) &&
	       number_known(trail->repeats) && number_known(trail->ignored) &&
	       number_known(trail->lost);
}

static void add_trail(struct buffer *out, const struct signal_event *ev,
		      const struct text_clock *clock)
{
	const struct trail *trail = &ev->trail;
	const char *event = trail_event_name(trail->event);
	const char *cause = trail_cause_name(trail->cause);
	const char *of = trail_of_name(trail->of);

	buffer_add_string(out, "trail ");
	buffer_add_string(out, event ? event : "entry");
	if (trail->unseen == UNSEEN_OLDER)
		buffer_add_string(out, ", blind to processes older than audit, process 1 "
				       "among them");
	if (has_totals(trail)) {
		add_totals(out, trail);
	} else if (number_known(trail->lost)) {
		if (of)
			add_count(out, ": ", trail->lost, of);
		else
			add_count(out, ": ", trail->lost, "lost");
		buffer_add_string(out, of ? " lost" : "");
	}
	if (cause) {
		buffer_add_string(out, " (");
		buffer_add_string(out, cause);
		buffer_add_char(out, ')');
	}
	add_span(out, ev, clock);
	add_since(out, ev, clock);
	add_actor(out, &trail->by);
	if (trail->detail) {
		buffer_add_string(out, ": ");
		escape_add(out, trail->detail, strlen(trail->detail));
	}
}

void text_message_in(struct buffer *out, const struct signal_event *ev,
		     const struct text_clock *clock)
{
	switch (ev->kind) {
	case EVENT_SIGNAL:
		add_signal(out, ev, clock);
		break;
	case EVENT_DEATH:
		add_death(out, ev);
		break;
	case EVENT_TRAIL:
		add_trail(out, ev, clock);
		break;
	}
}

void text_message(struct buffer *out, const struct signal_event *ev)
{
	text_message_in(out, ev, &text_utc);
}

void text_line(struct buffer *out, const struct signal_event *ev)
{
	char time[TIMESTAMP_SIZE];

	buffer_add_string(out, timestamp_format(ev->time_usec, time));
	buffer_add_char(out, ' ');
	text_message(out, ev);
	buffer_add_char(out, '\n');
}
