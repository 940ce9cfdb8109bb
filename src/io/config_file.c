/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/config_file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libeconf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/bytes.h"
#include "core/quote.h"

#define FILE_BYTES_MAX (256 << 10)
/* libeconf reads into a buffer of 8,192 bytes and cuts a longer line without a word. */
#define LINE_BYTES_MAX 8000
#define SETTINGS_MAX   1024
#define VENDOR_FILE    "/usr/lib/sigtrail/sigtrail.conf"
#define LOCAL_FILE     "/etc/sigtrail/sigtrail.conf"
#define DROPIN_DIR     "/etc/sigtrail/sigtrail.conf.d"
#define DROPIN_SUFFIX  ".conf"

/* One KEY=VALUE line; what it points to is within the file's text. */
struct setting {
	struct bytes section;
	struct bytes key;
	char *line;
	size_t number; /* of the line, from 1 */
};

/* A file, from being read to being applied. */
struct parsed {
	const char *path;
	struct buffer text;
	struct setting settings[SETTINGS_MAX];
	size_t n;
	struct bytes section; /* of the line that is looked at */
	econf_file *file;
};

/* Sets the reason to "PATH: what". */
static int refuse(struct reason *reason, const char *path, int r, const char *what)
{
	struct buffer shown = { 0 };

	reason_set(reason, "%s: %s", quote_value(&shown, path), what);
	buffer_free(&shown);
	return r;
}

static int refuse_line(struct reason *reason, const char *path, size_t line,
		       const char *what)
{
	struct reason text;

	reason_set(&text, "line %zu: %s", line, what);
	return refuse(reason, path, -EINVAL, text.text);
}

static int check_file(int fd, const char *path, struct reason *reason)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return refuse(reason, path, -errno, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse(reason, path, -EINVAL, "is no regular file");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return refuse(reason, path, -EPERM,
			      "must belong to root; use chown root");
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return refuse(reason, path, -EPERM,
			      "others than its owner may write it; use chmod go-w");
	return 0;
}

/* Reads the whole file. 0 or -errno with the reason. */
static int read_file(const char *path, struct buffer *text, struct reason *reason)
{
	/* Not to wait where somebody put a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n;
	int r;

	if (fd < 0)
		return refuse(reason, path, -errno, strerror(errno));
	r = check_file(fd, path, reason);
	if (r < 0)
		goto out;
	do {
		r = buffer_reserve(text, 4096);
		if (r < 0)
			goto out;
		n = read(fd, text->data + text->len, 4096);
		if (n > 0)
			text->len += n;
	} while (n > 0 && text->len <= FILE_BYTES_MAX);
	if (n < 0)
		r = refuse(reason, path, -errno, strerror(errno));
	else if (text->len > FILE_BYTES_MAX)
		r = refuse(reason, path, -EINVAL, "is too large for a configuration");
	else
		text->data[text->len] = '\0';
out:
	close(fd);
	return r;
}

static struct bytes trim(const char *start, const char *end)
{
	while (start < end && isspace((unsigned char)*start))
		start++;
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	return (struct bytes){ start, end - start };
}

static bool equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* Of a key that stands in a file twice libeconf gives the first value: makes the first a
 * comment, so that the last counts. */
static int add_setting(struct parsed *parsed, struct bytes key, char *line, size_t number)
{
	struct setting *s = parsed->settings;
	struct setting *end = s + parsed->n;

	while (s < end && !(equal(s->key, key) && equal(s->section, parsed->section)))
		s++;
	if (s < end)
		*s->line = '#';
	else if (parsed->n == SETTINGS_MAX)
		return -E2BIG;
	else
		parsed->n++;
	*s = (struct setting){ parsed->section, key, line, number };
	return 0;
}

/* Checks one line, which has no newline, for what libeconf would take without an error.
 * Lines of blanks, indented comments and lines without '=' become part of the value above
 * there: makes the first two plain comments. NULL, or what is wrong. */
static const char *check_line(struct parsed *parsed, char *line, size_t len,
			      size_t number)
{
	const char *end = memchr(line, '#', len);
	struct bytes all;
	const char *sign;

	if (len > LINE_BYTES_MAX)
		return "is too long";
	if (memchr(line, '\0', len))
		return "holds a NUL byte; is this a text file?";
	all = trim(line, end ? end : line + len);
	if (!all.len) {
		if (len)
			*line = '#';
		return NULL;
	}
	if (all.data[0] == '[') {
		sign = memchr(all.data, ']', all.len);
		parsed->section = trim(all.data + 1, sign ? sign : all.data + all.len);
		return NULL;
	}
	sign = memchr(all.data, '=', all.len);
	if (!sign)
		return "is neither [SECTION] nor KEY=VALUE (a value must not go on in "
		       "another line)";
	if (!parsed->section.data)
		return "comes before any [SECTION]";
	all = trim(all.data, sign);
	if (!all.len)
		return "has no key before the '='";
	if (add_setting(parsed, all, line, number) < 0)
		return "is one setting too many";
	return NULL;
}

static int check_text(struct parsed *parsed, struct reason *reason)
{
	char *line = parsed->text.data;
	char *end = line + parsed->text.len;

	for (size_t number = 1; line < end; number++) {
		char *newline = memchr(line, '\n', end - line);
		const char *what;

		if (!newline)
			newline = end;
		what = check_line(parsed, line, newline - line, number);
		if (what)
			return refuse_line(reason, parsed->path, number, what);
		line = newline + 1;
	}
	return 0;
}

/* Lets libeconf parse the text: what was checked is what is parsed. */
static int parse_text(struct parsed *parsed, struct reason *reason)
{
	const struct buffer *text = &parsed->text;
	int fd = memfd_create("sigtrail.conf", MFD_CLOEXEC);
	char name[64];
	char *where = NULL;
	uint64_t line = 0;
	econf_err error;

	if (fd < 0)
		return refuse(reason, parsed->path, -errno, strerror(errno));
	if (write(fd, text->data, text->len) != (ssize_t)text->len) {
		close(fd);
		return -ENOMEM;
	}
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	error = econf_readFile(&parsed->file, name, "=", "#");
	close(fd);
	if (error == ECONF_SUCCESS)
		return 0;
	if (error == ECONF_NOMEM)
		return -ENOMEM;
	if (error == ECONF_NOFILE)
		return refuse(reason, parsed->path, -EINVAL,
			      "can't be parsed without /proc");
	econf_errLocation(&where, &line);
	free(where);
	return refuse_line(reason, parsed->path, line, econf_errString(error));
}

/* Ends the bytes, which are within the text, with a NUL. */
static const char *end_string(struct buffer *text, struct bytes b)
{
	text->data[b.data - text->data + b.len] = '\0';
	return b.data;
}

/* libeconf is asked for each setting by name, since its lists of keys leave out a key
 * that has the name of the one before it in another section. */
static int apply_setting(struct config *config, struct parsed *parsed,
			 const struct setting *setting, struct reason *reason)
{
	const char *section = end_string(&parsed->text, setting->section);
	const char *key = end_string(&parsed->text, setting->key);
	struct reason why = { "out of memory" };
	char *value = NULL;
	econf_err error = econf_getStringValue(parsed->file, section, key, &value);
	int r;

	if (error == ECONF_NOMEM)
		return -ENOMEM;
	if (error != ECONF_SUCCESS || (value && strchr(value, '\n'))) {
		reason_set(&why, "can't be read; give [SECTION] and KEY=VALUE plainly");
		r = -EINVAL;
	} else {
		r = config_set(config, section, key, value ? value : "", &why);
	}
	free(value);
	if (r < 0)
		refuse_line(reason, parsed->path, setting->number, why.text);
	return r == -ENOENT ? -EINVAL : r;
}

/* Reads one file into the configuration. */
static int merge_file(struct config *config, const char *path, struct reason *reason)
{
	struct parsed *parsed = calloc(1, sizeof(*parsed));
	int r;

	if (!parsed)
		return -ENOMEM;
	parsed->path = path;
	r = read_file(path, &parsed->text, reason);
	if (r == 0)
		r = check_text(parsed, reason);
	if (r == 0)
		r = parse_text(parsed, reason);
	for (size_t i = 0; i < parsed->n && r == 0; i++)
		r = apply_setting(config, parsed, &parsed->settings[i], reason);
	if (parsed->file)
		econf_freeFile(parsed->file);
	buffer_free(&parsed->text);
	free(parsed);
	return r;
}

static int is_dropin(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	size_t suffix = strlen(DROPIN_SUFFIX);

	return entry->d_name[0] != '.' && len > suffix &&
	       strcmp(entry->d_name + len - suffix, DROPIN_SUFFIX) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int merge_dropins(struct config *config, const char *dir, struct reason *reason)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_dropin, by_name);
	char *path = NULL;
	int r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : refuse(reason, dir, -errno, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (r == 0 && asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0)
			r = -ENOMEM;
		else if (r == 0) {
			r = merge_file(config, path, reason);
			free(path);
		}
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* Reads PREFIX and path; a file that isn't there is passed over. */
static int merge_default(struct config *config, const char *prefix, const char *path,
			 bool dropins, struct reason *reason)
{
	char *whole;
	int r;

	if (asprintf(&whole, "%s%s", prefix, path) < 0)
		return -ENOMEM;
	if (dropins)
		r = merge_dropins(config, whole, reason);
	else
		r = merge_file(config, whole, reason);
	free(whole);
	return r == -ENOENT && !dropins ? 0 : r;
}

int config_file_read(struct config **config, const char *path, struct reason *reason)
{
	struct config *c = NULL;
	int r = config_new(&c);

	reason_set(reason, "%s", strerror(ENOMEM));
	if (r == 0)
		r = merge_file(c, path, reason);
	if (r < 0)
		config_free(c);
	else
		*config = c;
	return r;
}

int config_file_read_default(struct config **config, const char *prefix,
			     struct reason *reason)
{
	struct config *c = NULL;
	int r = config_new(&c);

	reason_set(reason, "%s", strerror(ENOMEM));
	if (r == 0)
		r = merge_default(c, prefix, VENDOR_FILE, false, reason);
	if (r == 0)
		r = merge_default(c, prefix, LOCAL_FILE, false, reason);
	if (r == 0)
		r = merge_default(c, prefix, DROPIN_DIR, true, reason);
	if (r < 0)
		config_free(c);
	else
		*config = c;
	return r;
}
