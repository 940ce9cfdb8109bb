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
	int fd; /* while an answer is awaited */
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

struct journal_check *journal_check_free(struct journal_check *check)
{
	if (!check)
		return NULL;
	close_socket(check);
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

static int read_number(struct journal_read *journal, uint64_t *number)
{
	int64_t n;
	int r = journal_read_number(journal, SINK_JOURNAL_ENTRY, &n);

	if (r == 0 && n <= 0)
		r = -EBADMSG;
	*number = r == 0 ? (uint64_t)n : 0;
	return r;
}

/* Are there as many entries behind after as there must be? That is counted by the
 * journal's index; the numbers themselves would have to be looked for in each entry. 1 or
 * 0, or -errno. */
static int is_whole(struct journal_read *journal, uint64_t after, uint64_t newest)
{
	uint64_t oldest = 0;
	int64_t steps = journal_read_skip_previous(journal, newest - after);
	int r = steps < 0 ? (int)steps : read_number(journal, &oldest);

	if (r < 0)
		return r;
	return oldest <= after + 1 && newest - oldest == (uint64_t)steps;
}

/* Looks at each entry, from the newest. 0 or -errno. */
static int find_holes(struct journal_read *journal, uint64_t after, uint64_t barrier,
		      journal_hole_fn *hole, void *userdata)
{
	uint64_t above = barrier + 1, number = UINT64_MAX;
	int64_t steps;
	int r = journal_read_seek_tail(journal);

	while (r == 0 && number > after) {
		steps = journal_read_skip_previous(journal, 1);
		if (steps < 0)
			return (int)steps;
		if (steps == 0)
			break;
		r = read_number(journal, &number);
		if (r < 0 || number >= above)
			continue;
		if (number + 1 < above)
			hole((number > after ? number : after) + 1, above - 1, userdata);
		above = number;
	}
	if (r == 0 && number > after && after + 1 < above)
		hole(after + 1, above - 1, userdata);
	return r;
}

/* In the order of the numbers the newest is the last, as one socket keeps the order. */
static int compare(struct journal_read *journal, uint64_t after, uint64_t barrier,
		   uint64_t *newest, journal_hole_fn *hole, void *userdata)
{
	int64_t steps = journal_read_skip_previous(journal, 1);
	int r;

	if (steps <= 0)
		return (int)steps;
	r = read_number(journal, newest);
	if (r < 0)
		return r;
	if (*newest <= after) {
		hole(after + 1, barrier, userdata);
		return 1;
	}
	r = is_whole(journal, after, *newest);
	if (r < 0)
		return r;
	if (r == 0) {
		r = find_holes(journal, after, barrier, hole, userdata);
		/* Of what is behind the barrier nothing is known. */
		*newest = barrier;
		return r < 0 ? r : 1;
	}
	if (*newest < barrier)
		hole(*newest + 1, barrier, userdata);
	return 1;
}

int journal_check_read(const struct journal_check *check,
		       const struct journal_where *where, uint64_t after,
		       uint64_t barrier, uint64_t *newest, journal_hole_fn *hole,
		       void *userdata, struct reason *reason)
{
	struct journal_read *journal = NULL;
	int r = journal_read_open(&journal, where, reason);

	*newest = 0;
	if (r < 0)
		return r;
	r = match(journal, check->run_id);
	if (r == 0)
		r = compare(journal, after, barrier, newest, hole, userdata);
	if (r < 0)
		reason_set(reason, "can't read the journal: %s", strerrordesc_np(-r));
	journal_read_close(journal);
	return r;
}
