/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/proclook.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/now.h"
#include "io/procfs.h"

#define BEGUN_MAX      16
#define WAITING_MAX    64
#define NAMESPACE_SIZE 32

/* A process that is being read. */
struct begun {
	int64_t pid;
	int64_t since_usec; /* of its stage */
	int dir; /* /proc/PID, so that all that is read is of one process; or -errno */
	char *exe;
};

struct proclook {
	int proc_fd;
	struct proctable *table;
	char host_namespace[NAMESPACE_SIZE];
	struct begun begun[BEGUN_MAX];
	size_t n_begun;
	struct begun waiting[WAITING_MAX]; /* for their command lines to be read */
	size_t n_waiting, n_waiting_long;
	/* What is read into. */
	char exe[PATH_MAX + 1];
	char cmdline[PROCFS_CMDLINE_MAX];
	char cgroup[PROCFS_CGROUP_MAX];
};

int proclook_new(struct proclook **look, int proc_fd, struct proctable *table)
{
	struct proclook *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->proc_fd = proc_fd;
	new->table = table;
	if (readlinkat(proc_fd, "self/ns/pid", new->host_namespace, NAMESPACE_SIZE - 1) <
	    0)
		new->host_namespace[0] = '\0';
	*look = new;
	return 0;
}

struct proclook *proclook_free(struct proclook *look)
{
	if (!look)
		return NULL;
	proclook_finish(look);
	proclook_rest(look);
	free(look);
	return NULL;
}

static bool is_at(const struct incarnation *inc, const char *text, size_t len)
{
	return inc->place && inc->place->text.len == len &&
	       memcmp(inc->place->text.data, text, len) == 0;
}

/* False: nothing has changed, or it can't be read. */
static bool read_place(struct proclook *look, struct incarnation *inc, int dir,
		       int64_t now)
{
	ssize_t n = procfs_cgroup_text(dir, 0, look->cgroup);
	struct proc_stat stat;

	if (n < 0)
		return false;
	if (is_at(inc, look->cgroup, (size_t)n)) {
		inc->place_own = true;
		inc->place_read_usec = now;
		return false;
	}
	/* cgroup v1 shows the root as the place of one that is exiting. */
	if (procfs_stat(dir, 0, &stat) < 0 || stat.exiting)
		return false;
	return proctable_set_place(look->table, inc, look->cgroup, (size_t)n, now) == 0;
}

/* A child elsewhere than its parent: was it put there, or has the parent moved since it
 * was read? */
static void compare_places(struct proclook *look, struct incarnation *inc, int64_t now)
{
	struct incarnation *parent = inc->parent;
	int dir;

	if (!parent || procplace_equal(parent->place, inc->place))
		return;
	dir = parent->state == INCARNATION_LIVES
		      ? procfs_open(look->proc_fd, (pid_t)parent->pid)
		      : -ESRCH;
	if (dir >= 0) {
		(void)read_place(look, parent, dir, now);
		close(dir);
	}
	proctable_compare_places(inc);
}

static void read_namespace(struct proclook *look, struct incarnation *inc, int dir)
{
	char text[NAMESPACE_SIZE];
	int64_t innermost;
	int depth;

	if (procfs_namespace(dir, 0, text, sizeof(text)) > 0 &&
	    strcmp(text, look->host_namespace) == 0) {
		inc->host_namespace = true;
		inc->namespace_depth = 1;
		inc->namespace_known = true;
		return;
	}
	/* A thread shows its own number there. */
	if (inc->leader_gone || procfs_nspid(dir, 0, &depth, &innermost) < 0)
		return;
	inc->host_namespace = depth == 1;
	inc->namespace_depth = depth;
	inc->namespace_pid = innermost == inc->pid ? NUMBER_ABSENT : innermost;
	inc->namespace_known = true;
}

/* The image of the process's own that is to be filled in; NULL without memory. */
static struct procimage *own_image(struct procstage *stage)
{
	struct procimage *own;

	if (stage->image && !stage->inherited)
		return stage->image;
	own = procimage_new();
	if (own) {
		procimage_unref(stage->image);
		stage->image = own;
		stage->inherited = false;
	}
	return own;
}

/* The name of the main thread, which stays in /proc while other threads go on. Where dir
 * is one of those, that it is there afterwards says whose name was read. */
static int read_comm(const struct proclook *look, const struct incarnation *inc, int dir,
		     char comm[PROCFS_COMM_SIZE])
{
	char of_thread[PROCFS_COMM_SIZE];

	if (!inc->leader_gone)
		return procfs_comm(dir, 0, comm);
	if (procfs_comm(look->proc_fd, (pid_t)inc->pid, comm) < 0)
		return -ESRCH;
	return procfs_comm(dir, 0, of_thread);
}

/* What is known now of the image of that stage: the name goes with it. */
static void set_image(struct proclook *look, struct incarnation *inc, int dir,
		      const char *exe, struct bytes cmdline, bool cut)
{
	struct procimage *image = own_image(&inc->stage);
	char comm[PROCFS_COMM_SIZE];

	if (!image)
		return;
	if (read_comm(look, inc, dir, comm) == 0)
		procstage_set_comm(&inc->stage, comm);
	(void)procimage_set(image, exe, cmdline, cut, now_read_usec(CLOCK_BOOTTIME));
}

/* exe was read first: NULL where it couldn't be. */
static void read_image(struct proclook *look, struct incarnation *inc, int dir,
		       const char *exe)
{
	bool cut = false;
	ssize_t n = procfs_cmdline(dir, 0, look->cmdline, &cut);
	struct bytes cmdline = { look->cmdline, n > 0 ? (size_t)n : 0 };

	if (exe || cmdline.len)
		set_image(look, inc, dir, exe, cmdline, cut);
}

/* The same for an image that has all but its command line. */
static void read_cmdline(struct proclook *look, struct incarnation *inc, int dir,
			 const char *exe)
{
	bool cut = false;
	ssize_t n = procfs_cmdline(dir, 0, look->cmdline, &cut);
	struct bytes cmdline = { look->cmdline, (size_t)n };

	if (n > 0 && inc->stage.image && !inc->stage.inherited)
		(void)procimage_set(inc->stage.image, exe, cmdline, cut,
				    now_read_usec(CLOCK_BOOTTIME));
}

/* Reads what isn't of one image only. */
static void look_around(struct proclook *look, struct incarnation *inc, int dir)
{
	int64_t now = now_read_usec(CLOCK_BOOTTIME);

	if (read_place(look, inc, dir, now))
		compare_places(look, inc, now);
	if (!inc->namespace_known)
		read_namespace(look, inc, dir);
}

/* Without its main thread a process has no image of its own in /proc, but its threads
 * have. */
static int open_process(const struct proclook *look, const struct incarnation *inc)
{
	return inc->leader_gone ? procfs_open_thread(look->proc_fd, (pid_t)inc->pid)
				: procfs_open(look->proc_fd, (pid_t)inc->pid);
}

static void begin(struct proclook *look, struct begun *begun,
		  const struct incarnation *inc, bool image)
{
	ssize_t n = -1;

	*begun = (struct begun){ .pid = inc->pid, .since_usec = inc->stage.since_usec };
	begun->dir = open_process(look, inc);
	if (begun->dir >= 0 && image)
		n = procfs_exe(begun->dir, 0, look->exe, sizeof(look->exe));
	if (n > 0)
		begun->exe = strdup(look->exe);
}

static void clear(struct begun *begun)
{
	if (begun->dir >= 0)
		close(begun->dir);
	free(begun->exe);
}

/* The process, if it still is the one and at the stage that was begun with; NULL. */
static struct incarnation *incarnation_of(const struct proclook *look,
					  const struct begun *begun)
{
	struct incarnation *inc = proctable_newest(look->table, begun->pid);

	return inc && inc->stage.since_usec == begun->since_usec ? inc : NULL;
}

/* Its place is all that can be new, and mostly isn't: that takes one file, and each event
 * may ask it of a dozen processes. */
static bool is_unmoved(struct proclook *look, struct incarnation *inc)
{
	const int64_t now = now_read_usec(CLOCK_BOOTTIME);
	ssize_t n;

	if (!inc->namespace_known || inc->leader_gone)
		return false;
	n = procfs_cgroup_text(look->proc_fd, (pid_t)inc->pid, look->cgroup);
	if (n < 0 || !is_at(inc, look->cgroup, (size_t)n))
		return false;
	inc->place_own = true;
	inc->place_read_usec = inc->checked_usec = now;
	return true;
}

void proclook_now(struct proclook *look, struct incarnation *inc, bool image)
{
	struct begun begun;

	if (!image && is_unmoved(look, inc))
		return;
	begin(look, &begun, inc, image);
	inc->checked_usec = now_read_usec(CLOCK_BOOTTIME);
	if (begun.dir >= 0) {
		look_around(look, inc, begun.dir);
		if (image)
			read_image(look, inc, begun.dir, begun.exe);
	}
	clear(&begun);
}

void proclook_exec(struct proclook *look, const struct incarnation *inc)
{
	if (look->n_begun == BEGUN_MAX)
		proclook_finish(look);
	begin(look, &look->begun[look->n_begun++], inc, true);
}

/* The command line of one whose program is known can wait. To keep its directory open
 * would leave it to us to free what the kernel has made for it. */
static void let_wait(struct proclook *look, const struct begun *begun)
{
	if (look->n_waiting == WAITING_MAX)
		proclook_rest(look);
	look->waiting[look->n_waiting++] = *begun;
	look->waiting[look->n_waiting - 1].dir = -1;
	close(begun->dir);
}

static void finish(struct proclook *look, struct begun *begun)
{
	struct incarnation *inc = incarnation_of(look, begun);

	if (inc)
		inc->checked_usec = now_read_usec(CLOCK_BOOTTIME);
	if (!inc || begun->dir < 0) {
		clear(begun);
		return;
	}
	look_around(look, inc, begun->dir);
	if (begun->exe) {
		set_image(look, inc, begun->dir, begun->exe, (struct bytes){ 0 }, false);
		let_wait(look, begun);
	} else {
		read_image(look, inc, begun->dir, NULL);
		clear(begun);
	}
}

void proclook_finish(struct proclook *look)
{
	for (size_t i = 0; i < look->n_begun; i++)
		finish(look, &look->begun[i]);
	look->n_begun = 0;
}

/* Reads the command lines of the first n who wait. */
static void read_waiting(struct proclook *look, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct begun *begun = &look->waiting[i];
		struct incarnation *inc = incarnation_of(look, begun);

		if (inc && inc->state == INCARNATION_LIVES)
			begun->dir = open_process(look, inc);
		if (begun->dir >= 0)
			read_cmdline(look, inc, begun->dir, begun->exe);
		clear(begun);
	}
	look->n_waiting -= n;
	memmove(look->waiting, look->waiting + n,
		look->n_waiting * sizeof(look->waiting[0]));
}

bool proclook_turn(struct proclook *look)
{
	read_waiting(look, look->n_waiting_long);
	look->n_waiting_long = look->n_waiting;
	return look->n_waiting > 0;
}

void proclook_rest(struct proclook *look)
{
	read_waiting(look, look->n_waiting);
	look->n_waiting_long = 0;
}
