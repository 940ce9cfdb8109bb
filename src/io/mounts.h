/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mounts: which file systems answer at once. One whose server is elsewhere, or a process
 * of anybody's, may keep who asks it waiting for ever. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct mounts;

/* 0 or -errno. *mounts is the caller's. */
int mounts_new(struct mounts **mounts);
struct mounts *mounts_free(struct mounts *mounts);

/* Reads /proc/self/mountinfo where the mounts have changed since the last time: have
 * they?
 */
bool mounts_update(struct mounts *mounts);

/* Is the file system under this path certainly local? Finds out without asking it. 1, 0,
 * or -errno. A last symbolic link is followed if so asked. */
int mounts_is_local(const struct mounts *mounts, const char *path, bool follow);
