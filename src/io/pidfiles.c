/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/pidfiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#include "io/mounts.h"
#include "io/pidnumber.h"

#define PLACES_MAX  4096
#define FILES_MAX   4096
#define ENTRIES_MAX 8192
#define GLOBS_MAX   64
#define BUDGET_USEC 2000
#define REST_FACTOR 10
/* A disk that was slow once doesn't blind us for long. */
#define REST_MAX_USEC 100000
/* Within a tick of the file system's clock a second change has the time of the first. */
#define RACY_USEC 50000
/* Anybody may put thousands of files with one number into a directory, and then ask for
 * it thousands of times. */
#define LOOKS_MAX  (2 * PIDFILES_FOUND_MAX)
#define FRESH_USEC 10000

/* A file or directory as it was when it was looked at. */
struct seen {
	bool valid;
	uint64_t inode;
	int64_t mtime_usec;
	int64_t ctime_usec;
};

/* A directory, and which of its entries are meant: those that match the part of the glob
 * behind it; or a PID file, behind which there is no part. */
struct node {
	UT_hash_handle hh;
	struct seen seen;
	size_t glob;
	const char *part;	  /* in the glob; NULL: a file */
	bool is_root;		  /* the fixed part of a glob: it stays, there or not */
	struct holders *in;	  /* what a file holds; NULL: no number */
	struct node *prev, *next; /* there */
	int64_t looked_usec;	  /* CLOCK_MONOTONIC */
	char key[];		  /* 1 + glob, and the path */
};

/* The files that hold one number, the first of them in the order of the globs and paths.
 */
struct holders {
	UT_hash_handle hh;
	int64_t number;
	struct node *files;
};

struct pidfiles {
	char *globs[GLOBS_MAX];
	size_t n_globs;
	struct mounts *mounts;
	struct node *nodes; /* walked in the order of adding */
	size_t n_files;
	struct holders *by_number;
	struct node *next; /* to be looked at; NULL: the round is over */
	bool complete;	   /* a round was */
	int64_t rest_until_usec;
	struct pidfiles_counts counts;
};

static int64_t clock_usec(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t usec_of(const struct statx_timestamp *t)
{
	return (int64_t)t->tv_sec * 1000000 + t->tv_nsec / 1000;
}

static const char *path_of(const struct node *node)
{
	return node->key + 1;
}

/* --- what is remembered ---------------------------------------------------------------
 */

static void forget_number(struct pidfiles *p, struct node *node)
{
	struct holders *in = node->in;

	if (!in)
		return;
	DL_DELETE(in->files, node);
	if (!in->files) {
		HASH_DEL(p->by_number, in);
		free(in);
	}
	node->in = NULL;
}

static struct holders *add_holders(struct pidfiles *p, int64_t number)
{
	struct holders *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->number = number;
	HASH_ADD(hh, p->by_number, number, sizeof(number), in);
	if (!in->hh.tbl) {
		free(in);
		return NULL;
	}
	return in;
}

/* Of thousands only the first matter: no more of them are looked at. */
static void insert_in_order(struct holders *in, struct node *node)
{
	struct node *at = in->files;

	for (int i = 0; at && i < LOOKS_MAX; i++, at = at->next) {
		if (strcmp(at->key, node->key) > 0) {
			DL_PREPEND_ELEM(in->files, at, node);
			return;
		}
	}
	DL_APPEND(in->files, node);
}

/* Without memory the file is held to have none. */
static void set_number(struct pidfiles *p, struct node *node, int64_t number)
{
	struct holders *in;

	HASH_FIND(hh, p->by_number, &number, sizeof(number), in);
	if (!in)
		in = add_holders(p, number);
	if (!in)
		return;
	insert_in_order(in, node);
	node->in = in;
}

static void drop(struct pidfiles *p, struct node *node)
{
	forget_number(p, node);
	if (p->next == node)
		p->next = node->hh.next;
	if (!node->part)
		p->n_files--;
	HASH_DEL(p->nodes, node);
	free(node);
}

/* Adds a directory, or a file (part NULL), unless it is known. */
static struct node *add(struct pidfiles *p, size_t glob, const char *path,
			const char *part)
{
	size_t len = strlen(path) + 1;
	struct node *node;
	size_t n_places = HASH_COUNT(p->nodes) - p->n_files;
	char key[PATH_MAX + 1];

	if (len > PATH_MAX)
		return NULL;
	key[0] = (char)(1 + glob);
	memcpy(key + 1, path, len);
	HASH_FIND(hh, p->nodes, key, len, node);
	if (node)
		return node;
	if (part ? n_places >= PLACES_MAX : p->n_files >= FILES_MAX) {
		*(part ? &p->counts.places : &p->counts.files) += 1;
		return NULL;
	}
	node = calloc(1, sizeof(*node) + len + 1);
	if (!node)
		return NULL;
	node->glob = glob;
	node->part = part;
	memcpy(node->key, key, len + 1);
	HASH_ADD_KEYPTR(hh, p->nodes, node->key, len, node);
	if (!node->hh.tbl) {
		free(node);
		return NULL;
	}
	p->n_files += !part;
	return node;
}

/* --- looking --------------------------------------------------------------------------
 */

/* 0 or -errno; -EREMOTE: that might take for ever. */
static int stat_path(struct pidfiles *p, const char *path, bool follow, struct statx *st)
{
	int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
	int r = mounts_is_local(p->mounts, path, follow);

	if (r < 0)
		return r;
	if (r == 0) {
		p->counts.slow++;
		return -EREMOTE;
	}
	if (statx(AT_FDCWD, path, flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, st) < 0)
		return -errno;
	return 0;
}

/* Is it as it was? Remembers it as it is. */
static bool is_unchanged(struct seen *seen, const struct statx *st)
{
	struct seen now = { true, st->stx_ino, usec_of(&st->stx_mtime),
			    usec_of(&st->stx_ctime) };
	int64_t recently = clock_usec(CLOCK_REALTIME) - RACY_USEC;
	bool same = seen->valid && seen->inode == now.inode &&
		    seen->mtime_usec == now.mtime_usec &&
		    seen->ctime_usec == now.ctime_usec;

	now.valid = now.mtime_usec < recently && now.ctime_usec < recently;
	*seen = now;
	return same;
}

static void take_entry(struct pidfiles *p, const struct node *place,
		       const struct dirent *entry, const char *next_part)
{
	char path[PATH_MAX];
	const char *slash = strcmp(path_of(place), "/") == 0 ? "" : "/";
	bool is_directory = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
	bool is_file = entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN;
	int n;

	if (next_part ? !is_directory : !is_file)
		return;
	n = snprintf(path, sizeof(path), "%s%s%s", path_of(place), slash, entry->d_name);
	if (n > 0 && (size_t)n < sizeof(path))
		add(p, place->glob, path, next_part);
}

/* Adds what matches in a directory. */
static void list(struct pidfiles *p, const struct node *place)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;
	size_t part_len = strcspn(place->part, "/");
	const char *next_part = place->part + part_len + (place->part[part_len] == '/');
	char pattern[NAME_MAX + 1];
	struct dirent *entry;
	DIR *dir;
	int fd = open(path_of(place), flags | (place->is_root ? 0 : O_NOFOLLOW));

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	snprintf(pattern, sizeof(pattern), "%.*s", (int)part_len, place->part);
	for (size_t n = 0; (entry = readdir(dir)); n++) {
		if (n == ENTRIES_MAX) {
			p->counts.entries++;
			break;
		}
		if (fnmatch(pattern, entry->d_name, FNM_PERIOD) == 0)
			take_entry(p, place, entry, *next_part ? next_part : NULL);
	}
	closedir(dir);
}

/* False: it is no more. */
static bool look_at_place(struct pidfiles *p, struct node *node)
{
	struct statx st;

	if (stat_path(p, path_of(node), node->is_root, &st) < 0 ||
	    !S_ISDIR(st.stx_mode)) {
		node->seen.valid = false;
		return node->is_root;
	}
	if (!is_unchanged(&node->seen, &st))
		list(p, node);
	return true;
}

/* False: it is no more. */
static bool look_at_file(struct pidfiles *p, struct node *node)
{
	struct statx st;
	int64_t number;
	int r = stat_path(p, path_of(node), false, &st);

	if (r < 0)
		return false;
	if (is_unchanged(&node->seen, &st))
		return true;
	forget_number(p, node);
	if (!S_ISREG(st.stx_mode))
		return true;
	r = pidnumber_read(path_of(node), &st, &number);
	if (r == 0)
		set_number(p, node, number);
	node->seen.mtime_usec = usec_of(&st.stx_mtime);
	return r != -ENOENT;
}

static bool look_at(struct pidfiles *p, struct node *node)
{
	return node->part ? look_at_place(p, node) : look_at_file(p, node);
}

int64_t pidfiles_update(struct pidfiles *p)
{
	int64_t begin = clock_usec(CLOCK_MONOTONIC), now = begin, rest;

	if (begin >= p->rest_until_usec) {
		mounts_update(p->mounts);
		if (!p->next)
			p->next = p->nodes;
		while (p->next && now - begin < BUDGET_USEC) {
			struct node *node = p->next;
			bool stays = look_at(p, node);

			/* What was added meanwhile stands at the end. */
			p->next = node->hh.next;
			if (!stays)
				drop(p, node);
			now = clock_usec(CLOCK_MONOTONIC);
		}
		p->complete |= !p->next;
		rest = (now - begin) * REST_FACTOR;
		p->rest_until_usec = now + (rest < REST_MAX_USEC ? rest : REST_MAX_USEC);
	}
	return p->complete ? INT64_MAX : p->rest_until_usec;
}

/* --- asking ---------------------------------------------------------------------------
 */

static bool is_found(const struct pidfile *found, size_t n, const struct node *node)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(found[i].path, path_of(node)) == 0)
			return true;
	}
	return false;
}

/* False: it is no more. */
static bool look_again(struct pidfiles *p, struct node *node)
{
	int64_t now = clock_usec(CLOCK_MONOTONIC);

	if (now - node->looked_usec < FRESH_USEC)
		return true;
	node->looked_usec = now;
	return look_at_file(p, node);
}

size_t pidfiles_find(struct pidfiles *p, int64_t number,
		     struct pidfile found[PIDFILES_FOUND_MAX])
{
	struct holders *in;
	struct node *node, *next;
	size_t n = 0, looks = 0;

	pidfiles_update(p);
	HASH_FIND(hh, p->by_number, &number, sizeof(number), in);
	/* The last of them takes the list with it. */
	for (node = in ? in->files : NULL; node; node = next) {
		next = node->next;
		if (n == PIDFILES_FOUND_MAX || looks++ == LOOKS_MAX)
			break;
		if (!look_again(p, node))
			drop(p, node);
		else if (node->in && node->in->number == number &&
			 !is_found(found, n, node))
			found[n++] =
				(struct pidfile){ path_of(node), node->seen.mtime_usec };
	}
	return n;
}

int pidfiles_read(struct pidfiles *p, const char *path, int64_t *number,
		  int64_t *mtime_usec)
{
	struct statx st;
	int r;

	mounts_update(p->mounts);
	r = stat_path(p, path, false, &st);
	if (r == 0)
		r = S_ISREG(st.stx_mode) ? pidnumber_read(path, &st, number) : -EBADMSG;
	if (r == 0)
		*mtime_usec = usec_of(&st.stx_mtime);
	return r;
}

const struct pidfiles_counts *pidfiles_counts(const struct pidfiles *p)
{
	return &p->counts;
}

/* --- making ---------------------------------------------------------------------------
 */

/* Adds the fixed part of a glob, and what is to be looked for in it. */
static int add_root(struct pidfiles *p, const char *glob)
{
	size_t special = strcspn(glob, "*?[\\");
	const char *slash = memrchr(glob, '/', special);
	char path[PATH_MAX];
	struct node *node;

	if (!slash || !slash[1])
		return -EINVAL;
	if (p->n_globs == GLOBS_MAX || strlen(glob) >= sizeof(path))
		return -E2BIG;
	p->globs[p->n_globs] = strdup(glob);
	if (!p->globs[p->n_globs])
		return -ENOMEM;
	snprintf(path, sizeof(path), "%.*s", slash > glob ? (int)(slash - glob) : 1,
		 glob);
	node = add(p, p->n_globs, path, p->globs[p->n_globs] + (slash + 1 - glob));
	p->n_globs++;
	if (!node)
		return -ENOMEM;
	node->is_root = true;
	return 0;
}

int pidfiles_new(struct pidfiles **pidfiles, const char *const *globs, size_t n)
{
	struct pidfiles *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	r = mounts_new(&p->mounts);
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_root(p, globs[i]);
	if (r < 0) {
		pidfiles_free(p);
		return r;
	}
	pidfiles_update(p);
	*pidfiles = p;
	return 0;
}

struct pidfiles *pidfiles_free(struct pidfiles *pidfiles)
{
	if (!pidfiles)
		return NULL;
	while (pidfiles->nodes)
		drop(pidfiles, pidfiles->nodes);
	for (size_t i = 0; i < pidfiles->n_globs; i++)
		free(pidfiles->globs[i]);
	mounts_free(pidfiles->mounts);
	free(pidfiles);
	return NULL;
}
