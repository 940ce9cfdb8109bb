/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* view_rows: rows in columns, printed many at a time, and the text between them. It needs
 * the character type of fit_begin(). */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cli/view_layout.h"
#include "core/buffer.h"

struct view_rows;

/* Columns as wide as layout says, those of no width are left out; colour: cells may have
 * one. out and layout stay the caller's and must outlive *rows. 0 or -ENOMEM. */
int view_rows_new(struct view_rows **rows, FILE *out, const struct view_layout *layout,
		  bool colour);
struct view_rows *view_rows_free(struct view_rows *rows);

/* The next cell of the row that is being made, from left to right: text without newlines
 * that fits its column, in colour (an escape sequence) or NULL. Columns that aren't shown
 * take nothing. */
void view_rows_cell(struct view_rows *rows, enum view_column column, const char *text,
		    const char *colour);

/* The row is complete, and ends with its last character that is no blank; the next cell
 * is one of the next row. Some hundred rows are held back, then printed. 0 or -ENOMEM;
 * out has its own error. */
int view_rows_end(struct view_rows *rows);

/* Where lines go that follow the last complete row, each with its newline; held back as
 * the rows are. end_line() is for those that no row follows: 0 or -ENOMEM. */
struct buffer *view_rows_between(struct view_rows *rows);
int view_rows_end_line(struct view_rows *rows);

/* Prints what is held back. 0 or -ENOMEM; out has its own error. */
int view_rows_flush(struct view_rows *rows);
