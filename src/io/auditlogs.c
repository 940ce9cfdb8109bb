/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/auditlogs.h"

#include <errno.h>
#include <libeconf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_FILE  "/etc/audit/auditd.conf"
#define DEFAULT_FILE "/var/log/audit/audit.log"

/* The value of log_file, NULL where there is none; the caller's. */
static char *read_log_file(const char *root)
{
	econf_file *file = NULL;
	char *path, *value = NULL;

	if (asprintf(&path, "%s" CONFIG_FILE, root) < 0)
		return NULL;
	if (econf_readFile(&file, path, "=", "#") != ECONF_SUCCESS ||
	    econf_getStringValue(file, NULL, "log_file", &value) != ECONF_SUCCESS)
		value = NULL;
	econf_free(file);
	free(path);
	return value;
}

/* Backslashes before what glob(3) would take for a pattern, and the suffix. */
static char *make_pattern(const char *root, const char *path, const char *suffix)
{
	size_t len = strlen(root) + strlen(path);
	char *pattern = malloc(2 * len + strlen(suffix) + 1), *to = pattern;

	if (!pattern)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		char c = i < strlen(root) ? root[i] : path[i - strlen(root)];

		if (strchr("*?[]\\", c))
			*to++ = '\\';
		*to++ = c;
	}
	strcpy(to, suffix);
	return pattern;
}

static int no_logs(const char *root, const char *path, int error, struct reason *reason)
{
	if (error == EACCES || error == EPERM)
		reason_set(reason,
			   "may not read auditd's logs (%s%s): become root, or "
			   "name a FILE",
			   root, path);
	else
		reason_set(reason,
			   "auditd keeps no logs here (there is no %s%s): name a "
			   "FILE, or - for standard input",
			   root, path);
	return -error;
}

static int find_rotated(const char *root, const char *path, glob_t *paths)
{
	char *exact = make_pattern(root, path, "");
	char *rotated = make_pattern(root, path, "[.-]*");
	int g = GLOB_NOSPACE;

	if (exact && rotated) {
		g = glob(exact, 0, NULL, paths);
		if (g == 0 || g == GLOB_NOMATCH)
			g = glob(rotated, g == 0 ? GLOB_APPEND : 0, NULL, paths);
	}
	free(exact);
	free(rotated);
	return g == GLOB_NOSPACE ? -ENOMEM : 0;
}

/* Why there is none, by the directory that it would be in. */
static int why_none(const char *root, const char *path)
{
	const char *slash = strrchr(path, '/');
	int error = ENOENT;
	char *directory;

	if (asprintf(&directory, "%s%.*s", root, slash ? (int)(slash - path) : 0, path) <
	    0)
		return ENOMEM;
	if (euidaccess(directory, R_OK | X_OK) < 0)
		error = errno;
	free(directory);
	return error;
}

int auditlogs_find(const char *root, glob_t *paths, struct reason *reason)
{
	char *configured = read_log_file(root);
	const char *path = configured ? configured : DEFAULT_FILE;
	int r;

	*paths = (glob_t){ 0 };
	r = find_rotated(root, path, paths);
	if (r < 0)
		reason_set(reason, "out of memory");
	else if (paths->gl_pathc == 0)
		r = no_logs(root, path, why_none(root, path), reason);
	free(configured);
	return r;
}
