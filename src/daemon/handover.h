/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* handover: who goes on after this process: the next one that the service manager starts,
 * by its store of descriptors (sd_pid_notify_with_fds(3)), or this one as another program
 * (execve(2)). */
#pragma once

#include <stdbool.h>

#include "io/keep.h"
#include "trail/recorder.h"

/* Gives the service manager what the next one needs. Of what it has from before that
 * is taken out which this one hasn't gone on with. Has it been told? */
bool handover_store(struct keep *keep, const struct recorder *recorder);

/* Takes what was stored out: nobody will go on. */
void handover_forget(void);

/* The path of this program as it was started, which a newer version may have taken since;
 * the caller's to free, or NULL. */
char *handover_program(void);

/* Becomes that program, which goes on. Comes back with -errno, and all is as before. */
int handover_exec(struct keep *keep, const struct recorder *recorder, const char *program,
		  char **argv);
