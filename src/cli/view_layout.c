/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/view_layout.h"

#include <limits.h>
#include <stddef.h>

/* From which width of the table there is the column, its least and its greatest width. */
struct need {
	int from;
	int least;
	int most;
};

/* SIGNAL: SIGRTMIN+15, and RTMIN+15 where that is too long. */
static const struct need needs[COLUMN_COUNT] = {
	[COLUMN_TIME] = { 0, 8, 8 },	[COLUMN_HOST] = { 80, 8, 24 },
	[COLUMN_UNIT] = { 64, 10, 36 }, [COLUMN_SENDER] = { 0, 11, 36 },
	[COLUMN_EXE] = { 140, 16, 40 }, [COLUMN_TARGET] = { 0, 10, 24 },
	[COLUMN_SIGNAL] = { 0, 8, 11 }, [COLUMN_HOW] = { 72, 6, 17 },
	[COLUMN_RESULT] = { 72, 6, 6 }, [COLUMN_NOTES] = { 120, 12, INT_MAX },
};

/* Who gets the blanks that are left, one after another. */
static const enum view_column shares[] = {
	COLUMN_SENDER, COLUMN_TARGET, COLUMN_UNIT,   COLUMN_NOTES,
	COLUMN_HOST,   COLUMN_SENDER, COLUMN_EXE,    COLUMN_TARGET,
	COLUMN_UNIT,   COLUMN_NOTES,  COLUMN_SENDER, COLUMN_NOTES,
};

#define N_SHARES (sizeof(shares) / sizeof(shares[0]))

static int most(enum view_column column, int width)
{
	switch (column) {
	case COLUMN_TIME:
		return width >= 100 ? (int)sizeof("22:27:27.191") - 1
				    : needs[column].most;
	case COLUMN_HOW:
		return width >= 160 ? needs[column].most : needs[column].least;
	case COLUMN_SIGNAL:
		return width >= 120 ? needs[column].most : needs[column].least;
	default:
		return needs[column].most;
	}
}

static bool is_fixed(enum view_column column)
{
	return column == COLUMN_TIME || column == COLUMN_SIGNAL || column == COLUMN_HOW;
}

static void share(struct view_layout *layout, int left)
{
	bool given = true;

	while (left > 0 && given) {
		given = false;
		for (size_t i = 0; i < N_SHARES && left > 0; i++) {
			enum view_column column = shares[i];
			int *columns = &layout->columns[column];

			if (*columns == 0 || *columns >= most(column, layout->width))
				continue;
			(*columns)++;
			left--;
			given = true;
		}
	}
}

void view_layout(struct view_layout *layout, int width, bool hosts)
{
	int used = -1; /* no blank before the first */

	*layout = (struct view_layout){
		.width = width < VIEW_WIDTH_MIN ? VIEW_WIDTH_MIN : width,
	};
	for (enum view_column c = 0; c < COLUMN_COUNT; c++) {
		if (layout->width < needs[c].from || (c == COLUMN_HOST && !hosts))
			continue;
		layout->columns[c] =
			is_fixed(c) ? most(c, layout->width) : needs[c].least;
		used += layout->columns[c] + 1;
	}
	share(layout, layout->width - used);
}
