/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* procimage: what processes share: the program that they run, and the place of their
 * cgroup. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/* One program as it was started by one exec; a fork shares its parent's. All of it is
 * unknown (NULL) until it was read. Strings are raw bytes. */
struct procimage {
	size_t refs;
	size_t settled; /* of them */
	bool dropped;	/* the command line, for all are settled */
	bool read;
	int64_t read_usec; /* when the reading was over */
	const char *exe;
	struct bytes cmdline;
	bool cmdline_cut;
	char *memory; /* holds both */
};

/* An unknown image with one reference; NULL without memory. */
struct procimage *procimage_new(void);
struct procimage *procimage_ref(struct procimage *image);

/* Gives one reference back; frees with the last. Takes NULL; NULL. */
struct procimage *procimage_unref(struct procimage *image);

/* One reference, of somebody dead, needs no command line any more: when none does, it is
 * dropped. Gives that back, before the reference is: what was dropped is to be read
 * again. */
void procimage_settle(struct procimage *image);
void procimage_unsettle(struct procimage *image);

/* Makes it known, with copies (exe NULL: it has none, or none that we may read). 0 or
 * -ENOMEM, then it stays unknown. */
int procimage_set(struct procimage *image, const char *exe, struct bytes cmdline,
		  bool cmdline_cut, int64_t now_usec);

/* Makes it unknown for good: what was read can't be told to be of this image. */
void procimage_forget(struct procimage *image);

/* What a cgroup's path says; names are NULL where there is none. */
struct procplace {
	size_t refs;
	const char *unit;
	const char *user_unit;
	const char *slice;
	const char *container;
	struct bytes text;
};

/* All places in use, each once. NULL is an empty one. */
struct procplaces;

struct procplaces *procplaces_new(void);
struct procplaces *procplaces_free(struct procplaces *places);

/* The place of a process by the text of its /proc/PID/cgroup, with a reference for the
 * caller; NULL without memory. */
struct procplace *procplaces_get(struct procplaces *places, const char *text, size_t len);
struct procplace *procplace_ref(struct procplace *place);
struct procplace *procplaces_put(struct procplaces *places, struct procplace *place);

/* How many there are. */
size_t procplaces_count(const struct procplaces *places);

/* Do both name the same unit, user unit, slice and container? NULL names none. */
bool procplace_equal(const struct procplace *a, const struct procplace *b);
