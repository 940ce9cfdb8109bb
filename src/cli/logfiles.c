/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/logfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "core/number.h"
#include "trail/say.h"

void logfile_say_error(const struct logfile *file, int error)
{
	const char *tool;

	switch (-error) {
	case EISDIR:
		say(LOG_ERR, "%s is a directory: name the logs in it", file->name);
		break;
	case EACCES:
		say(LOG_ERR, "may not read %s: become root, or copy it", file->name);
		break;
	case EPROTO:
		say(LOG_ERR,
		    "%s is what ausearch -i wrote: names in the place of numbers "
		    "can't be read back; give the log itself, or what ausearch --raw "
		    "writes",
		    file->name);
		break;
	case ENOTSUP:
		tool = source_log_tool(file->source);
		say(LOG_ERR,
		    "%s is compressed in a way that isn't known here: %s %s | "
		    "sigtrail replay -",
		    file->name, tool, file->name);
		break;
	case ENODATA:
		say(LOG_ERR,
		    "%s ends within its compressed data: what was there is shown",
		    file->name);
		break;
	case EBADMSG:
		say(LOG_ERR,
		    "the compressed data of %s are damaged: what is before that "
		    "is shown",
		    file->name);
		break;
	default:
		say(LOG_ERR, "can't read %s: %s", file->name, strerror(-error));
	}
}

struct source *logfile_begin(struct logfile *file)
{
	if (!file->source)
		(void)source_log_new(&file->source, file->fd);
	return file->source;
}

void logfile_end(struct logfile *file)
{
	file->source = source_free(file->source);
}

static bool is_known(const struct logfiles *logs, const struct stat *st)
{
	for (size_t i = 0; i < logs->n; i++) {
		struct stat other;

		if (fstat(logs->files[i].fd, &other) == 0 && other.st_dev == st->st_dev &&
		    other.st_ino == st->st_ino)
			return true;
	}
	return false;
}

/* Looks for the first stamp; a pipe's bytes stay in its source, a file is read again when
 * its turn comes. 0, or what is wrong with it. */
static int look(struct logfile *file, const struct stat *st)
{
	off_t at = S_ISREG(st->st_mode) ? lseek(file->fd, 0, SEEK_CUR) : -1;
	int r;

	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	if (!logfile_begin(file))
		return -ENOMEM;
	r = source_log_peek(file->source, &file->first);
	/* What is wrong behind the first record is found again when it is read. */
	if (r < 0 && r != -ENOTSUP && r != -EISDIR)
		r = 0;
	if (r == 0 && at >= 0 && lseek(file->fd, at, SEEK_SET) == at)
		logfile_end(file);
	return r;
}

static void open_one(struct logfiles *logs, const char *name, size_t place)
{
	struct logfile *file = &logs->files[logs->n];
	bool is_stdin = strcmp(name, "-") == 0;
	struct stat st;
	int r;

	*file = (struct logfile){ .name = is_stdin ? "standard input" : name,
				  .first.time_usec = NUMBER_ABSENT,
				  .place = place };
	file->fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			    : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	r = file->fd < 0 || fstat(file->fd, &st) < 0 ? -errno : 0;
	if (r == 0 && !is_known(logs, &st)) {
		r = look(file, &st);
		if (r == 0) {
			logs->n++;
			return;
		}
	}
	if (r < 0) {
		logs->trouble = true;
		logfile_say_error(file, r);
	}
	logfile_end(file);
	if (file->fd >= 0)
		close(file->fd);
}

static int compare(const void *a, const void *b)
{
	const struct logfile *x = a, *y = b;

	if (x->first.time_usec != y->first.time_usec)
		return x->first.time_usec < y->first.time_usec ? -1 : 1;
	if (x->first.serial != y->first.serial)
		return x->first.serial < y->first.serial ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

int logfiles_open(struct logfiles *logs, const char *const *names, size_t n)
{
	*logs = (struct logfiles){ .files = calloc(n ? n : 1, sizeof(*logs->files)) };
	if (!logs->files) {
		say(LOG_ERR, "out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		open_one(logs, names[i], i);
	qsort(logs->files, logs->n, sizeof(*logs->files), compare);
	return 0;
}

void logfiles_close(struct logfiles *logs)
{
	for (size_t i = 0; i < logs->n; i++) {
		logfile_end(&logs->files[i]);
		close(logs->files[i].fd);
	}
	free(logs->files);
	*logs = (struct logfiles){ 0 };
}
