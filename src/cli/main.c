/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sigtrail: reviews and watches who signalled whom. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "cli/command.h"
#include "core/quote.h"
#include "trail/say.h"

static const struct command *const commands[] = {
	&command_why,	 &command_log,	 &command_watch,  &command_run,
	&command_replay, &command_rules, &command_doctor,
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(void)
{
	puts("sigtrail: who signalled whom on this host\n"
	     "\n"
	     "Usage: sigtrail COMMAND [OPTION]...\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	puts("\nsigtrail COMMAND --help tells of one. Manual: sigtrail(1)");
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
	return argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

/* Also where an earlier write was told so, and the stream forgot why it failed. */
static bool reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

/* Was what was printed written? A full disk is no success. */
static int ends(int status)
{
	int r;

	/* It has said what went wrong. */
	if (status == EXIT_TROUBLE)
		return status;
	errno = 0;
	r = fflush(stdout) < 0 || ferror(stdout) ? -errno : 1;
	/* Who closed the pipe has seen enough. */
	if (r > 0 || r == -EPIPE || reader_is_gone())
		return status;
	say(LOG_ERR, "can't write to standard output%s%s", r ? ": " : "",
	    r ? strerror(-r) : "");
	return EXIT_TROUBLE;
}

/* Else what we open would get the number of a standard descriptor that was closed, and be
 * written to. Reading and writing fail as before, and a command that we run doesn't get
 * it. */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null", flags | O_CLOEXEC);
	}
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct buffer shown = { 0 };

	fill_standard_descriptors();
	say_as("sigtrail");
	if (asks_for_help(argc, argv)) {
		help();
		return ends(EXIT_FOUND);
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("sigtrail " VERSION);
		return ends(EXIT_FOUND);
	}
	if (argc < 2) {
		say(LOG_ERR, "which command? sigtrail --help names them");
		return EXIT_TROUBLE;
	}
	command = find(argv[1]);
	if (!command) {
		say(LOG_ERR, "no such command: %s; sigtrail --help names them",
		    quote_value(&shown, argv[1]));
		buffer_free(&shown);
		return EXIT_TROUBLE;
	}
	if (asks_for_help(argc - 1, argv + 1)) {
		fputs(command->help, stdout);
		return ends(EXIT_FOUND);
	}
	return ends(command->run(argc - 1, argv + 1));
}
