/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/watches.h"

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "io/now.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#define LIMIT_PATH "/proc/sys/fs/inotify/max_user_watches"
/* Of what all processes of the user may have together. */
#define SHARE	   4
#define READ_BYTES 16384

struct watch {
	UT_hash_handle hh;
	int number;
	struct watched *by;
};

struct watches {
	int fd;
	size_t max;
	struct watch *all;
	alignas(struct inotify_event) char events[READ_BYTES];
};

static size_t read_limit(void)
{
	unsigned long limit = 0;
	FILE *f = fopen(LIMIT_PATH, "re");

	if (!f)
		return 0;
	if (fscanf(f, "%lu", &limit) != 1)
		limit = 0;
	fclose(f);
	return limit / SHARE;
}

int watches_new(struct watches **watches)
{
	struct watches *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return -ENOMEM;
	new->max = read_limit();
	new->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (new->fd < 0) {
		r = -errno;
		free(new);
		return r;
	}
	*watches = new;
	return 0;
}

struct watches *watches_free(struct watches *watches)
{
	struct watch *watch, *next;

	if (!watches)
		return NULL;
	HASH_ITER (hh, watches->all, watch, next) {
		HASH_DEL(watches->all, watch);
		free(watch);
	}
	close(watches->fd);
	free(watches);
	return NULL;
}

static struct watch *get(struct watches *watches, int number)
{
	struct watch *watch;

	HASH_FIND_INT(watches->all, &number, watch);
	if (watch)
		return watch;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return NULL;
	watch->number = number;
	HASH_ADD_INT(watches->all, number, watch);
	if (watch->hh.tbl)
		return watch;
	free(watch);
	return NULL;
}

int watches_add(struct watches *watches, struct watched *watched, const char *path,
		uint32_t mask)
{
	struct watch *watch = NULL;
	int number = -1, r;

	if (!watches)
		return -ENOSYS;
	errno = ENOSPC;
	if (watched->watch || HASH_COUNT(watches->all) < watches->max)
		number = inotify_add_watch(watches->fd, path, mask);
	r = number < 0 ? -errno : 0;
	if (number >= 0 && watches_number(watched) == number)
		return 0;
	watches_remove(watches, watched);
	if (number < 0)
		return r;
	watch = get(watches, number);
	if (!watch) {
		inotify_rm_watch(watches->fd, number);
		return -ENOMEM;
	}
	DL_APPEND(watch->by, watched);
	watched->watch = watch;
	return 0;
}

void watches_remove(struct watches *watches, struct watched *watched)
{
	struct watch *watch = watched->watch;

	if (!watch)
		return;
	DL_DELETE(watch->by, watched);
	watched->watch = NULL;
	if (watch->by)
		return;
	/* Fails where the kernel has removed it already. */
	(void)inotify_rm_watch(watches->fd, watch->number);
	HASH_DEL(watches->all, watch);
	free(watch);
}

int watches_number(const struct watched *watched)
{
	return watched->watch ? watched->watch->number : 0;
}

static void tell(struct watches *watches, const struct inotify_event *event,
		 watches_changed changed, void *userdata)
{
	const char *name = event->len ? event->name : "";
	struct watched *watched, *next;
	struct watch *watch;

	HASH_FIND_INT(watches->all, &event->wd, watch);
	if (!watch)
		return;
	DL_FOREACH (watch->by, watched)
		changed(watched, event->mask, name, userdata);
	if (!(event->mask & IN_IGNORED))
		return;
	/* The last one takes the watch with it. */
	for (watched = watch->by; watched; watched = next) {
		next = watched->next;
		watches_remove(watches, watched);
	}
}

int watches_read(struct watches *watches, int64_t until_usec, watches_changed changed,
		 void *userdata)
{
	bool lost = false;
	ssize_t n;

	if (!watches)
		return 0;
	while ((n = read(watches->fd, watches->events, READ_BYTES)) > 0) {
		const struct inotify_event *event;

		for (ssize_t at = 0; at < n; at += (ssize_t)sizeof(*event) + event->len) {
			event = (const void *)(watches->events + at);
			lost |= (event->mask & IN_Q_OVERFLOW) != 0;
			tell(watches, event, changed, userdata);
		}
		if (now_mono_usec() >= until_usec)
			break;
	}
	if (lost)
		return -EOVERFLOW;
	return n > 0;
}
