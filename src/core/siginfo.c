/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/siginfo.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The kernel's own codes that are negative (asm-generic/siginfo.h). */
#define CODE_SIGIO    (-5)
#define CODE_ASYNC_NL (-60)

struct code {
	int signo; /* 0: any */
	int code;
	const char *name;
};

#define ANY(name)                                                                        \
	{                                                                                \
		0, name, #name                                                           \
	}
#define OF(signal, name)                                                                 \
	{                                                                                \
		signal, name, #name                                                      \
	}

static const struct code codes[] = {
	ANY(SI_KERNEL),
	ANY(SI_TIMER),
	ANY(SI_MESGQ),
	ANY(SI_ASYNCIO),
	ANY(SI_SIGIO),
	OF(SIGILL, ILL_ILLOPC),
	OF(SIGILL, ILL_ILLOPN),
	OF(SIGILL, ILL_ILLADR),
	OF(SIGILL, ILL_ILLTRP),
	OF(SIGILL, ILL_PRVOPC),
	OF(SIGILL, ILL_PRVREG),
	OF(SIGILL, ILL_COPROC),
	OF(SIGILL, ILL_BADSTK),
	OF(SIGFPE, FPE_INTDIV),
	OF(SIGFPE, FPE_INTOVF),
	OF(SIGFPE, FPE_FLTDIV),
	OF(SIGFPE, FPE_FLTOVF),
	OF(SIGFPE, FPE_FLTUND),
	OF(SIGFPE, FPE_FLTRES),
	OF(SIGFPE, FPE_FLTINV),
	OF(SIGFPE, FPE_FLTSUB),
	OF(SIGSEGV, SEGV_MAPERR),
	OF(SIGSEGV, SEGV_ACCERR),
	OF(SIGSEGV, SEGV_BNDERR),
	OF(SIGSEGV, SEGV_PKUERR),
	OF(SIGBUS, BUS_ADRALN),
	OF(SIGBUS, BUS_ADRERR),
	OF(SIGBUS, BUS_OBJERR),
	OF(SIGBUS, BUS_MCEERR_AR),
	OF(SIGBUS, BUS_MCEERR_AO),
	OF(SIGTRAP, TRAP_BRKPT),
	OF(SIGTRAP, TRAP_TRACE),
	OF(SIGCHLD, CLD_EXITED),
	OF(SIGCHLD, CLD_KILLED),
	OF(SIGCHLD, CLD_DUMPED),
	OF(SIGCHLD, CLD_TRAPPED),
	OF(SIGCHLD, CLD_STOPPED),
	OF(SIGCHLD, CLD_CONTINUED),
	OF(SIGIO, POLL_IN),
	OF(SIGIO, POLL_OUT),
	OF(SIGIO, POLL_MSG),
	OF(SIGIO, POLL_ERR),
	OF(SIGIO, POLL_PRI),
	OF(SIGIO, POLL_HUP),
	{ SIGSYS, 1, "SYS_SECCOMP" },
};

bool siginfo_has_sender(const struct siginfo_facts *facts)
{
	switch (facts->code) {
	case SI_TIMER:
	case SI_MESGQ:
	case SI_ASYNCIO:
	case CODE_SIGIO:
	case CODE_ASYNC_NL:
		return false;
	default:
		return facts->code <= 0;
	}
}

static void note_code(const struct siginfo_facts *facts, char note[SIGINFO_NOTE_SIZE])
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if ((codes[i].signo == 0 || codes[i].signo == facts->signo) &&
		    codes[i].code == facts->code) {
			snprintf(note, SIGINFO_NOTE_SIZE, "code=%s", codes[i].name);
			return;
		}
	}
	snprintf(note, SIGINFO_NOTE_SIZE, "code=%d", facts->code);
}

static const struct sigcall *call_named(const char *name)
{
	size_t n;
	const struct sigcall *table = sigcall_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

void siginfo_describe(struct signal_event *ev, const struct siginfo_facts *facts,
		      char note[SIGINFO_NOTE_SIZE])
{
	ev->signo = facts->signo;
	ev->result = 0;
	if (!siginfo_has_sender(facts)) {
		ev->sender.pid = 0;
		ev->sender.comm = "kernel";
		note_code(facts, note);
		ev->notes[ev->n_notes++] = note;
		return;
	}
	ev->sender.pid = facts->pid;
	ev->sender.uid = facts->uid;
	if (facts->pid == 0)
		ev->notes[ev->n_notes++] = "outside-namespace";
	/* tkill and tgkill give the same code; pidfd_send_signal looks like kill. */
	ev->scope = facts->code == SI_TKILL ? SCOPE_THREAD : SCOPE_PROCESS;
	if (facts->code == SI_QUEUE)
		ev->call = call_named("rt_sigqueueinfo");
}
