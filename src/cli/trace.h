/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* trace: what ptrace(2) tells of the signals that a command and its children get. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "core/siginfo.h"

/* A signal that is about to be delivered. */
struct trace_signal {
	struct siginfo_facts info;
	pid_t pid; /* the process that gets it */
	pid_t tid; /* and its thread */
};

typedef void trace_signal_fn(const struct trace_signal *signal, void *userdata);

/* A traced task has stopped with this status of waitpid(2): lets it go on as it would
 * without us, and calls seen() first where a signal is to be delivered. The signal that
 * stopped its process, where that is what happened; else 0. */
int trace_stopped(pid_t tid, int status, trace_signal_fn *seen, void *userdata);
