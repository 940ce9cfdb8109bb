/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/proclook.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/procfs.h"

#define BEGUN_MAX      16
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
	/* What is read into. */
	char exe[PATH_MAX + 1];
	char cmdline[PROCFS_CMDLINE_MAX];
	char cgroup[PROCFS_CGROUP_MAX];
};

static int64_t now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

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

/* exe was read first: NULL where it couldn't be. */
static void read_image(struct proclook *look, struct incarnation *inc, int dir,
		       const char *exe)
{
	char comm[PROCFS_COMM_SIZE];
	bool cut = false;
	ssize_t n = procfs_cmdline(dir, 0, look->cmdline, &cut);
	struct procimage *image;

	if (!exe && n <= 0)
		return;
	image = own_image(&inc->stage);
	if (!image)
		return;
	if (!inc->leader_gone && procfs_comm(dir, 0, comm) == 0)
		procstage_set_comm(&inc->stage, comm);
	(void)procimage_set(image, exe,
			    (struct bytes){ look->cmdline, n > 0 ? (size_t)n : 0 }, cut,
			    now_usec());
}

static void begin(struct proclook *look, struct begun *begun,
		  const struct incarnation *inc, bool image)
{
	ssize_t n = -1;

	*begun = (struct begun){ .pid = inc->pid, .since_usec = inc->stage.since_usec };
	begun->dir = inc->leader_gone ? procfs_open_thread(look->proc_fd, (pid_t)inc->pid)
				      : procfs_open(look->proc_fd, (pid_t)inc->pid);
	if (begun->dir >= 0 && image)
		n = procfs_exe(begun->dir, 0, look->exe, sizeof(look->exe));
	if (n > 0)
		begun->exe = strdup(look->exe);
}

/* inc: NULL if it isn't the process or the stage any more that was begun with. */
static void end(struct proclook *look, struct begun *begun, struct incarnation *inc,
		bool image)
{
	int64_t now = now_usec();

	if (inc)
		inc->checked_usec = now;
	if (inc && begun->dir >= 0) {
		if (read_place(look, inc, begun->dir, now))
			compare_places(look, inc, now);
		if (image)
			read_image(look, inc, begun->dir, begun->exe);
		if (!inc->namespace_known)
			read_namespace(look, inc, begun->dir);
	}
	if (begun->dir >= 0)
		close(begun->dir);
	free(begun->exe);
}

void proclook_now(struct proclook *look, struct incarnation *inc, bool image)
{
	struct begun begun;

	begin(look, &begun, inc, image);
	end(look, &begun, inc, image);
}

void proclook_exec(struct proclook *look, const struct incarnation *inc)
{
	if (look->n_begun == BEGUN_MAX)
		proclook_finish(look);
	begin(look, &look->begun[look->n_begun++], inc, true);
}

void proclook_finish(struct proclook *look)
{
	for (size_t i = 0; i < look->n_begun; i++) {
		struct begun *begun = &look->begun[i];
		struct incarnation *inc = proctable_newest(look->table, begun->pid);

		if (inc && inc->stage.since_usec != begun->since_usec)
			inc = NULL;
		end(look, begun, inc, true);
	}
	look->n_begun = 0;
}
