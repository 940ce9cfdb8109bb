/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/view_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fit.h"

#define HELD_MAX_BYTES 65536
#define COLOUR_PLAIN   "\033[0m"

struct view_rows {
	FILE *out;
	const struct view_layout *layout;
	bool colour;
	struct buffer held;
	size_t row; /* where the row that is being made begins */
	bool has_cell;
	size_t blanks; /* that its last cell is short of its column by */
	bool coloured; /* its last cell, blanks included */
};

static void add_blanks(struct buffer *out, size_t n)
{
	if (buffer_reserve(out, n) < 0)
		return;
	memset(out->data + out->len, ' ', n);
	out->len += n;
	out->data[out->len] = '\0';
}

static void end_colour(struct view_rows *rows)
{
	if (rows->coloured)
		buffer_add_string(&rows->held, COLOUR_PLAIN);
	rows->coloured = false;
}

/* The cells fit their columns already. libsmartcols, which would measure each of them
 * again, character by character, took as long for that as all else took together. */
void view_rows_cell(struct view_rows *rows, enum view_column column, const char *text,
		    const char *colour)
{
	size_t width = (size_t)rows->layout->columns[column];
	size_t len = strlen(text), used = fit_width(text, len);
	struct buffer *held = &rows->held;

	if (width == 0)
		return;
	if (rows->has_cell) {
		add_blanks(held, rows->blanks);
		end_colour(rows);
		buffer_add_char(held, ' ');
	}
	rows->has_cell = true;
	rows->coloured = colour && rows->colour;
	if (rows->coloured)
		buffer_add_string(held, colour);
	buffer_add(held, text, len);
	rows->blanks = used < width ? width - used : 0;
}

int view_rows_end_line(struct view_rows *rows)
{
	rows->row = rows->held.len;
	if (rows->held.failed)
		return -ENOMEM;
	return rows->held.len < HELD_MAX_BYTES ? 0 : view_rows_flush(rows);
}

int view_rows_end(struct view_rows *rows)
{
	struct buffer *held = &rows->held;

	end_colour(rows);
	while (held->len > rows->row && held->data[held->len - 1] == ' ')
		held->len--;
	buffer_add_char(held, '\n');
	rows->has_cell = false;
	return view_rows_end_line(rows);
}

struct buffer *view_rows_between(struct view_rows *rows)
{
	return &rows->held;
}

int view_rows_flush(struct view_rows *rows)
{
	int r = rows->held.failed ? -ENOMEM : 0;

	if (r == 0 && rows->held.len)
		fwrite(rows->held.data, 1, rows->held.len, rows->out);
	buffer_reset(&rows->held);
	rows->row = 0;
	return r;
}

int view_rows_new(struct view_rows **rows, FILE *out, const struct view_layout *layout,
		  bool colour)
{
	struct view_rows *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->out = out;
	new->layout = layout;
	new->colour = colour;
	*rows = new;
	return 0;
}

struct view_rows *view_rows_free(struct view_rows *rows)
{
	if (!rows)
		return NULL;
	buffer_free(&rows->held);
	free(rows);
	return NULL;
}
