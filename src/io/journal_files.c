/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/journal_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with(const char *name, const char *suffix)
{
	const size_t len = strlen(name);
	const size_t suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

static void count_file(struct journal_files *files, int dir, const char *name)
{
	files->found++;
	if (faccessat(dir, name, R_OK, AT_EACCESS) < 0)
		files->unreadable++;
}

static void count_directory(struct journal_files *files, int parent, const char *path,
			    int depth)
{
	int fd = openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *file;
	struct stat st;

	if (!dir) {
		if (errno != ENOENT && errno != ENOTDIR)
			count_file(files, parent, path);
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((file = readdir(dir))) {
		if (file->d_name[0] == '.')
			continue;
		/* Behind the ~ is a file that wasn't closed well; it is read too. */
		if (ends_with(file->d_name, ".journal") ||
		    ends_with(file->d_name, ".journal~"))
			count_file(files, fd, file->d_name);
		else if (depth > 0 && fstatat(fd, file->d_name, &st, 0) == 0 &&
			 S_ISDIR(st.st_mode))
			count_directory(files, fd, file->d_name, depth - 1);
	}
	closedir(dir);
}

void journal_files_count(struct journal_files *files, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		count_file(files, AT_FDCWD, path);
	else
		count_directory(files, AT_FDCWD, path, 1);
}
