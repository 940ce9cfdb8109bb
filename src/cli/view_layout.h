/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* view_layout: which columns a table has and how wide they are. */
#pragma once

#include <stdbool.h>

enum view_column {
	COLUMN_TIME,
	COLUMN_HOST,
	COLUMN_UNIT,
	COLUMN_SENDER,
	COLUMN_EXE,
	COLUMN_TARGET,
	COLUMN_SIGNAL,
	COLUMN_HOW,
	COLUMN_RESULT,
	COLUMN_NOTES,
	COLUMN_COUNT,
};

#define VIEW_WIDTH_MIN 40

struct view_layout {
	int width;		   /* of the table */
	int columns[COLUMN_COUNT]; /* 0: there is no such column */
};

/* For a terminal of this width: all columns and the blanks between them fit. */
void view_layout(struct view_layout *layout, int width, bool hosts);
