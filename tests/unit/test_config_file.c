/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define DROPINS "/etc/sigtrail/sigtrail.conf.d"

static char root[64];

static void make_dirs(void)
{
	static const char *const dirs[] = { "/usr", "/usr/lib",	     "/usr/lib/sigtrail",
					    "/etc", "/etc/sigtrail", DROPINS };
	char path[256];

	strcpy(root, "/tmp/sigtrail-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void remove_dirs(void)
{
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s%s", root, name);
	return path;
}

static void put_bytes(const char *name, const char *data, size_t len)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
	close(fd);
}

static void put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

/* Reads one file with this text, which is good. */
static struct config *read_text(const char *text)
{
	struct config *config = NULL;
	struct reason reason = { "" };

	put("/a.conf", text);
	ck_assert_msg(config_file_read(&config, path_of("/a.conf"), &reason) == 0, "%s",
		      reason.text);
	return config;
}

/* The file isn't taken, and the reason has its name and this part. */
static void assert_bad_file(const char *name, int error, const char *part)
{
	struct config *config = NULL;
	struct reason reason = { "" };

	ck_assert_int_eq(config_file_read(&config, path_of(name), &reason), error);
	ck_assert_ptr_null(config);
	ck_assert_msg(strstr(reason.text, path_of(name)) == reason.text, "%s",
		      reason.text);
	ck_assert_msg(strstr(reason.text, part), "no \"%s\" in: %s", part, reason.text);
}

static void assert_bad_bytes(const char *data, size_t len, const char *part)
{
	put_bytes("/a.conf", data, len);
	assert_bad_file("/a.conf", -EINVAL, part);
}

static void assert_bad(const char *text, const char *part)
{
	assert_bad_bytes(text, strlen(text), part);
}

static struct config *read_default(void)
{
	struct config *config = NULL;
	struct reason reason = { "" };

	ck_assert_msg(config_file_read_default(&config, root, &reason) == 0, "%s",
		      reason.text);
	return config;
}

START_TEST(config_file_over_the_defaults)
{
	struct config *c;

	make_dirs();
	c = read_text("# a comment\n\n[Burst]\n  Limit = 7 # why\nInterval=\"1min\"\n"
		      "[Rules]\nProbes=yes\n[Ignore]\nd=sender.exe=/a=b signal!=TERM");
	ck_assert_uint_eq(c->burst.limit, 7);
	ck_assert_int_eq(c->burst.interval_usec, 60000000);
	ck_assert_uint_eq(c->burst.total, 2000);
	ck_assert(c->probes);
	ck_assert(c->failed);
	ck_assert_uint_eq(c->n_ignores, 2);
	config_free(c);
	remove_dirs();
}
END_TEST

START_TEST(config_file_may_be_empty)
{
	make_dirs();
	config_free(read_text(""));
	config_free(read_text("\n\n# nothing\n"));
	config_free(read_text("[Burst]\n"));
	config_free(read_text("[Burst]\r\nLimit=1\r\n"));
	remove_dirs();
}
END_TEST

START_TEST(config_file_last_of_a_repeated_key_counts)
{
	struct config *c;

	make_dirs();
	c = read_text("[Burst]\nLimit=1\n Limit =2\nTotal=5\n[Output]\nFormat=json\n"
		      "[Burst]\nLimit=3\n[Ignore]\nLimit=self=yes\nLimit=\n");
	ck_assert_uint_eq(c->burst.limit, 3);
	ck_assert_uint_eq(c->burst.total, 5);
	ck_assert_int_eq(c->format, FORMAT_JSON);
	ck_assert_uint_eq(c->n_ignores, 2);
	ck_assert_ptr_null(c->ignores[1].filter);
	config_free(c);
	remove_dirs();
}
END_TEST

START_TEST(config_file_sections_keep_keys_of_one_name_apart)
{
	struct config *c;

	make_dirs();
	c = read_text(
		"[Burst]\nLimit=3\n[Ignore]\nLimit=self=yes\n[Output]\nFormat=json\n"
		"[Ignore]\nFormat=self=yes\n");
	ck_assert_uint_eq(c->n_ignores, 3);
	ck_assert_ptr_nonnull(c->ignores[1].filter);
	ck_assert_uint_eq(c->burst.limit, 3);
	ck_assert_int_eq(c->format, FORMAT_JSON);
	config_free(c);
	assert_bad("[Burst]\nLimit=3\n[Burts]\nLimit=3\n", "line 4: [Burts] Limit: ");
	remove_dirs();
}
END_TEST

START_TEST(config_file_blank_and_comment_lines_end_a_value)
{
	struct config *c;

	make_dirs();
	c = read_text(
		"[Ignore]\na=self=yes\n  \nb=self=yes\n\t# indented\nc=self=yes # x\n"
		"  # = \n \r\nd=\n \n[Burst] # e\n \nLimit=1\n \n");
	ck_assert_uint_eq(c->n_ignores, 5);
	ck_assert_uint_eq(c->burst.limit, 1);
	config_free(c);
	remove_dirs();
}
END_TEST

START_TEST(config_file_later_files_win_key_by_key)
{
	struct config *c;

	make_dirs();
	config_free(read_default());
	put("/usr/lib/sigtrail/sigtrail.conf",
	    "[Burst]\nLimit=1\nInterval=1s\nTotal=1\n[Ignore]\na=self=yes\n");
	put("/etc/sigtrail/sigtrail.conf", "[Burst]\nLimit=2\nInterval=2s\n");
	put(DROPINS "/20-b.conf", "[Burst]\nLimit=4\n[Ignore]\na=\n");
	put(DROPINS "/10-a.conf", "[Burst]\nLimit=3\n[Output]\nFormat=text\n");
	c = read_default();
	ck_assert_uint_eq(c->burst.limit, 4);
	ck_assert_int_eq(c->burst.interval_usec, 2000000);
	ck_assert_uint_eq(c->burst.total, 1);
	ck_assert_int_eq(c->format, FORMAT_TEXT);
	ck_assert_uint_eq(c->n_ignores, 2);
	ck_assert_str_eq(c->ignores[1].name, "a");
	ck_assert_ptr_null(c->ignores[1].filter);
	config_free(c);
	remove_dirs();
}
END_TEST

START_TEST(config_file_passes_over_drop_ins_of_other_names)
{
	struct config *c;

	make_dirs();
	put(DROPINS "/a.conf", "[Burst]\nLimit=3\n");
	put(DROPINS "/b.conf.dpkg-old", "[Burst]\nLimit=4\n");
	put(DROPINS "/c.conf~", "nonsense");
	put(DROPINS "/README", "nonsense");
	put(DROPINS "/.conf", "nonsense");
	put(DROPINS "/.hidden.conf", "nonsense");
	c = read_default();
	ck_assert_uint_eq(c->burst.limit, 3);
	config_free(c);
	remove_dirs();
}
END_TEST

START_TEST(config_file_errors_of_a_drop_in_name_it_and_change_nothing)
{
	struct config *config = NULL;
	struct reason reason = { "" };

	make_dirs();
	put(DROPINS "/a.conf", "[Burst]\nLimit=3\n");
	put(DROPINS "/b.conf", "[Burst]\nLimit=many\n");
	put(DROPINS "/c.conf", "[Burst]\nLimit=5\n");
	ck_assert_int_eq(config_file_read_default(&config, root, &reason), -EINVAL);
	ck_assert_ptr_null(config);
	ck_assert_ptr_nonnull(
		strstr(reason.text, "b.conf: line 2: [Burst] Limit: many "));
	put(DROPINS "/b.conf", "");
	ck_assert_int_eq(symlink("/nowhere", path_of(DROPINS "/d.conf")), 0);
	ck_assert_int_eq(config_file_read_default(&config, root, &reason), -ENOENT);
	ck_assert_ptr_nonnull(strstr(reason.text, "d.conf: No such file"));
	remove_dirs();
}
END_TEST

START_TEST(config_file_names_section_and_key)
{
	make_dirs();
	assert_bad("[Burst]\nLimits=1\n", "[Burst] Limits: there is no such key");
	assert_bad("[Burts]\nLimit=1\n", "[Burts] Limit: there is no such section");
	assert_bad("[ Burst ]\nLimit=1\n", "line 2: can't be read");
	assert_bad("[[Burst]]\nLimit=1\n", "line ");
	assert_bad("[Rules]\nProbes=perhaps\n", "[Rules] Probes: perhaps is not allowed");
	assert_bad("[Rules]\nProbes=\n", "[Rules] Probes: ");
	assert_bad("[Rules]\nProbes=\x1b[2J\n", "\\x1b[2J");
	assert_bad("[Ignore]\nx=sender.exe=#1\n", "[Ignore] x: ");
	assert_bad_file("/none.conf", -ENOENT, "No such file");
	remove_dirs();
}
END_TEST

START_TEST(config_file_syntax_errors_name_the_line)
{
	make_dirs();
	assert_bad("[Burst]\nLimit=1\n[Rules\nProbes=no\n", "line 3: ");
	assert_bad("[Burst]\nLimit=1\n\n[Rules] x\nProbes=no\n", "line 4: ");
	assert_bad("[Burst]\n[]\nLimit=1\n", "line 2: ");
	assert_bad("[Burst]\nLimit\n", "line 2: is neither");
	assert_bad("[Ignore]\nchatter\n", "line 2: is neither");
	assert_bad("[Ignore]\na=self=yes\n  signal:TERM\n", "line 3: is neither");
	assert_bad("[Ignore]\na # =self=yes\n", "line 2: is neither");
	assert_bad("Limit=1\n[Burst]\n", "line 1: comes before any [SECTION]");
	assert_bad("\xef\xbb\xbf[Burst]\nLimit=1\n", "line 1: ");
	assert_bad("[Burst]\n\n =1\n", "line 3: has no key");
	assert_bad("[Burst]\nLimit=1\\\n2\n", "line 3: ");
	remove_dirs();
}
END_TEST

START_TEST(config_file_refuses_what_is_no_text)
{
	static char data[300 << 10];
	uint32_t state = 1;

	make_dirs();
	assert_bad_bytes("[Burst]\nLimit=1\0\n", 17, "line 2: holds a NUL byte");
	for (size_t i = 0; i < 4096; i++) {
		state = state * 1103515245 + 12345;
		data[i] = state >> 16;
	}
	assert_bad_bytes(data, 4096, "line 1: ");
	memset(data, 'a', sizeof(data));
	memcpy(data, "[Ignore]\nx=", 11);
	assert_bad_bytes(data, 9000, "line 2: is too long");
	assert_bad_bytes(data, sizeof(data), "is too large");
	for (size_t i = 9; i < sizeof(data); i++)
		data[i] = '\n';
	assert_bad_bytes(data, sizeof(data), "is too large");
	remove_dirs();
}
END_TEST

START_TEST(config_file_has_a_bound_for_its_settings)
{
	static char text[20000];
	char *end = text + sprintf(text, "[Ignore]\n");

	make_dirs();
	for (int i = 0; i < 1025; i++)
		end += sprintf(end, "k%d=\n", i);
	assert_bad(text, "line 1026: is one setting too many");
	remove_dirs();
}
END_TEST

START_TEST(config_file_takes_long_lines_whole)
{
	static char text[8100];
	struct signal_event ev;
	struct config *c;

	/* A comma list that matches only by its very end. */
	make_dirs();
	strcpy(text, "[Ignore]\nx=sender.comm=");
	while (strlen(text) < 7900)
		strcat(text, "aaaaaaaaaaaaaaa,");
	strcat(text, "last\n");
	c = read_text(text);
	event_init(&ev, EVENT_SIGNAL, 1);
	ev.sender.comm = "last";
	ck_assert(config_ignores(c, &ev));
	ev.sender.comm = "las";
	ck_assert(!config_ignores(c, &ev));
	config_free(c);
	remove_dirs();
}
END_TEST

START_TEST(config_file_must_be_a_regular_file)
{
	make_dirs();
	assert_bad_file("/etc", -EINVAL, "no regular file");
	ck_assert_int_eq(mkfifo(path_of("/pipe"), 0644), 0);
	assert_bad_file("/pipe", -EINVAL, "no regular file");
	ck_assert_int_eq(symlink("/dev/zero", path_of("/zero")), 0);
	assert_bad_file("/zero", -EINVAL, "no regular file");
	remove_dirs();
}
END_TEST

START_TEST(config_file_that_others_can_write_is_refused)
{
	make_dirs();
	put("/a.conf", "[Burst]\nLimit=1\n");
	ck_assert_int_eq(chmod(path_of("/a.conf"), 0646), 0);
	assert_bad_file("/a.conf", -EPERM, "may write it");
	ck_assert_int_eq(chmod(path_of("/a.conf"), 0664), 0);
	assert_bad_file("/a.conf", -EPERM, "may write it");
	remove_dirs();
}
END_TEST

START_TEST(config_file_of_another_user_or_unreadable_is_refused)
{
	uid_t euid = geteuid();

	if (euid != 0)
		return;
	make_dirs();
	put("/a.conf", "[Burst]\nLimit=1\n");
	ck_assert_int_eq(chown(path_of("/a.conf"), 65534, -1), 0);
	assert_bad_file("/a.conf", -EPERM, "must belong to root");
	put("/b.conf", "[Burst]\nLimit=1\n");
	ck_assert_int_eq(chmod(path_of("/b.conf"), 0600), 0);
	ck_assert_int_eq(chmod(root, 0755), 0);
	ck_assert_int_eq(seteuid(65534), 0);
	assert_bad_file("/b.conf", -EACCES, "Permission denied");
	ck_assert_int_eq(seteuid(euid), 0);
	remove_dirs();
}
END_TEST

static void assert_equal(const struct config *a, const struct config *b)
{
	ck_assert_int_eq(a->source, b->source);
	ck_assert_uint_eq(a->receive_buffer_bytes, b->receive_buffer_bytes);
	ck_assert_uint_eq(a->signals.low, b->signals.low);
	ck_assert_int_eq(a->signals.max, b->signals.max);
	ck_assert_int_eq(a->signals_all, b->signals_all);
	ck_assert_int_eq(a->probes, b->probes);
	ck_assert_int_eq(a->runtime_noise, b->runtime_noise);
	ck_assert_int_eq(a->failed, b->failed);
	ck_assert_int_eq(a->manage, b->manage);
	ck_assert_int_eq(a->guard, b->guard);
	ck_assert_uint_eq(a->burst.limit, b->burst.limit);
	ck_assert_int_eq(a->burst.interval_usec, b->burst.interval_usec);
	ck_assert_uint_eq(a->burst.total, b->burst.total);
	ck_assert_int_eq(a->format, b->format);
	ck_assert_int_eq(a->command_lines, b->command_lines);
	ck_assert_uint_eq(a->n_pid_files, b->n_pid_files);
	for (size_t i = 0; i < a->n_pid_files; i++)
		ck_assert_str_eq(a->pid_files[i], b->pid_files[i]);
	ck_assert_uint_eq(a->n_ignores, b->n_ignores);
	for (size_t i = 0; i < a->n_ignores; i++)
		ck_assert_str_eq(a->ignores[i].name, b->ignores[i].name);
}

/* Another value than the default for each key, and the shipped file over it: what the
 * shipped file doesn't set would keep the other value. */
START_TEST(config_file_as_shipped_sets_every_default)
{
	static const char others[] =
		"[Source]\nKind=stdin\nReceiveBuffer=1M\n[Rules]\nSignals=TERM\nProbes="
		"yes\n"
		"RuntimeNoise=yes\nFailed=no\nManage=no\n[Ignore]\nchatter=\n[Process]"
		"\nPidFiles=/x.pid\n[Burst]\n"
		"Limit=1\nInterval=1s\nTotal=1\n[Output]\nFormat=text\nCommandLines=no\n";
	static char shipped[20000];
	char path[512];
	struct config *defaults = NULL;
	struct config *c;
	struct signal_event ev;
	FILE *file;

	make_dirs();
	snprintf(path, sizeof(path), "%s/../../config/sigtrail.conf",
		 getenv("TEST_DATA"));
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_gt(fread(shipped, 1, sizeof(shipped) - 1, file), 0);
	fclose(file);
	put("/usr/lib/sigtrail/sigtrail.conf", others);
	put("/etc/sigtrail/sigtrail.conf", shipped);
	c = read_default();
	ck_assert_int_eq(config_new(&defaults), 0);
	assert_equal(c, defaults);
	event_init(&ev, EVENT_SIGNAL, 1);
	ev.has_target = true;
	ev.sender.unit = ev.target.unit = "a.service";
	for (int signo = 1; signo <= 64; signo++) {
		ev.signo = signo;
		ck_assert_int_eq(config_ignores(c, &ev), config_ignores(defaults, &ev));
	}
	config_free(defaults);
	config_free(c);
	remove_dirs();
}
END_TEST

SUITE("config_file", config_file_over_the_defaults, config_file_may_be_empty,
      config_file_last_of_a_repeated_key_counts,
      config_file_sections_keep_keys_of_one_name_apart,
      config_file_blank_and_comment_lines_end_a_value,
      config_file_later_files_win_key_by_key,
      config_file_passes_over_drop_ins_of_other_names,
      config_file_errors_of_a_drop_in_name_it_and_change_nothing,
      config_file_names_section_and_key, config_file_syntax_errors_name_the_line,
      config_file_refuses_what_is_no_text, config_file_has_a_bound_for_its_settings,
      config_file_takes_long_lines_whole, config_file_must_be_a_regular_file,
      config_file_that_others_can_write_is_refused,
      config_file_of_another_user_or_unreadable_is_refused,
      config_file_as_shipped_sets_every_default)
