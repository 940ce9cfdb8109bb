/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buffer.h"

#define TEXT_MAX (4 << 20)

struct mounts {
	int fd;
	bool known;
	uint64_t *local; /* ids of mounts, ascending */
	size_t n;
	size_t room;
};

/* What asks others: servers, and processes of user space. */
static const char *const slow_types[] = {
	"nfs*", "cifs",	  "smb*", "9p",	    "fuse*", "autofs",	"afs",	"ceph",
	"coda", "lustre", "gfs*", "beegfs", "ocfs*", "orange*", "ncp*",
};

int mounts_new(struct mounts **mounts)
{
	struct mounts *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (m->fd < 0) {
		r = -errno;
		free(m);
		return r;
	}
	mounts_update(m);
	*mounts = m;
	return 0;
}

struct mounts *mounts_free(struct mounts *mounts)
{
	if (!mounts)
		return NULL;
	close(mounts->fd);
	free(mounts->local);
	free(mounts);
	return NULL;
}

static bool is_slow(const char *type)
{
	for (size_t i = 0; i < sizeof(slow_types) / sizeof(slow_types[0]); i++) {
		if (fnmatch(slow_types[i], type, 0) == 0)
			return true;
	}
	return false;
}

static int add(struct mounts *m, uint64_t id)
{
	uint64_t *more;

	if (m->n == m->room) {
		more = reallocarray(m->local, m->room * 2 + 64, sizeof(*more));
		if (!more)
			return -ENOMEM;
		m->local = more;
		m->room = m->room * 2 + 64;
	}
	m->local[m->n++] = id;
	return 0;
}

/* "36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw" (proc(5)). */
static int take_line(struct mounts *m, char *line)
{
	char *type = strstr(line, " - ");

	if (!type)
		return 0;
	type += strlen(" - ");
	*strchrnul(type, ' ') = '\0';
	return is_slow(type) ? 0 : add(m, strtoull(line, NULL, 10));
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int read_all(int fd, struct buffer *text)
{
	ssize_t n;
	int r;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	do {
		r = buffer_reserve(text, 16384);
		if (r < 0)
			return r;
		n = read(fd, text->data + text->len, 16384);
		if (n > 0)
			text->len += n;
	} while (n > 0 && text->len < TEXT_MAX);
	if (n < 0)
		return -errno;
	text->data[text->len] = '\0';
	return 0;
}

bool mounts_update(struct mounts *m)
{
	struct pollfd p = { m->fd, POLLPRI, 0 };
	struct buffer text = { 0 };
	char *rest = NULL;
	int r;

	if (m->known && poll(&p, 1, 0) == 0)
		return false;
	m->n = 0;
	r = read_all(m->fd, &text);
	if (r == 0) {
		for (char *line = strtok_r(text.data, "\n", &rest); line && r == 0;
		     line = strtok_r(NULL, "\n", &rest))
			r = take_line(m, line);
	}
	if (m->n)
		qsort(m->local, m->n, sizeof(*m->local), compare);
	m->known = r == 0;
	buffer_free(&text);
	return true;
}

int mounts_is_local(const struct mounts *m, const char *path, bool follow)
{
	struct statx st;
	uint64_t id;
	int flags =
		AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC | (follow ? 0 : AT_SYMLINK_NOFOLLOW);

	/* Nothing is asked for that the file system would have to be asked. */
	if (statx(AT_FDCWD, path, flags, STATX_MNT_ID, &st) < 0)
		return -errno;
	if (!(st.stx_mask & STATX_MNT_ID))
		return 0;
	id = st.stx_mnt_id;
	return m->n && bsearch(&id, m->local, m->n, sizeof(*m->local), compare) != NULL;
}
