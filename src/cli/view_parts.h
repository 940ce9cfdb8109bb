/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* view_parts: what view.c is made of. */
#pragma once

#include <stdio.h>

#include "cli/view.h"
#include "core/buffer.h"

struct view_table;

/* A table on out, as wide as want says (40 at least); its columns are as wide whatever
 * comes. *table is the caller's; out and want stay the caller's. 0 or -ENOMEM. */
int view_table_new(struct view_table **table, FILE *out, const struct view_want *want);
struct view_table *view_table_free(struct view_table *table);

/* One row and what belongs to it; the head before the first, and a line with the date
 * where it is another than the last row's. Some hundred rows are held back until
 * flush(). 0 or -ENOMEM; out has its own error. */
int view_table_write(struct view_table *table, const struct signal_event *ev);

int view_table_flush(struct view_table *table);

/* Adds the event's message and its known fields, a line each; work is room for work. 0 or
 * -ENOMEM. */
int view_verbose(struct buffer *out, struct buffer *work, const struct view_want *want,
		 const struct signal_event *ev);
