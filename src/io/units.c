/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/units.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#define AGE_USEC    10000000
#define UNITS_MAX   256
#define FILE_BYTES  32768
#define DROPINS_MAX 64
#define VARIANTS    3

/* systemd.unit(5), the first wins. */
static const char *const directories[] = {
	"/etc/systemd/system.control", "/run/systemd/system.control",
	"/run/systemd/transient",      "/run/systemd/generator.early",
	"/etc/systemd/system",	       "/run/systemd/system",
	"/run/systemd/generator",      "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",     "/lib/systemd/system",
	"/run/systemd/generator.late",
};

#define N_DIRECTORIES (sizeof(directories) / sizeof(directories[0]))

struct unit {
	UT_hash_handle hh;
	struct unit *prev, *next;
	int64_t read_usec;
	int stop_signal;
	char pid_file[UNITFILE_PATH_SIZE];
	char name[NAME_MAX + 1];
};

struct units {
	char *root;
	struct unit *by_name;
	struct unit *by_use; /* the one used last at the end */
};

struct dropin {
	char name[NAME_MAX + 1];
	char path[PATH_MAX];
};

int units_new(struct units **units, const char *root)
{
	struct units *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->root = strdup(root);
	if (!u->root) {
		free(u);
		return -ENOMEM;
	}
	*units = u;
	return 0;
}

static void drop(struct units *units, struct unit *unit)
{
	HASH_DEL(units->by_name, unit);
	DL_DELETE(units->by_use, unit);
	free(unit);
}

struct units *units_free(struct units *units)
{
	if (!units)
		return NULL;
	while (units->by_use)
		drop(units, units->by_use);
	free(units->root);
	free(units);
	return NULL;
}

/* Takes the settings of one file. 0 or -errno; a masked unit (/dev/null) is there and
 * empty. */
static int read_file(const char *path, struct unit_settings *settings)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[FILE_BYTES];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		n = read(fd, text, sizeof(text));
		if (n > 0)
			unitfile_parse(text, n, settings);
	}
	close(fd);
	return 0;
}

/* The names under which a unit's files may stand: its own, its template's, and "service",
 * which has drop-ins only. How many there are before the last. */
static size_t make_variants(const char *unit, char variants[VARIANTS][NAME_MAX + 1])
{
	const char *at = strchr(unit, '@');
	size_t n = 0;

	snprintf(variants[n++], NAME_MAX + 1, "%s", unit);
	if (at && strcmp(at, "@.service") != 0)
		snprintf(variants[n++], NAME_MAX + 1, "%.*s@.service", (int)(at - unit),
			 unit);
	snprintf(variants[n], NAME_MAX + 1, "service");
	return n;
}

static bool is_new(const struct dropin *dropins, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(dropins[i].name, name) == 0)
			return false;
	}
	return true;
}

/* Adds the drop-ins of one directory, of each name only the first found. */
static size_t list_dropins(const char *path, struct dropin *dropins, size_t n)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return n;
	while (n < DROPINS_MAX && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		size_t len = strlen(name);

		if (len <= 5 || strcmp(name + len - 5, ".conf") != 0 || name[0] == '.' ||
		    !is_new(dropins, n, name))
			continue;
		if (snprintf(dropins[n].path, PATH_MAX, "%s/%s", path, name) >= PATH_MAX)
			continue;
		memcpy(dropins[n++].name, name, len + 1);
	}
	closedir(dir);
	return n;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct dropin *)a)->name, ((const struct dropin *)b)->name);
}

static void read_dropins(const struct units *units, char variants[VARIANTS][NAME_MAX + 1],
			 size_t n_variants, struct unit_settings *settings)
{
	struct dropin *dropins = calloc(DROPINS_MAX, sizeof(*dropins));
	char path[PATH_MAX];
	size_t n = 0;

	if (!dropins)
		return;
	for (size_t v = 0; v <= n_variants; v++) {
		for (size_t d = 0; d < N_DIRECTORIES; d++) {
			snprintf(path, sizeof(path), "%s%s/%s.d", units->root,
				 directories[d], variants[v]);
			n = list_dropins(path, dropins, n);
		}
	}
	qsort(dropins, n, sizeof(*dropins), compare);
	for (size_t i = 0; i < n; i++)
		(void)read_file(dropins[i].path, settings);
	free(dropins);
}

static void read_unit(const struct units *units, struct unit *unit)
{
	struct unit_settings settings = { 0 };
	char variants[VARIANTS][NAME_MAX + 1];
	size_t n = make_variants(unit->name, variants);
	char path[PATH_MAX];
	bool found = false;

	for (size_t v = 0; v < n && !found; v++) {
		for (size_t d = 0; d < N_DIRECTORIES && !found; d++) {
			snprintf(path, sizeof(path), "%s%s/%s", units->root,
				 directories[d], variants[v]);
			found = read_file(path, &settings) == 0;
		}
	}
	unit->pid_file[0] = '\0';
	unit->stop_signal = 0;
	if (!found)
		return;
	read_dropins(units, variants, n, &settings);
	unit->stop_signal = settings.kill_signal ? settings.kill_signal : SIGTERM;
	if (unitfile_pid_path(&settings, unit->name, unit->pid_file) < 0)
		unit->pid_file[0] = '\0';
}

/* Names come from cgroups, which a user may make as well. */
static bool is_service(const char *name)
{
	size_t len = name ? strlen(name) : 0;

	return len > strlen(".service") && len <= NAME_MAX - strlen(".d") &&
	       name[0] != '.' && !strchr(name, '/') &&
	       strcmp(name + len - strlen(".service"), ".service") == 0;
}

static struct unit *add(struct units *units, const char *name)
{
	struct unit *unit;

	if (HASH_COUNT(units->by_name) >= UNITS_MAX)
		drop(units, units->by_use);
	unit = calloc(1, sizeof(*unit));
	if (!unit)
		return NULL;
	memcpy(unit->name, name, strlen(name) + 1);
	HASH_ADD_STR(units->by_name, name, unit);
	if (!unit->hh.tbl) {
		free(unit);
		return NULL;
	}
	DL_APPEND(units->by_use, unit);
	return unit;
}

struct unit_facts units_find(struct units *units, const char *name, int64_t now_usec)
{
	struct unit_facts none = { 0 };
	struct unit *unit;

	if (!is_service(name))
		return none;
	HASH_FIND_STR(units->by_name, name, unit);
	if (unit) {
		DL_DELETE(units->by_use, unit);
		DL_APPEND(units->by_use, unit);
	}
	if (!unit || now_usec - unit->read_usec > AGE_USEC) {
		if (!unit)
			unit = add(units, name);
		if (!unit)
			return none;
		unit->read_usec = now_usec;
		read_unit(units, unit);
	}
	return (struct unit_facts){ unit->pid_file[0] ? unit->pid_file : NULL,
				    unit->stop_signal };
}
