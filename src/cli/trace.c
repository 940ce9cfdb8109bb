/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trace.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* The thread group of a task; the task itself where /proc doesn't tell. */
static pid_t group_of(pid_t tid)
{
	char path[64], line[256];
	int group = tid;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Tgid: %d", &group) == 1)
			break;
	}
	if (file)
		fclose(file);
	return group;
}

static void report(pid_t tid, trace_signal_fn *seen, void *userdata)
{
	struct trace_signal signal = { .tid = tid, .pid = group_of(tid) };
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	if (ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) < 0)
		return;
	signal.info = (struct siginfo_facts){
		.signo = info.si_signo,
		.code = info.si_code,
		.pid = info.si_pid,
		.uid = info.si_uid,
	};
	seen(&signal, userdata);
}

static bool is_stop(int signo)
{
	return signo == SIGSTOP || signo == SIGTSTP || signo == SIGTTIN ||
	       signo == SIGTTOU;
}

int trace_stopped(pid_t tid, int status, trace_signal_fn *seen, void *userdata)
{
	int event = status >> 16, signo = WSTOPSIG(status);

	if (event == PTRACE_EVENT_STOP && is_stop(signo)) {
		/* It stays stopped, as without us, until SIGCONT. */
		(void)ptrace(PTRACE_LISTEN, tid, NULL, NULL);
		return signo;
	}
	if (event == 0)
		report(tid, seen, userdata);
	else
		signo = 0;
	/* It may have been killed meanwhile: then waitpid() tells. */
	(void)ptrace(PTRACE_CONT, tid, NULL, (long)signo);
	return 0;
}
