/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/journald.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "io/sink_journal.h"

#define FILE_BYTES	 65536
#define DROPINS_MAX	 64
#define BUS_TIMEOUT_USEC 2000000

/* systemd.unit(5): of files of one name the first counts. */
static const char *const directories[] = { "/etc", "/run", "/usr/local/lib", "/usr/lib" };

#define N_DIRECTORIES (sizeof(directories) / sizeof(directories[0]))

static int read_file(struct journaldconf *conf, const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	int r = 0;

	if (!file)
		return -errno;
	text = malloc(FILE_BYTES);
	if (text)
		journaldconf_parse(conf, text, fread(text, 1, FILE_BYTES, file));
	else
		r = -ENOMEM;
	free(text);
	fclose(file);
	return r;
}

static void read_main_file(struct journaldconf *conf, const char *prefix)
{
	struct journaldconf covered = { 0 };
	char path[PATH_MAX];
	bool found = false;

	for (size_t i = 0; i < N_DIRECTORIES; i++) {
		snprintf(path, sizeof(path), "%s%s/systemd/journald.conf", prefix,
			 directories[i]);
		if (read_file(found ? &covered : conf, path) == 0)
			found = true;
	}
	/* Its comments tell the built-in defaults, whichever file counts. */
	if (!conf->audit_default[0])
		memcpy(conf->audit_default, covered.audit_default,
		       sizeof(conf->audit_default));
}

static const char *last_part(const char *path)
{
	return strrchr(path, '/') + 1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(last_part(*(char *const *)a), last_part(*(char *const *)b));
}

static bool is_new(char *const *paths, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(last_part(paths[i]), last_part(path)) == 0)
			return false;
	return true;
}

static void read_dropins(struct journaldconf *conf, const char *prefix)
{
	char pattern[PATH_MAX], *paths[DROPINS_MAX] = { NULL };
	glob_t found = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < N_DIRECTORIES; i++) {
		snprintf(pattern, sizeof(pattern), "%s%s/systemd/journald.conf.d/*.conf",
			 prefix, directories[i]);
		(void)glob(pattern, i ? GLOB_APPEND : 0, NULL, &found);
	}
	for (size_t i = 0; i < found.gl_pathc && n < DROPINS_MAX; i++)
		if (is_new(paths, n, found.gl_pathv[i]))
			paths[n++] = found.gl_pathv[i];
	qsort(paths, n, sizeof(paths[0]), by_name);
	for (size_t i = 0; i < n; i++)
		(void)read_file(conf, paths[i]);
	globfree(&found);
}

void journald_read_conf(struct journaldconf *conf, const char *prefix)
{
	*conf = (struct journaldconf){ 0 };
	read_main_file(conf, prefix);
	read_dropins(conf, prefix);
}

bool journald_listens(void)
{
	return access(SINK_JOURNAL_SOCKET, F_OK) == 0;
}

int journald_is_unlimited(const char *service)
{
	uint64_t interval_usec = UINT64_MAX;
	sd_bus *bus = NULL;
	char *path = NULL;
	int r;

	if (access("/run/systemd/system", F_OK) < 0)
		return -ENOENT;
	r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", service, &path);
	if (r >= 0)
		r = sd_bus_open_system(&bus);
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(bus, BUS_TIMEOUT_USEC);
	if (r >= 0)
		r = sd_bus_get_property_trivial(bus, "org.freedesktop.systemd1", path,
						"org.freedesktop.systemd1.Service",
						"LogRateLimitIntervalUSec", NULL, 't',
						&interval_usec);
	sd_bus_flush_close_unref(bus);
	free(path);
	return r < 0 ? r : interval_usec == 0;
}
