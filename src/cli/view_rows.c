/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/view_rows.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

/* What is held back at most: to print a hundred rows takes libsmartcols less time than to
 * print them one by one. */
#define HELD_MAX_ROWS  256
#define HELD_MAX_BYTES 65536

struct view_rows {
	FILE *out;
	struct libscols_table *scols;
	struct libscols_column *columns[COLUMN_COUNT];
	/* The rows held back, and the one that is being made. */
	struct libscols_line *lines[HELD_MAX_ROWS];
	size_t n_rows;
	struct buffer between;
	size_t between_end[HELD_MAX_ROWS]; /* of what precedes the row */
};

int view_rows_cell(struct view_rows *rows, enum view_column column, const char *text,
		   const char *colour)
{
	struct libscols_line **line = &rows->lines[rows->n_rows];
	struct libscols_cell *cell;
	int r;

	if (!rows->columns[column])
		return 0;
	if (!*line)
		*line = scols_table_new_line(rows->scols, NULL);
	cell = *line ? scols_line_get_column_cell(*line, rows->columns[column]) : NULL;
	if (!cell)
		return -ENOMEM;
	r = scols_cell_set_data(cell, text);
	return r == 0 && colour ? scols_cell_set_color(cell, colour) : r;
}

int view_rows_end_line(struct view_rows *rows)
{
	if (rows->between.failed)
		return -ENOMEM;
	if (rows->n_rows < HELD_MAX_ROWS && rows->between.len < HELD_MAX_BYTES)
		return 0;
	return view_rows_flush(rows);
}

int view_rows_end(struct view_rows *rows)
{
	rows->between_end[rows->n_rows++] = rows->between.len;
	return view_rows_end_line(rows);
}

struct buffer *view_rows_between(struct view_rows *rows)
{
	return &rows->between;
}

/* Without the blanks at its end. Where the next one begins. */
static const char *print_row(struct view_rows *rows, const char *text)
{
	const char *end = strchrnul(text, '\n');
	size_t len = (size_t)(end - text);

	while (len && text[len - 1] == ' ')
		len--;
	fwrite(text, 1, len, rows->out);
	fputc('\n', rows->out);
	return *end ? end + 1 : end;
}

static void print_all(struct view_rows *rows, const char *text)
{
	const struct buffer *between = &rows->between;
	size_t at = 0;

	for (size_t i = 0; i < rows->n_rows; i++) {
		fwrite(between->data + at, 1, rows->between_end[i] - at, rows->out);
		at = rows->between_end[i];
		text = print_row(rows, text);
	}
	if (between->len > at)
		fwrite(between->data + at, 1, between->len - at, rows->out);
}

int view_rows_flush(struct view_rows *rows)
{
	char *text = NULL;
	int r = rows->between.failed ? -ENOMEM : 0;

	if (r == 0 && rows->n_rows)
		r = scols_table_print_range_to_string(rows->scols, rows->lines[0],
						      rows->lines[rows->n_rows - 1],
						      &text);
	if (r == 0)
		print_all(rows, text);
	free(text);
	scols_table_remove_lines(rows->scols);
	memset(rows->lines, 0, sizeof(rows->lines));
	rows->n_rows = 0;
	buffer_reset(&rows->between);
	return r;
}

static int add_columns(struct view_rows *rows, const struct view_layout *layout)
{
	for (enum view_column c = 0; c < COLUMN_COUNT; c++) {
		if (layout->columns[c] == 0)
			continue;
		/* Untitled: libsmartcols 2.38 forgets a width that is no greater than the
		 * title's, also where no title is printed. */
		rows->columns[c] = scols_table_new_column(
			rows->scols, "", layout->columns[c], SCOLS_FL_STRICTWIDTH);
		if (!rows->columns[c])
			return -ENOMEM;
	}
	return 0;
}

int view_rows_new(struct view_rows **rows, FILE *out, const struct view_layout *layout,
		  bool colour)
{
	struct view_rows *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->out = out;
	new->scols = scols_new_table();
	if (!new->scols || add_columns(new, layout) < 0) {
		view_rows_free(new);
		return -ENOMEM;
	}
	/* core/escape has run. */
	scols_table_enable_noencoding(new->scols, 1);
	scols_table_enable_noheadings(new->scols, 1);
	scols_table_enable_colors(new->scols, colour);
	/* The cells fit already: nothing is for it to reduce. */
	scols_table_set_termforce(new->scols, SCOLS_TERMFORCE_NEVER);
	*rows = new;
	return 0;
}

struct view_rows *view_rows_free(struct view_rows *rows)
{
	if (!rows)
		return NULL;
	scols_unref_table(rows->scols);
	buffer_free(&rows->between);
	free(rows);
	return NULL;
}
