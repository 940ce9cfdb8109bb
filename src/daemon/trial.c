/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The kernel's records wait in the socket as long. */
#define PATIENCE_MSEC 3000

/* posix_spawn(3)'s numbers are positive. */
static int spawn(pid_t *pid, const char *program, char *const argv[])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, piped;
	int r;

	sigemptyset(&none);
	sigemptyset(&piped);
	sigaddset(&piped, SIGPIPE);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return -ENOMEM;
	}
	/* Standard output is the trail's. */
	r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
					     O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
						     O_WRONLY, 0);
	if (r == 0)
		r = posix_spawnattr_setsigmask(&attributes, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(&attributes, &piped);
	if (r == 0)
		r = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
								  POSIX_SPAWN_SETSIGDEF);
	if (r == 0)
		r = posix_spawn(pid, program, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* waitpid(2)'s status; -ETIMEDOUT: it had to be killed. */
static int wait_for(pid_t pid)
{
	struct pollfd p = { pidfd_open(pid, 0), POLLIN, 0 };
	int status = 0, r = p.fd < 0 ? -errno : 0;

	if (r == 0 && poll(&p, 1, PATIENCE_MSEC) <= 0)
		r = -ETIMEDOUT;
	if (r < 0)
		(void)kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) < 0 && r == 0)
		r = -errno;
	if (p.fd >= 0)
		close(p.fd);
	return r < 0 ? r : status;
}

int trial_run(const char *program, char *const argv[], struct reason *reason)
{
	size_t n = 0;
	char check[] = "--check-config", **words;
	pid_t pid;
	int r;

	while (argv[n])
		n++;
	words = calloc(n + 2, sizeof(*words));
	r = words ? 0 : -ENOMEM;
	if (r == 0) {
		memcpy(words, argv, n * sizeof(*words));
		words[n] = check;
		r = spawn(&pid, program, words);
	}
	free(words);
	if (r < 0) {
		reason_set(reason, "%s", strerror(-r));
		return r;
	}
	r = wait_for(pid);
	if (r < 0)
		reason_set(reason, "its --check-config: %s", strerror(-r));
	else if (r != 0)
		reason_set(reason, "its --check-config failed (%s %d)",
			   WIFEXITED(r) ? "exit status" : "signal",
			   WIFEXITED(r) ? WEXITSTATUS(r) : WTERMSIG(r));
	return r > 0 ? -EINVAL : r;
}
