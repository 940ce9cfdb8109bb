/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/procstage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Stages of one process that are kept besides the newest. */
#define OLDER_MAX 2

void procstage_forget_older(struct procstage *stage)
{
	struct procstage *older = stage->older, *next;

	stage->older = NULL;
	for (; older; older = next) {
		next = older->older;
		procimage_unref(older->image);
		free(older);
	}
}

int procstage_begin(struct procstage *stage, int64_t time_usec)
{
	struct procimage *image = procimage_new();
	struct procstage *old = malloc(sizeof(*old)), *last = stage;

	if (!image || !old) {
		procimage_unref(image);
		free(old);
		procimage_unref(stage->image);
		stage->image = NULL;
		stage->comm[0] = '\0';
		return -ENOMEM;
	}
	*old = *stage;
	*stage = (struct procstage){ .since_usec = time_usec,
				     .image = image,
				     .older = old };
	for (int i = 0; last && i < OLDER_MAX; i++)
		last = last->older;
	if (last)
		procstage_forget_older(last);
	return 0;
}

void procstage_settle(struct procstage *stage)
{
	procstage_forget_older(stage);
	stage->settled = stage->image != NULL;
	if (stage->settled)
		procimage_settle(stage->image);
}

void procstage_unsettle(struct procstage *stage)
{
	if (stage->settled)
		procimage_unsettle(stage->image);
	stage->settled = false;
}

void procstage_clear(struct procstage *stage)
{
	procstage_unsettle(stage);
	procstage_forget_older(stage);
	stage->image = procimage_unref(stage->image);
}

void procstage_set_comm(struct procstage *stage, const char *comm)
{
	size_t len = strnlen(comm, sizeof(stage->comm) - 1);

	memset(stage->comm, 0, sizeof(stage->comm));
	memcpy(stage->comm, comm, len);
}
