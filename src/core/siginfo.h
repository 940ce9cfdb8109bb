/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* siginfo: who sent a signal, as the one that gets it is told (sigaction(2)). */
#pragma once

#include <stdint.h>

#include "core/event.h"

/* Of a siginfo_t or struct signalfd_siginfo: pid and uid as the receiver sees them. */
struct siginfo_facts {
	int signo;
	int code; /* si_code */
	int64_t pid;
	int64_t uid;
};

#define SIGINFO_NOTE_SIZE 32

/* Did a process send it? Else the kernel did, of its own accord. */
bool siginfo_has_sender(const struct siginfo_facts *facts);

/* Fills in signal, call, scope and sender of an EVENT_SIGNAL. Where the kernel sent it
 * the sender is "kernel" with pid 0, and the note "code=SEGV_MAPERR" (written into note,
 * which must live as long as the event) says why. A pid of 0 from a process is one
 * outside of the receiver's pid namespace: the note "outside-namespace". */
void siginfo_describe(struct signal_event *ev, const struct siginfo_facts *facts,
		      char note[SIGINFO_NOTE_SIZE]);
