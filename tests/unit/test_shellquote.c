/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/shellquote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define QUOTED(literal) quoted((struct bytes){ literal, sizeof(literal) - 1 })

static struct buffer string;

static const char *quoted(struct bytes cmdline)
{
	buffer_reset(&string);
	shellquote_add(&string, cmdline);
	return string.data;
}

START_TEST(shellquote_quotes_only_where_the_shell_needs_it)
{
	ck_assert_str_eq(QUOTED("/usr/bin/kill\0-TERM\000684\0"),
			 "/usr/bin/kill -TERM 684");
	ck_assert_str_eq(QUOTED("a=b,c:d@e%f+g_h.i\0"), "a=b,c:d@e%f+g_h.i");
	ck_assert_str_eq(QUOTED("sh\0-c\0echo $HOME\0"), "sh -c 'echo $HOME'");
	ck_assert_str_eq(QUOTED("it's\0"), "'it'\\''s'");
	ck_assert_str_eq(QUOTED("'\0"), "''\\'''");
	ck_assert_str_eq(QUOTED("~\0#\0\n\0"), "'~' '#' '\n'");
	ck_assert_str_eq(QUOTED("\xff\xc3\xa4\0"), "\xff\xc3\xa4");
}
END_TEST

START_TEST(shellquote_keeps_empty_arguments_and_a_last_one_without_nul)
{
	ck_assert_str_eq(QUOTED("a\0\0b"), "a '' b");
	ck_assert_str_eq(QUOTED("a\0\0"), "a ''");
	ck_assert_str_eq(QUOTED("\0"), "''");
	ck_assert_str_eq(QUOTED("a"), "a");
	buffer_add_string(&string, "-");
	shellquote_add(&string, (struct bytes){ NULL, 0 });
	ck_assert_str_eq(string.data, "a-");
}
END_TEST

/* What a real shell makes of the string, each argument followed by a NUL. */
static size_t evaluate(const char *arguments, char *out, size_t size)
{
	char script[8192];
	size_t len = 0;
	ssize_t n;
	int fds[2];
	pid_t pid;

	snprintf(script, sizeof(script), "printf '%%s\\0' %s", arguments);
	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	while ((n = read(fds[0], out + len, size - len)) > 0)
		len += n;
	close(fds[0]);
	waitpid(pid, NULL, 0);
	return len;
}

START_TEST(shellquote_is_read_back_by_a_shell)
{
	char cmdline[4096];
	char back[4096];
	size_t len = 0;

	for (int c = 1; c < 256; c++) {
		cmdline[len++] = c;
		cmdline[len++] = '\0';
		cmdline[len++] = 'a';
		cmdline[len++] = c;
		cmdline[len++] = c;
		cmdline[len++] = '\'';
		cmdline[len++] = '\0';
	}
	ck_assert_uint_eq(
		evaluate(quoted((struct bytes){ cmdline, len }), back, sizeof(back)),
		len);
	ck_assert_mem_eq(back, cmdline, len);
}
END_TEST

static int split(const char *text)
{
	buffer_reset(&string);
	return shellquote_split(&string, bytes_of(text));
}

START_TEST(shellquote_split_gives_the_arguments_back)
{
	static const char cmdline[] = "a\0\0it's\0'\0''\0\n \xff\0-x=1\0";
	const struct bytes arguments = { cmdline, sizeof(cmdline) - 1 };
	struct buffer quoted_text = { 0 };

	shellquote_add(&quoted_text, arguments);
	ck_assert_int_eq(split(quoted_text.data), 0);
	ck_assert_uint_eq(string.len, arguments.len);
	ck_assert_mem_eq(string.data, cmdline, arguments.len);
	ck_assert_int_eq(split(""), 0);
	ck_assert_uint_eq(string.len, 0);
	buffer_free(&quoted_text);
}
END_TEST

START_TEST(shellquote_split_refuses_what_it_never_wrote)
{
	static const char *const wrong[] = { " ",     "a ", " a",   "a  b",
					     "'a",    "'",  "'a'b", "'a''b",
					     "\"a\"", "$a", "a\\b", "a;b" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(split(wrong[i]) == -EBADMSG, "%s", wrong[i]);
}
END_TEST

SUITE("shellquote", shellquote_quotes_only_where_the_shell_needs_it,
      shellquote_keeps_empty_arguments_and_a_last_one_without_nul,
      shellquote_is_read_back_by_a_shell, shellquote_split_gives_the_arguments_back,
      shellquote_split_refuses_what_it_never_wrote)
