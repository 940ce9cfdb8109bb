/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/journal_check.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/journal_read.h"
#include "io/sink_journal.h"

struct journal_check {
	struct sockaddr_un address;
	const char *run_id;
	int fd;			      /* while an answer is awaited */
	struct journal_read *journal; /* while it is read; then these are set: */
	uint64_t after;
	uint64_t barrier;
	uint64_t above; /* from here on it is read; UINT64_MAX: not begun */
	uint64_t at;	/* the number of the entry that was read last */
	uint64_t newest;
};

int journal_check_new(struct journal_check **check, const char *path, const char *run_id)
{
	struct journal_check *c;
	size_t len = strlen(path);

	if (len >= sizeof(c->address.sun_path))
		return -ENAMETOOLONG;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->address.sun_family = AF_UNIX;
	memcpy(c->address.sun_path, path, len);
	c->run_id = run_id;
	c->fd = -1;
	*check = c;
	return 0;
}

static void close_socket(struct journal_check *check)
{
	if (check->fd >= 0)
		close(check->fd);
	check->fd = -1;
}

static void close_journal(struct journal_check *check)
{
	check->journal = journal_read_close(check->journal);
}

struct journal_check *journal_check_free(struct journal_check *check)
{
	if (!check)
		return NULL;
	close_socket(check);
	close_journal(check);
	free(check);
	return NULL;
}

int journal_check_ping(struct journal_check *check)
{
	int r = 0;

	close_socket(check);
	check->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (check->fd < 0)
		return -errno;
	if (connect(check->fd, (const struct sockaddr *)&check->address,
		    sizeof(check->address)) < 0 ||
	    send(check->fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		r = -errno;
	if (r < 0)
		close_socket(check);
	return r;
}

int journal_check_answered(struct journal_check *check)
{
	int waiting;

	if (check->fd < 0)
		return -ENOTCONN;
	/* Memory of what was sent and not yet taken (unix(7)). */
	if (ioctl(check->fd, SIOCOUTQ, &waiting) < 0)
		return -errno;
	if (waiting > 0)
		return 0;
	close_socket(check);
	return 1;
}

/* --- reading --- */

static int match(struct journal_read *journal, const char *run_id)
{
	char pid[16];
	int r;

	/* journald itself puts the pid in: nobody else can give us what isn't there. */
	snprintf(pid, sizeof(pid), "%d", getpid());
	r = journal_read_match(journal, "_PID", pid);
	if (r == 0)
		r = journal_read_match(journal, SINK_JOURNAL_RUN, run_id);
	return r < 0 ? r : journal_read_seek_tail(journal);
}

static bool is_done(const struct journal_check *c)
{
	return c->above <= c->after + 1;
}

/* There is nothing between the entry above and the one with this number. */
static void go_down(struct journal_check *c, uint64_t number, journal_hole_fn *hole,
		    void *userdata)
{
	const uint64_t down = number > c->after ? number : c->after;
	const uint64_t last = c->above <= c->barrier ? c->above - 1 : c->barrier;

	c->at = number;
	if (number >= c->above)
		return;
	if (down < last)
		hole(down + 1, last, userdata);
	c->above = number > c->after ? number : c->after + 1;
}

static int fail(struct journal_check *check, int r, struct reason *reason)
{
	reason_set(reason, "can't read the journal: %s", strerrordesc_np(-r));
	close_journal(check);
	return r;
}

static int read_number(struct journal_read *journal, uint64_t *number)
{
	int64_t n;
	int r = journal_read_number(journal, SINK_JOURNAL_ENTRY, &n);

	if (r == 0 && n <= 0)
		r = -EBADMSG;
	*number = r == 0 ? (uint64_t)n : 0;
	return r;
}

/* The first entry that is met: the newest in the order of the numbers, as one socket
 * keeps the order. 1; 0: there is none; -errno. */
static int begin(struct journal_check *c, journal_hole_fn *hole, void *userdata)
{
	int64_t steps = journal_read_skip_previous(c->journal, 1);
	uint64_t number;
	int r;

	if (steps <= 0)
		return (int)steps;
	r = read_number(c->journal, &number);
	if (r < 0)
		return r;
	c->newest = number;
	go_down(c, number, hole, userdata);
	return 1;
}

/* Are there as many entries as there are numbers? That is counted by the journal's index;
 * the numbers themselves would have to be looked for in each entry. 1; 0, with *steps
 * taken; -errno. */
static int is_whole(struct journal_check *c, uint64_t n, int64_t *steps)
{
	uint64_t number = 0;
	int r = 0;

	*steps = journal_read_skip_previous(c->journal, n);
	if (*steps > 0)
		r = read_number(c->journal, &number);
	if (*steps < 0 || r < 0)
		return r < 0 ? r : (int)*steps;
	return (uint64_t)*steps == n && number == c->above - n;
}

/* Back to the entry that was read last. */
static int return_by(struct journal_check *c, int64_t steps)
{
	uint64_t number;
	int r;

	if (steps == 0)
		return 0;
	if (journal_read_skip_next(c->journal, (uint64_t)steps) != steps)
		return -ESTALE;
	r = read_number(c->journal, &number);
	if (r < 0)
		return r;
	return number == c->at ? 0 : -ESTALE;
}

/* Looks at each entry. */
static int find_holes(struct journal_check *c, uint64_t n, journal_hole_fn *hole,
		      void *userdata)
{
	uint64_t number;
	int64_t steps;
	int r = 0;

	/* Of what is behind the barrier nothing is known. */
	if (c->above > c->barrier + 1)
		c->newest = c->barrier;
	for (; r == 0 && n > 0 && !is_done(c); n--) {
		steps = journal_read_skip_previous(c->journal, 1);
		if (steps < 0)
			return (int)steps;
		number = c->after;
		if (steps > 0)
			r = read_number(c->journal, &number);
		if (r == 0)
			go_down(c, number, hole, userdata);
	}
	return r;
}

static int go_on(struct journal_check *c, journal_hole_fn *hole, void *userdata)
{
	uint64_t n = c->above - c->after - 1;
	int64_t steps;
	int r;

	if (n > JOURNAL_CHECK_PART)
		n = JOURNAL_CHECK_PART;
	r = is_whole(c, n, &steps);
	if (r < 0)
		return r;
	if (r > 0) {
		c->above -= n;
		c->at = c->above;
		return 0;
	}
	r = return_by(c, steps);
	return r < 0 ? r : find_holes(c, n, hole, userdata);
}

int journal_check_begin(struct journal_check *check, const struct journal_where *where,
			uint64_t after, uint64_t barrier, struct reason *reason)
{
	int r;

	close_journal(check);
	r = journal_read_open(&check->journal, where, reason);
	if (r < 0)
		return r;
	check->after = after;
	check->barrier = barrier;
	check->above = UINT64_MAX;
	check->newest = 0;
	r = match(check->journal, check->run_id);
	if (r < 0)
		return fail(check, r, reason);
	return 0;
}

int journal_check_read(struct journal_check *check, uint64_t *newest,
		       journal_hole_fn *hole, void *userdata, struct reason *reason)
{
	int r = 1;

	*newest = 0;
	if (!check->journal)
		return fail(check, -ENOTCONN, reason);
	if (check->above == UINT64_MAX)
		r = begin(check, hole, userdata);
	if (r > 0 && !is_done(check))
		r = go_on(check, hole, userdata) ?: 1;
	if (r < 0)
		return fail(check, r, reason);
	if (r > 0 && !is_done(check))
		return -EINPROGRESS;
	*newest = check->newest;
	close_journal(check);
	return r;
}
