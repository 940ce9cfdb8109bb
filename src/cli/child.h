/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* child: the command that run runs: its process group, the terminal, how it ended. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "core/reason.h"

/* As we were given them, and as the command gets them. */
struct child_signals {
	sigset_t mask;
	struct sigaction pipe;
	struct sigaction chld;
};

struct child {
	pid_t pid;
	struct child_signals signals;
	bool shared;  /* it is in our process group */
	int terminal; /* which it has while we are in the foreground; else -1 */
	bool ended;
	int status;	  /* as waitpid(2) gives it */
	bool passed_stop; /* it was passed on a signal that stops */
	int report;	  /* where it says why it didn't begin */
};

/* Exit status of env(1), nohup(1) and shells. */
enum { CHILD_BROKEN = 125, CHILD_NOT_EXECUTABLE = 126, CHILD_NOT_FOUND = 127 };

/* Blocks all signals but SIGPIPE, which is ignored; taken: those blocked. Children can be
 * waited for from here on, whatever was done with SIGCHLD before. 0 or -errno. */
int child_take_signals(struct child_signals *signals, sigset_t *taken);

/* Runs argv in a process group of its own, which gets the terminal while it is ours, so
 * that ^C and ^Z reach the command once and not us. On a terminal where we aren't the
 * whole of a shell's job (a pipeline, a script) it stays in our group, as without us:
 * what the terminal sends reaches both. It gets its signals as we got ours. trace: it is
 * seized (ptrace(2)) before the program begins. Doesn't wait for that. 0, or CHILD_BROKEN
 * with the reason; child_close() either way. */
int child_start(struct child *child, char **argv, const struct child_signals *signals,
		bool trace, struct reason *reason);

/* It has ended: because the program couldn't begin? One of the above with the reason,
 * else 0. */
int child_why_not(struct child *child, const char *name, struct reason *reason);

/* Passes a signal on that we got, unless it was the terminal's and has reached the
 * command already; code as in siginfo_t. With its value where it was queued. */
void child_pass_on(struct child *child, int signo, int code, union sigval value);

/* It has stopped: if that was the terminal's doing or came through us, we stop too, so
 * that the shell has its terminal again; it goes on when we do. */
void child_stopped(struct child *child, int signo);

/* We were continued: so is it, with the terminal if the shell gave it to us. */
void child_continue(struct child *child);

/* Takes the terminal back. */
void child_close(struct child *child);

/* The status to end with: its own, or 128 and the signal. */
int child_exit_status(const struct child *child);
