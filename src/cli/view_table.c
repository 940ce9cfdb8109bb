/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/view_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "cli/clock.h"
#include "cli/fit.h"
#include "cli/people.h"
#include "cli/view_layout.h"
#include "cli/view_rows.h"
#include "core/digits.h"
#include "core/escape.h"
#include "core/message.h"
#include "core/signame.h"
#include "core/text.h"

#define COLOUR_ALARM   "\033[31m"
#define COLOUR_WARNING "\033[33m"
#define COLOUR_PLAIN   "\033[0m"

/* Columns of a process's name that are worth more than its user's. */
#define SENDER_NAME_MIN 8

struct view_table {
	const struct view_want *want;
	const struct text_clock *clock;
	struct view_layout layout;
	struct view_rows *rows;
	struct buffer cell;
	struct buffer fitted;
	struct buffer notes;
	char date[CLOCK_DATE_LEN + 1];
	bool has_head;
};

static const char *const titles[COLUMN_COUNT] = {
	[COLUMN_TIME] = "TIME",	    [COLUMN_HOST] = "HOST",   [COLUMN_UNIT] = "UNIT",
	[COLUMN_SENDER] = "SENDER", [COLUMN_EXE] = "PROGRAM", [COLUMN_TARGET] = "TARGET",
	[COLUMN_SIGNAL] = "SIGNAL", [COLUMN_HOW] = "HOW",     [COLUMN_RESULT] = "RESULT",
	[COLUMN_NOTES] = "NOTES",
};

/* --- cells: each leaves its text in t->cell --- */

static const char *add_time(struct view_table *t, const struct signal_event *ev,
			    char text[TIMESTAMP_SIZE])
{
	t->clock->clock(ev->time_usec, text);
	/* Milliseconds where there is room; never the zone. */
	text[t->layout.columns[COLUMN_TIME]] = '\0';
	return text;
}

/* What must stay when a name is cut: the bytes of the id at its end. */
static size_t id_len(const char *text, size_t len)
{
	const char *bracket;
	size_t n = 0;

	if (len && text[len - 1] == ']') {
		bracket = memrchr(text, '[', len);
		return bracket ? len - (bracket - text) : 0;
	}
	while (n < len && text[len - 1 - n] >= '0' && text[len - 1 - n] <= '9')
		n++;
	return n;
}

/* " alice" of whom is not root, " uid 1000" where there is no such name. */
static void add_user(struct buffer *out, const struct view_table *t, int64_t uid)
{
	const char *name = NULL;

	if (!number_known(uid) || uid == 0)
		return;
	if (t->want->people)
		name = people_user(t->want->people, uid);
	buffer_add_char(out, ' ');
	if (name) {
		escape_add_name(out, name, strlen(name));
		return;
	}
	buffer_add_string(out, "uid ");
	digits_add(out, uid);
}

/* Is there room for the user too, with enough of the process's name left to tell it? */
static bool has_room(const char *text, size_t len, size_t user, size_t width)
{
	size_t id = id_len(text, len);
	size_t name = fit_width(text, len - id);

	return id + user + (name < SENDER_NAME_MIN ? name : SENDER_NAME_MIN) <= width;
}

static void add_sender(struct view_table *t, const struct signal_event *ev, size_t width)
{
	struct buffer *whole = &t->notes;
	size_t room = width;
	size_t user;
	size_t len;

	if (ev->kind != EVENT_SIGNAL) {
		buffer_add_string(&t->cell, "kernel");
		return;
	}
	buffer_reset(whole);
	text_party(whole, &ev->sender);
	len = whole->len;
	add_user(whole, t, ev->sender.uid);
	t->cell.failed = whole->failed;
	if (whole->failed)
		return;
	user = fit_width(whole->data + len, whole->len - len);
	if (has_room(whole->data, len, user, width))
		room = width - user;
	fit_add(&t->cell, whole->data, len, id_len(whole->data, len), room);
	if (room < width)
		buffer_add(&t->cell, whole->data + len, whole->len - len);
}

/* The name without SIG is still a name. */
static void add_signal(struct view_table *t, const struct signal_event *ev, size_t width)
{
	char name[SIGNAME_SIZE];

	if (!number_known(ev->signo))
		return;
	signame_format(ev->signo, name);
	buffer_add_string(&t->cell, strlen(name) > width && strncmp(name, "SIG", 3) == 0
					    ? name + 3
					    : name);
}

/* The call, and in short what tells it apart. */
static void add_how(struct view_table *t, const struct signal_event *ev, size_t width)
{
	const char *name = ev->call ? ev->call->name : NULL;

	if (ev->kind == EVENT_DEATH)
		name = "died";
	else if (ev->scope == SCOPE_GROUP)
		name = "group";
	else if (ev->scope == SCOPE_ALL)
		name = "all";
	else if (name && strlen(name) > width && strncmp(name, "pidfd", 5) == 0)
		name = "pidfd";
	else if (name && strlen(name) > width)
		name = "queue";
	if (name)
		buffer_add_string(&t->cell, name);
}

static void add_result(struct buffer *out, const struct signal_event *ev)
{
	const char *name;

	if (ev->kind != EVENT_SIGNAL || !number_known(ev->result))
		return;
	name = ev->result ? strerrorname_np((int)ev->result) : "ok";
	if (name)
		buffer_add_string(out, name);
	else
		digits_add(out, ev->result);
}

static void add_text(struct buffer *out, const char *text)
{
	if (text)
		escape_add_name(out, text, strlen(text));
}

static void add_cell(struct view_table *t, enum view_column column,
		     const struct signal_event *ev)
{
	size_t width = (size_t)t->layout.columns[column];
	char text[TIMESTAMP_SIZE];

	switch (column) {
	case COLUMN_TIME:
		buffer_add_string(&t->cell, add_time(t, ev, text));
		break;
	case COLUMN_HOST:
		add_text(&t->cell, ev->node);
		break;
	case COLUMN_UNIT:
		text_place(&t->cell, &ev->target);
		break;
	case COLUMN_SENDER:
		add_sender(t, ev, width);
		break;
	case COLUMN_EXE:
		add_text(&t->cell, ev->sender.exe);
		break;
	case COLUMN_TARGET:
		text_target(&t->cell, ev);
		break;
	case COLUMN_SIGNAL:
		add_signal(t, ev, width);
		break;
	case COLUMN_HOW:
		add_how(t, ev, width);
		break;
	case COLUMN_RESULT:
		add_result(&t->cell, ev);
		break;
	case COLUMN_NOTES:
	case COLUMN_COUNT:
		break;
	}
	if (t->cell.len == 0)
		buffer_add_char(&t->cell, '-');
}

/* Cut are a process's name before its id, and what a unit's name is long by. */
static void fit_cell(struct view_table *t, enum view_column column, size_t width)
{
	const char suffix[] = ".service";
	size_t len = t->cell.len;
	size_t kept = 0;

	if (column == COLUMN_TARGET)
		kept = id_len(t->cell.data, len);
	if (column == COLUMN_UNIT && fit_width(t->cell.data, len) > width &&
	    len > strlen(suffix) &&
	    strcmp(t->cell.data + len - strlen(suffix), suffix) == 0)
		len -= strlen(suffix);
	fit_add(&t->fitted, t->cell.data, len, kept, width);
}

/* --- notes: in their column, or where that is too narrow on lines of their own --- */

static void add_notes(struct view_table *t, const struct signal_event *ev)
{
	struct buffer *out = &t->cell;

	buffer_reset(out);
	if (ev->kind == EVENT_SIGNAL && t->layout.columns[COLUMN_RESULT] == 0 &&
	    number_known(ev->result) && ev->result != 0) {
		buffer_add_string(out, ", ");
		add_result(out, ev);
	}
	if (ev->kind == EVENT_DEATH && ev->reason) {
		buffer_add_string(out, ", ");
		escape_add(out, ev->reason, strlen(ev->reason));
	}
	if (ev->kind == EVENT_SIGNAL)
		text_details(out, ev, t->clock);
	buffer_reset(&t->notes);
	if (out->len > 2)
		buffer_add(&t->notes, out->data + 2, out->len - 2);
}

static const char *colour_of(const struct view_table *t, enum view_column column,
			     const struct signal_event *ev)
{
	if (!t->want->colour || !ev)
		return NULL;
	if (column == COLUMN_NOTES)
		return message_priority(ev) <= LOG_WARNING ? COLOUR_WARNING : NULL;
	if (ev->kind == EVENT_DEATH || ev->signo == 9)
		return COLOUR_ALARM;
	return message_priority(ev) <= LOG_NOTICE ? COLOUR_WARNING : NULL;
}

/* Lines under the row, or alone, that are as wide as the table. */
static void add_wide(struct view_table *t, const struct signal_event *ev, size_t indent)
{
	struct buffer *out = view_rows_between(t->rows);
	const char *colour = colour_of(t, COLUMN_NOTES, ev);

	if (colour)
		buffer_add_string(out, colour);
	fit_fold(out, t->notes.data, t->notes.len, indent, (size_t)t->layout.width);
	/* Before the newline: the next line is another's. */
	if (colour && !out->failed) {
		out->len--;
		buffer_add_string(out, COLOUR_PLAIN "\n");
	}
}

static size_t add_indent(struct view_table *t, const char *text)
{
	size_t indent = (size_t)t->layout.columns[COLUMN_TIME] + 1;

	buffer_printf(view_rows_between(t->rows), "%-*s", (int)indent, text);
	return indent;
}

/* --- rows --- */

static int set_cell(struct view_table *t, enum view_column column,
		    const struct signal_event *ev)
{
	buffer_reset(&t->cell);
	add_cell(t, column, ev);
	buffer_reset(&t->fitted);
	if (!t->cell.failed)
		fit_cell(t, column, (size_t)t->layout.columns[column]);
	if (t->cell.failed || t->fitted.failed)
		return -ENOMEM;
	view_rows_cell(t->rows, column, t->fitted.data,
		       column == COLUMN_SIGNAL ? colour_of(t, column, ev) : NULL);
	return 0;
}

static bool notes_fit(const struct view_table *t)
{
	return fit_width(t->notes.data, t->notes.len) <=
	       (size_t)t->layout.columns[COLUMN_NOTES];
}

static int add_row(struct view_table *t, const struct signal_event *ev)
{
	bool beside;
	int r = 0;

	for (enum view_column c = 0; c < COLUMN_NOTES && r == 0; c++)
		r = t->layout.columns[c] ? set_cell(t, c, ev) : 0;
	if (r < 0)
		return r;
	add_notes(t, ev);
	if (t->cell.failed || t->notes.failed)
		return -ENOMEM;
	beside = t->notes.len && notes_fit(t);
	if (beside)
		view_rows_cell(t->rows, COLUMN_NOTES, t->notes.data,
			       colour_of(t, COLUMN_NOTES, ev));
	r = view_rows_end(t->rows);
	if (r == 0 && t->notes.len && !beside)
		add_wide(t, ev, add_indent(t, ""));
	return r;
}

/* Whose trail it is, where there is a column for that: as wide as that and its blank. */
static size_t add_host(struct view_table *t, const struct signal_event *ev)
{
	size_t width = (size_t)t->layout.columns[COLUMN_HOST];
	struct buffer *out = view_rows_between(t->rows);

	if (width == 0)
		return 0;
	buffer_reset(&t->cell);
	add_cell(t, COLUMN_HOST, ev);
	buffer_reset(&t->fitted);
	if (!t->cell.failed)
		fit_cell(t, COLUMN_HOST, width);
	if (!t->fitted.failed)
		buffer_add(out, t->fitted.data, t->fitted.len);
	for (size_t n = fit_width(t->fitted.data, t->fitted.len); n <= width; n++)
		buffer_add_char(out, ' ');
	return width + 1;
}

static int add_trail(struct view_table *t, const struct signal_event *ev)
{
	char time[TIMESTAMP_SIZE];
	size_t indent;

	buffer_reset(&t->notes);
	buffer_add_string(&t->notes, "-- ");
	text_message_in(&t->notes, ev, t->clock);
	if (t->notes.failed)
		return -ENOMEM;
	indent = add_indent(t, add_time(t, ev, time));
	indent += add_host(t, ev);
	if (t->cell.failed || t->fitted.failed)
		return -ENOMEM;
	add_wide(t, ev, indent);
	return view_rows_end_line(t->rows);
}

static void add_date(struct view_table *t, const struct signal_event *ev)
{
	char time[TIMESTAMP_SIZE];

	t->clock->time(ev->time_usec, time);
	time[CLOCK_DATE_LEN] = '\0';
	if (strcmp(time, t->date) == 0)
		return;
	memcpy(t->date, time, sizeof(t->date));
	buffer_printf(view_rows_between(t->rows), "-- %s%s\n", t->date,
		      t->want->utc ? " UTC" : "");
}

static void add_head(struct view_table *t)
{
	struct buffer *out = view_rows_between(t->rows);
	enum view_column last = COLUMN_COUNT - 1;

	while (last && t->layout.columns[last] == 0)
		last--;
	for (enum view_column c = 0; c < last; c++) {
		if (t->layout.columns[c])
			buffer_printf(out, "%-*s ", t->layout.columns[c], titles[c]);
	}
	buffer_printf(out, "%s\n", titles[last]);
	t->has_head = true;
}

int view_table_write(struct view_table *table, const struct signal_event *ev)
{
	if (!table->has_head)
		add_head(table);
	add_date(table, ev);
	return ev->kind == EVENT_TRAIL ? add_trail(table, ev) : add_row(table, ev);
}

int view_table_flush(struct view_table *table)
{
	return view_rows_flush(table->rows);
}

int view_table_new(struct view_table **table, FILE *out, const struct view_want *want)
{
	struct view_table *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->want = want;
	t->clock = clock_choose(want->utc);
	view_layout(&t->layout, want->width, want->hosts);
	r = view_rows_new(&t->rows, out, &t->layout, want->colour);
	if (r < 0)
		view_table_free(t);
	else
		*table = t;
	return r;
}

struct view_table *view_table_free(struct view_table *table)
{
	if (!table)
		return NULL;
	view_rows_free(table->rows);
	buffer_free(&table->cell);
	buffer_free(&table->fitted);
	buffer_free(&table->notes);
	free(table);
	return NULL;
}
