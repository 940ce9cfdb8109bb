/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACE_OPTIONS                                                                    \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |                \
	 PTRACE_O_TRACEEXEC)

/* What the child says when it can't begin. */
struct failure {
	int error;
};

static _Noreturn void run(char **argv, const sigset_t *mask, int terminal, int go,
			  int report)
{
	struct failure failure;
	char byte;

	(void)setpgid(0, 0);
	/* SIGTTOU is still blocked: a process of the background may do this. */
	if (terminal >= 0)
		(void)tcsetpgrp(terminal, getpid());
	(void)signal(SIGPIPE, SIG_DFL);
	/* Until it is traced; the end of the pipe is as good. */
	while (read(go, &byte, 1) < 0 && errno == EINTR)
		;
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	failure.error = errno;
	if (write(report, &failure, sizeof(failure)) < 0)
		_exit(CHILD_BROKEN);
	_exit(CHILD_NOT_FOUND);
}

static int why(int error, const char *name, struct reason *reason)
{
	if (error == ENOENT) {
		reason_set(reason, "no such command: %s", name);
		return CHILD_NOT_FOUND;
	}
	reason_set(reason, "can't execute %s: %s", name, strerror(error));
	return CHILD_NOT_EXECUTABLE;
}

int child_why_not(struct child *child, const char *name, struct reason *reason)
{
	struct failure failure;

	if (read(child->report, &failure, sizeof(failure)) != sizeof(failure))
		return 0;
	return why(failure.error, name, reason);
}

static int foreground_terminal(void)
{
	return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp() ? STDIN_FILENO
									    : -1;
}

static void give_terminal_back(struct child *child)
{
	/* Only from the command's own group: a shell may have given it to another. */
	if (child->terminal >= 0 && tcgetpgrp(child->terminal) == child->pid)
		(void)tcsetpgrp(child->terminal, getpgrp());
}

int child_start(struct child *child, char **argv, const sigset_t *mask, bool trace,
		struct reason *reason)
{
	int go[2] = { -1, -1 }, report[2] = { -1, -1 }, r = 0;

	*child = (struct child){ .terminal = foreground_terminal(), .report = -1 };
	if (pipe2(go, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0)
		r = -errno;
	if (r == 0) {
		child->pid = fork();
		if (child->pid == 0) {
			close(go[1]);
			run(argv, mask, child->terminal, go[0], report[1]);
		}
		r = child->pid < 0 ? -errno : 0;
	}
	if (r == 0) {
		/* Both do it: neither knows who comes first. */
		(void)setpgid(child->pid, child->pid);
		if (trace && ptrace(PTRACE_SEIZE, child->pid, NULL, TRACE_OPTIONS) < 0)
			r = -errno;
	}
	if (r < 0) {
		reason_set(reason, "can't %s %s: %s", trace ? "trace" : "run", argv[0],
			   strerror(-r));
		if (child->pid > 0) {
			(void)kill(child->pid, SIGKILL);
			(void)waitpid(child->pid, NULL, __WALL);
		}
		r = CHILD_BROKEN;
	}
	close(go[0]);
	close(go[1]);
	close(report[1]);
	child->report = report[0];
	if (r != 0)
		give_terminal_back(child);
	return r;
}

static bool stops(int signo)
{
	return signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU;
}

void child_pass_on(struct child *child, int signo, bool queued, union sigval value)
{
	if (child->ended)
		return;
	if (stops(signo))
		child->passed_stop = true;
	if (queued)
		(void)sigqueue(child->pid, signo, value);
	else
		(void)kill(child->pid, signo);
}

void child_stopped(struct child *child, int signo)
{
	if (!stops(signo) || (child->terminal < 0 && !child->passed_stop) ||
	    getpid() == 1)
		return;
	child->passed_stop = false;
	give_terminal_back(child);
	/* Until somebody continues us; SIGCONT is pending then. */
	(void)raise(SIGSTOP);
}

void child_continue(struct child *child)
{
	if (child->ended)
		return;
	if (child->terminal >= 0 && tcgetpgrp(child->terminal) == getpgrp())
		(void)tcsetpgrp(child->terminal, child->pid);
	(void)kill(-child->pid, SIGCONT);
}

void child_close(struct child *child)
{
	give_terminal_back(child);
	if (child->report >= 0)
		close(child->report);
	child->report = -1;
}

int child_exit_status(const struct child *child)
{
	return WIFSIGNALED(child->status) ? 128 + WTERMSIG(child->status)
					  : WEXITSTATUS(child->status);
}
