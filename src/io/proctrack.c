/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/proctrack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/now.h"
#include "io/procfs.h"
#include "io/proclook.h"

#define USEC_PER_SEC 1000000

/* What isn't told by a message (a move to another cgroup) is looked at so often. */
#define CHECK_USEC 100000
/* One whose program couldn't be read is looked at more often. */
#define RETRY_USEC	1000
#define RESCAN_USEC	USEC_PER_SEC
#define START_STEP_USEC 20000
/* One turn takes no longer than so many batches. */
#define BATCHES_A_DRAIN 256

struct proctrack {
	int proc_fd;
	struct procconn *conn;
	struct proctable *table;
	struct proclook *look;
	int64_t ticks_per_sec;
	int64_t boot_minus_mono_usec;
	int64_t now_usec;
	bool scan_due; /* messages were lost since the last one */
	bool doubt_due;
	bool scanning;
	bool waits;
	int64_t scanned_usec;
	uint64_t scan;
	uint64_t ambiguous;
};

static void read_clocks(struct proctrack *track)
{
	track->now_usec = now_read_usec(CLOCK_BOOTTIME);
	track->boot_minus_mono_usec = track->now_usec - now_mono_usec();
}

static int64_t start_of(const struct proctrack *track, const struct proc_stat *stat)
{
	uint64_t ticks = stat->start_ticks, hz = (uint64_t)track->ticks_per_sec;

	return (int64_t)(ticks / hz * USEC_PER_SEC + ticks % hz * USEC_PER_SEC / hz);
}

/* --- /proc as a whole --- */

/* Is what /proc shows the process that the table has? */
static bool is_same(const struct proctrack *track, const struct incarnation *inc,
		    const struct proc_stat *stat)
{
	int64_t apart = inc->start_usec - start_of(track, stat);

	return inc->found ? apart == 0
			  : apart > -START_STEP_USEC && apart < START_STEP_USEC;
}

/* What /proc shows may be a process that has ended, or of which only the main thread has.
 */
static void take_end(struct proctrack *track, struct incarnation *inc,
		     const struct proc_stat *stat)
{
	if (stat->exiting && stat->threads > 1)
		proctable_go_on(track->table, inc);
	else if (stat->exiting)
		proctable_end(track->table, inc, track->now_usec);
}

static void confirm(struct proctrack *track, int64_t pid, int depth);

/* Adds a process that only /proc knows of. NULL: it isn't there. */
static struct incarnation *add_found(struct proctrack *track, int64_t pid, int depth)
{
	struct incarnation *inc;
	struct proc_stat stat;

	if (procfs_stat(track->proc_fd, (pid_t)pid, &stat) < 0)
		return NULL;
	/* It will be tied to whoever has that number in the table. */
	confirm(track, stat.ppid, depth + 1);
	inc = proctable_found(track->table, pid, stat.ppid, start_of(track, &stat));
	if (!inc)
		return NULL;
	procstage_set_comm(&inc->stage, stat.comm);
	take_end(track, inc, &stat);
	return inc;
}

/* Messages may be missing: makes whoever has the number now the one that has it in the
 * table, if that one is another. */
static void confirm(struct proctrack *track, int64_t pid, int depth)
{
	const struct incarnation *inc = proctable_newest(track->table, pid);
	struct proc_stat stat;

	if (!inc || depth > ANCESTRY_MAX || (track->scanning && inc->scan == track->scan))
		return;
	if (procfs_stat(track->proc_fd, (pid_t)pid, &stat) == 0 &&
	    !is_same(track, inc, &stat))
		(void)add_found(track, pid, depth);
}

static void scan_process(struct proctrack *track, int64_t pid)
{
	struct incarnation *inc = proctable_newest(track->table, pid);
	struct proc_stat stat;

	if (!inc || procfs_stat(track->proc_fd, (pid_t)pid, &stat) < 0 ||
	    !is_same(track, inc, &stat)) {
		inc = add_found(track, pid, 0);
	} else if (inc->state == INCARNATION_LIVES) {
		proctable_forget_stages(inc);
		procstage_set_comm(&inc->stage, stat.comm);
		take_end(track, inc, &stat);
	}
	if (!inc)
		return;
	inc->scan = track->scan;
	if (inc->state == INCARNATION_LIVES)
		proclook_now(track->look, inc, true);
}

static void end_missing(struct proctrack *track)
{
	struct incarnation *inc = proctable_first_live(track->table), *next;

	for (; inc; inc = next) {
		next = inc->next;
		if (inc->scan != track->scan)
			proctable_end(track->table, inc, track->now_usec);
	}
}

void proctrack_scan(struct proctrack *track)
{
	int fd = openat(track->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	read_clocks(track);
	track->scan_due = false;
	track->scanned_usec = track->now_usec;
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	track->scan++;
	track->scanning = true;
	while ((entry = readdir(dir))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (*end == '\0' && pid > 0 && pid <= INT_MAX)
			scan_process(track, pid);
	}
	track->scanning = false;
	closedir(dir);
	end_missing(track);
	proctable_expect_no_exits(track->table);
	proctable_tie(track->table);
}

/* Messages were lost: whoever is thought to live may run another program by now, and may
 * have ended with that. */
static void doubt_living(struct proctrack *track)
{
	struct incarnation *inc = proctable_first_live(track->table);

	track->doubt_due = false;
	for (; inc; inc = inc->next) {
		const struct procimage *image = inc->stage.image;

		if (inc->stage.older || inc->stage.inherited || !image || image->read)
			proctable_forget_stages(inc);
		inc->checked_usec = 0;
	}
}

/* --- messages --- */

static void on_exec(struct proctrack *track, int64_t pid, int64_t time_usec)
{
	struct incarnation *inc;

	if (!proctable_newest(track->table, pid))
		(void)add_found(track, pid, 0);
	inc = proctable_exec(track->table, pid, time_usec);
	if (inc)
		proclook_exec(track->look, inc);
}

static void take_message(const struct connmsg *msg, void *userdata)
{
	struct proctrack *track = userdata;
	int64_t time = msg->time_usec + track->boot_minus_mono_usec;

	switch (msg->kind) {
	case CONNMSG_FORK:
		(void)proctable_fork(track->table, msg->pid, msg->ppid, time);
		break;
	case CONNMSG_EXEC:
		on_exec(track, msg->pid, time);
		break;
	case CONNMSG_COMM:
		proctable_comm(track->table, msg->pid, msg->comm);
		break;
	case CONNMSG_EXIT:
		proctable_exit(track->table, msg->pid, time);
		break;
	}
}

void proctrack_message(struct proctrack *track, const struct connmsg *msg)
{
	take_message(msg, track);
	proclook_finish(track->look);
}

void proctrack_lost(struct proctrack *track)
{
	track->scan_due = track->doubt_due = true;
}

int proctrack_drain(struct proctrack *track)
{
	int r = 0;

	read_clocks(track);
	for (int i = 0; track->conn && i < BATCHES_A_DRAIN; i++) {
		r = procconn_read(track->conn, take_message, track);
		proclook_finish(track->look);
		if (r == -ENOBUFS)
			proctrack_lost(track);
		else if (r <= 0)
			break;
	}
	if (track->doubt_due)
		doubt_living(track);
	if (track->scan_due && r == 0 &&
	    track->now_usec - track->scanned_usec >= RESCAN_USEC)
		proctrack_scan(track);
	track->waits = proclook_turn(track->look);
	proctable_expire(track->table, track->now_usec);
	return r == -ENOBUFS || r > 0 ? 0 : r;
}

bool proctrack_waits(const struct proctrack *track)
{
	return track->waits;
}

/* --- looking up --- */

static bool is_uncertain(const struct proctrack *track, const struct incarnation *inc)
{
	bool known = inc->stage.image && inc->stage.image->read;

	return inc->state == INCARNATION_LIVES &&
	       track->now_usec - inc->checked_usec >= (known ? CHECK_USEC : RETRY_USEC);
}

/* What is to be read of it is another's by now, of whom no message told. */
static bool is_replaced(const struct proctrack *track, const struct incarnation *inc)
{
	struct proc_stat stat;

	return track->scan_due &&
	       procfs_stat(track->proc_fd, (pid_t)inc->pid, &stat) == 0 &&
	       !is_same(track, inc, &stat);
}

/* Looks at a process and its ancestors. Was there anything to look at? */
static bool check(struct proctrack *track, struct incarnation *inc)
{
	bool any = false;

	for (int i = 0; inc && i <= ANCESTRY_MAX; i++, inc = inc->parent) {
		const struct procimage *image = inc->stage.image;

		if (!is_uncertain(track, inc))
			continue;
		if (is_replaced(track, inc))
			proctable_end(track->table, inc, track->now_usec);
		else
			proclook_now(track->look, inc,
				     inc->stage.inherited || !image || !image->read);
		any = true;
	}
	return any;
}

/* What ends a process by our messages is the end of its main thread. Who is there after
 * that is a zombie, or goes on with other threads. */
static void check_end(struct proctrack *track, struct incarnation *inc, int64_t time_usec)
{
	struct proc_stat stat;

	if (inc->state != INCARNATION_DEAD || time_usec <= inc->end_usec ||
	    track->now_usec - inc->checked_usec < CHECK_USEC)
		return;
	inc->checked_usec = track->now_usec;
	if (procfs_stat(track->proc_fd, (pid_t)inc->pid, &stat) < 0 ||
	    !is_same(track, inc, &stat) || stat.threads <= 1)
		return;
	proctable_go_on(track->table, inc);
	/* Its command line may have waited when the main thread ended. */
	proclook_now(track->look, inc, true);
}

void proctrack_refresh(struct proctrack *track, const struct procquery *query)
{
	struct incarnation *inc;
	bool ambiguous;

	if (!number_known(query->pid) || query->pid <= 0 || query->pid > INT_MAX)
		return;
	track->now_usec = now_read_usec(CLOCK_BOOTTIME);
	proclook_rest(track->look);
	inc = proctable_newest(track->table, query->pid);
	if (inc && track->scan_due &&
	    (inc->state != INCARNATION_LIVES || is_uncertain(track, inc)))
		confirm(track, query->pid, 0);
	if (!inc) {
		inc = add_found(track, query->pid, 0);
	} else {
		check_end(track, inc, query->time_usec);
		inc = procfind(track->table, query, &ambiguous);
	}
	/* Whoever died and had a successor while we looked: now we know. */
	if (inc && check(track, inc))
		(void)proctrack_drain(track);
}

static void fill(struct process *p, const struct incarnation *inc,
		 const struct procstage *stage, bool only_exe)
{
	const struct procplace *place = procfind_place(inc);
	const struct procimage *image = stage ? stage->image : NULL;

	*p = (struct process){
		.pid = inc->pid,
		.ppid = inc->ppid,
		.start_usec = inc->start_usec,
		.namespace_pid =
			inc->namespace_known ? inc->namespace_pid : NUMBER_ABSENT,
		.host_namespace = inc->namespace_known && inc->host_namespace,
		.namespace_depth = inc->namespace_known ? inc->namespace_depth : 0,
		.comm = stage && stage->comm[0] ? stage->comm : NULL,
		.exe = image ? image->exe : NULL,
	};
	if (image && !only_exe) {
		p->cmdline = image->cmdline;
		p->cmdline_cut = image->cmdline_cut;
	}
	if (place) {
		p->unit = place->unit;
		p->user_unit = place->user_unit;
		p->slice = place->slice;
		p->container = place->container;
	}
}

bool proctrack_find(struct proctrack *track, const struct procquery *query,
		    struct process *process, struct ancestor ancestors[ANCESTRY_MAX])
{
	bool ambiguous, only_exe;
	const struct incarnation *inc = procfind(track->table, query, &ambiguous);
	const struct procstage *stage;

	track->ambiguous += ambiguous;
	if (!inc)
		return false;
	stage = procfind_stage(inc, query, &only_exe);
	fill(process, inc, stage, only_exe);
	process->ancestry =
		(struct ancestry){ ancestors, procfind_ancestry(inc, ancestors) };
	return true;
}

/* --- */

struct proctable_counts proctrack_counts(const struct proctrack *track)
{
	return proctable_counts(track->table);
}

uint64_t proctrack_ambiguous(const struct proctrack *track)
{
	return track->ambiguous;
}

struct procconn_counts proctrack_conn_counts(const struct proctrack *track)
{
	return track->conn ? procconn_counts(track->conn) : (struct procconn_counts){ 0 };
}

int proctrack_fd(const struct proctrack *track)
{
	return track->conn ? procconn_fd(track->conn) : -1;
}

int proctrack_alarm_fd(const struct proctrack *track)
{
	return track->conn ? procconn_alarm_fd(track->conn) : -1;
}

void proctrack_quiet(struct proctrack *track)
{
	if (track->conn)
		procconn_quiet(track->conn);
}

void proctrack_keep(struct proctrack *track)
{
	if (track->conn)
		procconn_keep(track->conn);
}

void proctrack_set_limits(struct proctrack *track, int64_t remember_usec,
			  size_t max_processes)
{
	proctable_set_limits(track->table, remember_usec, max_processes);
}

int proctrack_new(struct proctrack **track, int proc_fd, struct procconn *conn,
		  int64_t remember_usec, size_t max_processes)
{
	struct proctrack *new = calloc(1, sizeof(*new));
	long ticks = sysconf(_SC_CLK_TCK);

	if (!new || proctable_new(&new->table, remember_usec, max_processes) < 0 ||
	    proclook_new(&new->look, proc_fd, new->table) < 0) {
		procconn_free(conn);
		proctrack_free(new);
		return -ENOMEM;
	}
	new->proc_fd = proc_fd;
	new->conn = conn;
	new->ticks_per_sec = ticks > 0 ? ticks : 100;
	read_clocks(new);
	*track = new;
	return 0;
}

struct proctrack *proctrack_free(struct proctrack *track)
{
	if (!track)
		return NULL;
	procconn_free(track->conn);
	proclook_free(track->look);
	proctable_free(track->table);
	free(track);
	return NULL;
}
