/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/view.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/fit.h"
#include "cli/view_parts.h"
#include "core/buffer.h"
#include "core/digits.h"
#include "core/escape.h"
#include "core/json.h"
#include "core/native.h"
#include "core/quote.h"
#include "core/text.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MAX     1000
/* So many lines go out at once; then the stream's buffer may fill. */
#define PROMPT_LINES 32

struct view {
	struct sink sink;
	FILE *out;
	struct view_want want;
	struct view_table *table;
	struct buffer line;
	struct buffer work;
	locale_t utf8;
	int error; /* of the stream, the first; 0: none yet */
};

static const char *const format_names[] = {
	[VIEW_TABLE] = "table", [VIEW_SHORT] = "short",	  [VIEW_VERBOSE] = "verbose",
	[VIEW_JSON] = "json",	[VIEW_EXPORT] = "export",
};

#define N_FORMATS (sizeof(format_names) / sizeof(format_names[0]))

int view_format_parse(enum view_format *format, const char *word, struct reason *reason)
{
	struct buffer shown = { 0 };

	for (size_t i = 0; i < N_FORMATS; i++) {
		if (strcmp(word, format_names[i]) == 0) {
			*format = (enum view_format)i;
			return 0;
		}
	}
	reason_set(reason,
		   "there is no format %s: choose table, short, verbose, json or export",
		   quote_value(&shown, word));
	buffer_free(&shown);
	return -EINVAL;
}

/* A number of columns that makes sense, else 0. */
static int sane_width(long width)
{
	return width > 0 && width <= WIDTH_MAX ? (int)width : 0;
}

static int stdout_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	int width = columns ? sane_width(strtol(columns, NULL, 10)) : 0;

	if (width == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		width = sane_width(size.ws_col);
	return width ? width : WIDTH_DEFAULT;
}

static bool stdout_has_colour(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term &&
	       strcmp(term, "dumb") != 0;
}

void view_want_for_stdout(struct view_want *want, enum view_format format)
{
	*want = (struct view_want){
		.format = format,
		.colour = stdout_has_colour(),
		.width = stdout_width(),
	};
}

static struct view *view_of(struct sink *sink)
{
	return (struct view *)sink;
}

static int make_short(struct view *v, const struct signal_event *ev)
{
	const struct text_clock *clock = clock_choose(v->want.utc);
	char time[TIMESTAMP_SIZE];

	buffer_add_string(&v->line, clock->time(ev->time_usec, time));
	buffer_add_char(&v->line, ' ');
	if (v->want.hosts && ev->node) {
		escape_add_name(&v->line, ev->node, strlen(ev->node));
		buffer_add_char(&v->line, ' ');
	}
	text_message_in(&v->line, ev, clock);
	buffer_add_char(&v->line, '\n');
	return v->line.failed ? -ENOMEM : 0;
}

/* The journal's own fields: what systemd-journal-remote(8) needs, and what says that root
 * wrote it, which the way back asks for. */
static int make_export(struct view *v, const struct signal_event *ev)
{
	int r;

	buffer_add_string(&v->line, "__REALTIME_TIMESTAMP=");
	digits_add(&v->line, ev->time_usec);
	buffer_add_char(&v->line, '\n');
	native_string(&v->line, "_UID", "0");
	if (ev->node)
		native_string(&v->line, "_HOSTNAME", ev->node);
	r = native_entry(&v->line, &v->work, NULL, ev);
	buffer_add_char(&v->line, '\n');
	return v->line.failed ? -ENOMEM : r;
}

static int make_line(struct view *v, const struct signal_event *ev)
{
	buffer_reset(&v->line);
	buffer_reset(&v->work);
	switch (v->want.format) {
	case VIEW_SHORT:
		return make_short(v, ev);
	case VIEW_VERBOSE:
		return view_verbose(&v->line, &v->work, &v->want, ev);
	case VIEW_JSON:
		return json_line(&v->line, ev);
	case VIEW_EXPORT:
		return make_export(v, ev);
	case VIEW_TABLE:
		break;
	}
	return 0;
}

static int write_event(struct view *v, const struct signal_event *ev)
{
	locale_t before;
	int r;

	if (v->want.format != VIEW_TABLE) {
		r = make_line(v, ev);
		if (r == 0)
			fwrite(v->line.data, 1, v->line.len, v->out);
		return r;
	}
	before = fit_begin(v->utf8);
	r = view_table_write(v->table, ev);
	fit_end(before);
	return r;
}

static int stream_error(struct view *v)
{
	if (!v->error)
		v->error = errno ? -errno : -EIO;
	return v->error;
}

static int flush_table(struct view *v)
{
	locale_t before = fit_begin(v->utf8);
	int r = view_table_flush(v->table);

	fit_end(before);
	return r;
}

static int view_flush(struct sink *sink)
{
	struct view *v = view_of(sink);
	int r;

	errno = 0;
	r = v->table ? flush_table(v) : 0;
	if (r < 0)
		return r;
	if (fflush(v->out) != 0 || ferror(v->out))
		return stream_error(v);
	sink->written = sink->queued;
	return 0;
}

static int view_write(struct sink *sink, const struct signal_event *ev)
{
	struct view *v = view_of(sink);
	int r;

	errno = 0;
	r = write_event(v, ev);
	if (r < 0) {
		sink->lost += event_count(ev);
		return r;
	}
	if (ferror(v->out))
		return stream_error(v);
	sink->queued++;
	return sink->queued <= PROMPT_LINES ? view_flush(sink) : 0;
}

static int view_reopen(struct sink *sink)
{
	return 0;
}

static struct sink *view_free(struct sink *sink)
{
	struct view *v = view_of(sink);

	view_table_free(v->table);
	buffer_free(&v->line);
	buffer_free(&v->work);
	if (v->utf8)
		freelocale(v->utf8);
	free(v);
	return NULL;
}

static const struct sink_ops view_ops = {
	.write = view_write,
	.flush = view_flush,
	.reopen = view_reopen,
	.free = view_free,
};

int view_new(struct sink **view, FILE *out, const struct view_want *want)
{
	struct view *v = calloc(1, sizeof(*v));
	int r = 0;

	if (!v)
		return -ENOMEM;
	v->sink.ops = &view_ops;
	v->sink.fd = fileno(out);
	v->out = out;
	v->want = *want;
	v->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (want->format == VIEW_TABLE)
		r = view_table_new(&v->table, out, &v->want);
	if (r < 0) {
		view_free(&v->sink);
		return r;
	}
	*view = &v->sink;
	return 0;
}
