/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* procstage: what a process is from one exec to the next. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/procimage.h"

#define PROCSTAGE_COMM_SIZE 16

/* From one exec (at first: from its fork) to the next. */
struct procstage {
	int64_t since_usec;
	bool settled;	/* nobody asks for more than its name and program */
	bool inherited; /* from the parent, by the fork */
	struct procimage *image;
	char comm[PROCSTAGE_COMM_SIZE]; /* empty: not known (yet) */
	struct procstage *older;
};

/* Makes *stage the older one of a new stage with an unknown image, which takes its place;
 * of the older ones some are kept. 0, or -ENOMEM, then the old one goes on, unknown. */
int procstage_begin(struct procstage *stage, int64_t time_usec);

/* Lets go of all stages before this one. */
void procstage_forget_older(struct procstage *stage);

/* Lets go of what only events of its own time need: the stages before this one, and the
 * command line. And takes that back, as far as it is to be had. */
void procstage_settle(struct procstage *stage);
void procstage_unsettle(struct procstage *stage);

/* Lets go of all it holds, and those before it. */
void procstage_clear(struct procstage *stage);

/* Takes the name, cut as the kernel would. */
void procstage_set_comm(struct procstage *stage, const char *comm);
