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

static _Noreturn void run(char **argv, const struct child *child, int foreground, int go,
			  int report)
{
	struct failure failure;
	char byte;

	if (!child->shared)
		(void)setpgid(0, 0);
	/* SIGTTOU is still blocked: a process of the background may do this. */
	if (foreground >= 0)
		(void)tcsetpgrp(foreground, getpid());
	/* Until it is traced; the end of the pipe is as good. */
	while (read(go, &byte, 1) < 0 && errno == EINTR)
		;
	(void)sigaction(SIGPIPE, &child->signals.pipe, NULL);
	(void)sigaction(SIGCHLD, &child->signals.chld, NULL);
	(void)sigprocmask(SIG_SETMASK, &child->signals.mask, NULL);
	execvp(argv[0], argv);
	failure.error = errno;
	if (write(report, &failure, sizeof(failure)) < 0)
		_exit(CHILD_BROKEN);
	_exit(CHILD_NOT_FOUND);
}

static int why(int error, const char *name, struct reason *reason)
{
	if (error == ENOENT && strchr(name, '/') && access(name, F_OK) == 0) {
		reason_set(reason,
			   "can't execute %s: the interpreter that it names isn't there",
			   name);
		return CHILD_NOT_EXECUTABLE;
	}
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

int child_take_signals(struct child_signals *signals, sigset_t *taken)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct sigaction standard = { .sa_handler = SIG_DFL };

	sigfillset(taken);
	/* What a closed pipe gives us is an error of ours, not a message. */
	sigdelset(taken, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, taken, &signals->mask) < 0 ||
	    sigaction(SIGPIPE, &ignore, &signals->pipe) < 0 ||
	    /* Ignored, as we may have been given it, nobody could be waited for. */
	    sigaction(SIGCHLD, &standard, &signals->chld) < 0)
		return -errno;
	return 0;
}

/* Standard input, where that is the terminal whose shell we may have; else -1. */
static int own_terminal(void)
{
	return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) > 0 ? STDIN_FILENO : -1;
}

static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Others of our group may need the terminal too, or its signals: those of a pipeline, the
 * script that we are in. */
static bool is_among_others(void)
{
	return getpgrp() != getpid() || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO);
}

static void give_terminal_back(struct child *child)
{
	/* Only from the command's own group: a shell may have given it to another. */
	if (child->terminal >= 0 && tcgetpgrp(child->terminal) == child->pid)
		(void)tcsetpgrp(child->terminal, getpgrp());
}

static void give_terminal(const struct child *child)
{
	if (child->terminal >= 0 && tcgetpgrp(child->terminal) == getpgrp())
		(void)tcsetpgrp(child->terminal, child->pid);
}

static void init(struct child *child, const struct child_signals *signals)
{
	*child = (struct child){ .signals = *signals, .terminal = -1, .report = -1 };
	child->shared = is_among_others() && has_terminal();
	if (!child->shared)
		child->terminal = own_terminal();
}

int child_start(struct child *child, char **argv, const struct child_signals *signals,
		bool trace, struct reason *reason)
{
	int go[2] = { -1, -1 }, report[2] = { -1, -1 }, foreground = -1, r = 0;

	init(child, signals);
	if (child->terminal >= 0 && tcgetpgrp(child->terminal) == getpgrp())
		foreground = child->terminal;
	if (pipe2(go, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0)
		r = -errno;
	if (r == 0) {
		child->pid = fork();
		if (child->pid == 0) {
			close(go[1]);
			run(argv, child, foreground, go[0], report[1]);
		}
		r = child->pid < 0 ? -errno : 0;
	}
	if (r == 0) {
		/* Both do it: neither knows who comes first. */
		if (!child->shared)
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

void child_pass_on(struct child *child, int signo, int code, union sigval value)
{
	if (child->ended || (child->shared && code == SI_KERNEL))
		return;
	if (stops(signo))
		child->passed_stop = true;
	if (code == SI_QUEUE)
		(void)sigqueue(child->pid, signo, value);
	else
		(void)kill(child->pid, signo);
}

void child_stopped(struct child *child, int signo)
{
	if (!stops(signo) || getpid() == 1 ||
	    (child->terminal < 0 && !child->shared && !child->passed_stop))
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
	give_terminal(child);
	(void)kill(child->shared ? child->pid : -child->pid, SIGCONT);
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
