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
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/mounts.h"
#include "io/now.h"
#include "io/pidnodes.h"
#include "io/pidnumber.h"
#include "io/watches.h"

#define PLACES_MAX  8192
#define FILES_MAX   4096
#define ENTRIES_MAX 8192
#define GLOBS_MAX   64
#define REST_FACTOR 10
/* A disk that was slow once doesn't blind us for long. */
#define REST_MAX_USEC 100000
/* Anybody may ask for a number thousands of times. */
#define LOOKS_MAX  PIDNODES_IN_ORDER
#define FRESH_USEC 10000
/* So many of those that have changed are looked at however long it takes. */
#define LOOKS_MIN 8

/* The name of a file is told by its directory. Who writes to the other files there, such
 * as a database, is in nobody's way. */
#define PLACE_MASK                                                                       \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |          \
	 IN_MOVE_SELF | IN_EXCL_UNLINK | IN_ONLYDIR)
#define FILE_MASK (IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

struct pidfiles {
	char *globs[GLOBS_MAX];
	size_t n_globs;
	int64_t budget_usec;
	struct mounts *mounts;
	struct pidnodes nodes;
	bool unread; /* changes that the kernel has told */
	int64_t rest_until_usec;
	struct pidfiles_counts counts;
};

/* Finds a directory, or a file (part NULL), or adds it. */
static struct pidnode *add(struct pidfiles *p, size_t glob, const char *path,
			   const char *part, struct pidnode *parent)
{
	struct pidnodes *nodes = &p->nodes;
	struct pidnode *node = pidnodes_find(nodes, glob, path);

	if (node)
		return node;
	if (part ? pidnodes_places(nodes) >= PLACES_MAX : nodes->n_files >= FILES_MAX) {
		*(part ? &p->counts.places : &p->counts.files) += 1;
		return NULL;
	}
	return pidnodes_add(nodes, glob, path, part, parent);
}

/* --- what the kernel tells ------------------------------------------------------------
 */

static void is_changed(struct pidfiles *p, struct pidnode *node)
{
	node->seen.valid = false;
	pidnodes_enqueue(&p->nodes, node, PIDNODE_CHANGED);
}

/* Any of them may have changed. */
static void suspect_all(struct pidfiles *p, bool lost)
{
	for (struct pidnode *node = p->nodes.all; node; node = node->hh.next) {
		if (lost)
			node->told_since = 0;
		pidnodes_enqueue(&p->nodes, node, PIDNODE_SUSPECT);
	}
}

/* What stands behind the part's first component; NULL: nothing. */
static const char *next_part_of(const struct pidnode *place, size_t *len)
{
	*len = strcspn(place->part, "/");
	return place->part[*len] && place->part[*len + 1] ? place->part + *len + 1 : NULL;
}

/* Is this name of an entry meant? */
static bool matches(const struct pidnode *place, const char *name)
{
	char pattern[NAME_MAX + 1];
	size_t len;

	(void)next_part_of(place, &len);
	snprintf(pattern, sizeof(pattern), "%.*s", (int)len, place->part);
	return fnmatch(pattern, name, FNM_PERIOD) == 0;
}

/* The node of an entry whose name matches, made if is_there; NULL: there is none. */
static struct pidnode *entry_of(struct pidfiles *p, struct pidnode *place,
				const char *name, bool is_there)
{
	const char *slash = strcmp(pidnodes_path(place), "/") == 0 ? "" : "/";
	struct pidnode *node;
	const char *part;
	char path[PATH_MAX];
	size_t len;
	int n = snprintf(path, sizeof(path), "%s%s%s", pidnodes_path(place), slash, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return NULL;
	if (!is_there)
		return pidnodes_find(&p->nodes, place->glob, path);
	part = next_part_of(place, &len);
	node = add(p, place->glob, path, part, place);
	if (!node) {
		place->cut = true;
		pidnodes_enqueue(&p->nodes, place, PIDNODE_ROUND);
	}
	return node;
}

static void take_change(struct watched *watched, uint32_t mask, const char *name,
			void *userdata)
{
	struct pidnode *node = (struct pidnode *)watched, *entry;
	struct pidfiles *p = userdata;
	size_t len;

	if (!node->part || !*name) {
		is_changed(p, node);
		return;
	}
	if (!(mask & IN_ISDIR) == (next_part_of(node, &len) != NULL) ||
	    !matches(node, name))
		return;
	entry = entry_of(p, node, name, mask & (IN_CREATE | IN_MOVED_TO));
	if (entry)
		is_changed(p, entry);
}

void pidfiles_read_changes(struct pidfiles *p)
{
	int64_t until = now_mono_usec() + p->budget_usec;
	int r = watches_read(p->nodes.watches, until, take_change, p);

	p->unread = r > 0;
	if (r == -EOVERFLOW) {
		p->counts.overflows++;
		suspect_all(p, true);
	}
}

static void update_mounts(struct pidfiles *p)
{
	if (mounts_update(p->mounts))
		suspect_all(p, false);
}

/* --- looking --------------------------------------------------------------------------
 */

/* 0 or -errno; -EREMOTE: to ask might take for ever. */
static int check_local(struct pidfiles *p, const char *path, bool follow)
{
	int r = mounts_is_local(p->mounts, path, follow);

	return r < 0 ? r : r == 0 ? -EREMOTE : 0;
}

/* 0 or -errno. */
static int ask(const char *path, bool follow, struct statx *st)
{
	int flags = AT_NO_AUTOMOUNT | (follow ? 0 : AT_SYMLINK_NOFOLLOW);

	return statx(AT_FDCWD, path, flags, STATX_BASIC_STATS, st) < 0 ? -errno : 0;
}

/* Watches it before it looks, so that no change falls between. 0 or -errno. */
static int stat_node(struct pidfiles *p, struct pidnode *node, struct statx *st)
{
	const char *path = pidnodes_path(node);
	uint32_t mask = node->part ? PLACE_MASK : FILE_MASK;
	int r = check_local(p, path, node->is_root);

	if (r == -EREMOTE && !node->slow)
		p->counts.slow++;
	node->slow = r == -EREMOTE;
	if (r < 0) {
		watches_remove(p->nodes.watches, &node->watched);
		return r;
	}
	(void)watches_add(p->nodes.watches, &node->watched, path,
			  mask | (node->is_root ? 0 : IN_DONT_FOLLOW));
	return ask(path, node->is_root, st);
}

static void take_entry(struct pidfiles *p, struct pidnode *place,
		       const struct dirent *entry, enum pidnode_queue queue)
{
	struct pidnode *node;
	size_t len;
	int wanted = next_part_of(place, &len) ? DT_DIR : DT_REG;

	if (entry->d_type != wanted && entry->d_type != DT_UNKNOWN)
		return;
	node = entry_of(p, place, entry->d_name, true);
	/* What was there before has its own times. */
	if (node && !node->seen.inode)
		pidnodes_enqueue(&p->nodes, node, queue);
}

/* Adds what matches in a directory. */
static void list(struct pidfiles *p, struct pidnode *place, enum pidnode_queue queue)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;
	struct dirent *entry;
	DIR *dir;
	int fd = open(pidnodes_path(place), flags | (place->is_root ? 0 : O_NOFOLLOW));

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	for (size_t n = 0; (entry = readdir(dir)); n++) {
		if (n == ENTRIES_MAX) {
			p->counts.entries++;
			break;
		}
		if (matches(place, entry->d_name))
			take_entry(p, place, entry, queue);
	}
	closedir(dir);
}

/* False: it is no more. */
static bool look_at_place(struct pidfiles *p, struct pidnode *node,
			  enum pidnode_queue queue)
{
	uint64_t inode = node->seen.inode;
	struct pidnode *child;
	struct statx st;
	int r = stat_node(p, node, &st);
	bool told;

	if (queue == PIDNODE_ROUND)
		queue = PIDNODE_SUSPECT;
	if (r < 0 || !S_ISDIR(st.stx_mode)) {
		pidnodes_drop_children(&p->nodes, node);
		node->seen = (struct pidnode_seen){ 0 };
		return node->is_root || node->slow;
	}
	told = node->told_since && node->told_since == watches_number(&node->watched);
	if (pidnodes_saw(node, &st, now_read_usec(CLOCK_REALTIME)) || told)
		return true;
	/* Another directory of that name: the files in it are others, too. */
	for (child = inode != st.stx_ino ? node->children : NULL; child;
	     child = child->child_next)
		pidnodes_enqueue(&p->nodes, child, queue);
	node->cut = false;
	list(p, node, queue);
	node->told_since = node->cut ? 0 : watches_number(&node->watched);
	return true;
}

/* False: it is no more. */
static bool look_at_file(struct pidfiles *p, struct pidnode *node)
{
	struct statx st;
	int64_t number;
	int r = stat_node(p, node, &st);

	if (r < 0 || !S_ISREG(st.stx_mode))
		return false;
	if (pidnodes_saw(node, &st, now_read_usec(CLOCK_REALTIME)))
		return true;
	pidnodes_forget_number(&p->nodes, node);
	r = pidnumber_read(pidnodes_path(node), &st, &number);
	if (r == 0)
		pidnodes_set_number(&p->nodes, node, number);
	node->seen.mtime_usec = pidnodes_usec(&st.stx_mtime);
	return r != -ENOENT;
}

/* Looks at the first of a queue. False: there is none. */
static bool look_at_next(struct pidfiles *p, enum pidnode_queue queue)
{
	struct pidnode *node = pidnodes_next(&p->nodes, queue);
	bool stays;

	if (!node)
		return false;
	stays = node->part ? look_at_place(p, node, queue) : look_at_file(p, node);
	if (!stays)
		pidnodes_drop(&p->nodes, node);
	else if (!node->watched.watch || node->is_root || node->cut)
		pidnodes_enqueue(&p->nodes, node, PIDNODE_ROUND);
	return true;
}

/* What has changed first. Who changes files all the time can't keep the others from being
 * looked at. */
static void look_at_all(struct pidfiles *p)
{
	int64_t until = now_mono_usec() + p->budget_usec;
	size_t round = p->nodes.n_queued[PIDNODE_ROUND];
	bool more;

	for (int i = 0; i < LOOKS_MIN && look_at_next(p, PIDNODE_CHANGED); i++)
		continue;
	do {
		more = look_at_next(p, PIDNODE_CHANGED);
		more |= look_at_next(p, PIDNODE_SUSPECT);
		if (round)
			more |= look_at_next(p, PIDNODE_ROUND);
		round -= round > 0;
	} while (more && now_mono_usec() < until);
}

int64_t pidfiles_deadline(const struct pidfiles *p)
{
	return p->unread || p->nodes.n_queued[PIDNODE_CHANGED] ||
			       p->nodes.n_queued[PIDNODE_SUSPECT]
		       ? p->rest_until_usec
		       : INT64_MAX;
}

int64_t pidfiles_update(struct pidfiles *p)
{
	int64_t begin = now_mono_usec(), now, rest;

	if (begin >= p->rest_until_usec) {
		update_mounts(p);
		pidfiles_read_changes(p);
		look_at_all(p);
		now = now_mono_usec();
		rest = (now - begin) * REST_FACTOR;
		p->rest_until_usec = now + (rest < REST_MAX_USEC ? rest : REST_MAX_USEC);
	}
	return pidfiles_deadline(p);
}

/* --- asking ---------------------------------------------------------------------------
 */

static bool is_found(const struct pidfile *found, size_t n, const struct pidnode *node)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(found[i].path, pidnodes_path(node)) == 0)
			return true;
	}
	return false;
}

/* False: it is no more. */
static bool look_again(struct pidfiles *p, struct pidnode *node)
{
	int64_t now = now_mono_usec();

	if (now - node->looked_usec < FRESH_USEC)
		return true;
	node->looked_usec = now;
	return look_at_file(p, node);
}

size_t pidfiles_find(struct pidfiles *p, int64_t number,
		     struct pidfile found[PIDFILES_FOUND_MAX])
{
	struct pidnode *node, *next;
	size_t n = 0, looks = 0;

	pidfiles_update(p);
	for (node = pidnodes_holding(&p->nodes, number); node; node = next) {
		next = node->next;
		if (n == PIDFILES_FOUND_MAX || looks++ == LOOKS_MAX)
			break;
		if (!look_again(p, node))
			pidnodes_drop(&p->nodes, node);
		else if (pidnodes_holds(node, number) && !is_found(found, n, node))
			found[n++] = (struct pidfile){ pidnodes_path(node),
						       node->seen.mtime_usec };
	}
	return n;
}

int pidfiles_read(struct pidfiles *p, const char *path, int64_t *number,
		  int64_t *mtime_usec)
{
	struct statx st;
	int r;

	update_mounts(p);
	r = check_local(p, path, false);
	if (r == -EREMOTE)
		p->counts.slow++;
	if (r == 0)
		r = ask(path, false, &st);
	if (r == 0)
		r = S_ISREG(st.stx_mode) ? pidnumber_read(path, &st, number) : -EBADMSG;
	if (r == 0)
		*mtime_usec = pidnodes_usec(&st.stx_mtime);
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
	struct pidnode *node;

	if (!slash || !slash[1])
		return -EINVAL;
	if (p->n_globs == GLOBS_MAX || strlen(glob) >= sizeof(path))
		return -E2BIG;
	p->globs[p->n_globs] = strdup(glob);
	if (!p->globs[p->n_globs])
		return -ENOMEM;
	snprintf(path, sizeof(path), "%.*s", slash > glob ? (int)(slash - glob) : 1,
		 glob);
	node = add(p, p->n_globs, path, p->globs[p->n_globs] + (slash + 1 - glob), NULL);
	p->n_globs++;
	if (!node)
		return -ENOMEM;
	node->is_root = true;
	pidnodes_enqueue(&p->nodes, node, PIDNODE_SUSPECT);
	return 0;
}

int pidfiles_new(struct pidfiles **pidfiles, const char *const *globs, size_t n,
		 int64_t budget_usec)
{
	struct pidfiles *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->budget_usec = budget_usec;
	/* Without there are rounds. */
	(void)watches_new(&p->nodes.watches);
	r = mounts_new(&p->mounts);
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_root(p, globs[i]);
	if (r < 0) {
		pidfiles_free(p);
		return r;
	}
	*pidfiles = p;
	return 0;
}

struct pidfiles *pidfiles_free(struct pidfiles *pidfiles)
{
	if (!pidfiles)
		return NULL;
	pidnodes_clear(&pidfiles->nodes);
	watches_free(pidfiles->nodes.watches);
	for (size_t i = 0; i < pidfiles->n_globs; i++)
		free(pidfiles->globs[i]);
	mounts_free(pidfiles->mounts);
	free(pidfiles);
	return NULL;
}
