/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/choose.h"
#include "cli/gather_items.h"
#include "core/select.h"
#include "io/now.h"
#include "io/procfs.h"

#define COMM_LEN	  15
#define CONTAINER_LEN_MIN 12
/* Entries that are looked at for others of a name. */
#define NAMESAKES_MAX  1000
#define CONTAINERS_MAX 16
#define SEC	       1000000LL

/* A field, and what says that it isn't anybody's word; NULL: journald's own says it. */
struct known_by {
	const char *key, *who, *is;
};

/* Is there an entry in which one of these fields has this value? */
static bool is_known(struct gather *g, const struct known_by *by, size_t n,
		     const char *value, const struct gather_place *place)
{
	bool known;

	for (size_t i = 0; i < n; i++) {
		if (i)
			(void)journal_read_or(g->journal);
		items_match_place(g, place);
		(void)journal_read_match(g->journal, by[i].key, value);
		if (by[i].who)
			(void)journal_read_match(g->journal, by[i].who, by[i].is);
	}
	known = journal_read_seek_tail(g->journal) >= 0 &&
		journal_read_previous(g->journal, g->entry) > 0;
	journal_read_flush_matches(g->journal);
	return known;
}

static bool knows_unit(struct gather *g, const char *unit,
		       const struct gather_place *place)
{
	static const struct known_by by[] = {
		{ "UNIT", "_PID", "1" },
		{ "USER_UNIT", "_SYSTEMD_USER_UNIT", "init.scope" },
		{ "_SYSTEMD_UNIT", NULL, NULL },
		{ "_SYSTEMD_USER_UNIT", NULL, NULL },
		{ "TARGET_UNIT", "_UID", "0" },
		{ "TARGET_USER_UNIT", "_UID", "0" },
	};

	return is_known(g, by, sizeof(by) / sizeof(by[0]), unit, place);
}

/* --- containers --- */

/* The ids that begin so; the exact one is always among them. */
struct sought {
	const char *prefix;
	char found[CONTAINERS_MAX][256];
	size_t n;
};

static void on_container(const char *value, size_t len, void *userdata)
{
	struct sought *sought = userdata;
	size_t n = strlen(sought->prefix);

	if (len < n || len >= sizeof(sought->found[0]) ||
	    memcmp(value, sought->prefix, n) || (sought->n == CONTAINERS_MAX && len > n))
		return;
	if (sought->n == CONTAINERS_MAX)
		sought->n--;
	memcpy(sought->found[sought->n], value, len);
	sought->found[sought->n++][len] = '\0';
}

static bool find_container(struct gather *g, const char *name,
			   struct review_subject *subject)
{
	static const struct known_by by = { "TARGET_CONTAINER", "_UID", "0" };
	struct sought sought = { .prefix = name };
	const char *found = NULL;

	if (strlen(name) >= CONTAINER_LEN_MIN)
		(void)journal_read_values(g->journal, "TARGET_CONTAINER", on_container,
					  &sought);
	/* Anybody may log a longer one. */
	for (size_t i = 0; i < sought.n; i++) {
		if (is_known(g, &by, 1, sought.found[i], NULL))
			found = sought.found[i];
	}
	if (!found)
		return false;
	snprintf(g->name, sizeof(g->name), "%s", found);
	subject->kind = SUBJECT_CONTAINER;
	subject->name = g->name;
	subject->known = true;
	return true;
}

/* --- processes --- */

/* The newest of that name that something is known of. */
static int find_name(struct gather *g, const struct gather_want *want,
		     struct review_subject *subject)
{
	char comm[COMM_LEN + 1];
	struct signal_event ev;
	int r;

	snprintf(comm, sizeof(comm), "%s", subject->name);
	items_match_place(g, want->place);
	(void)journal_read_match_ours(g->journal, EVENT_SIGNAL | EVENT_DEATH);
	(void)journal_read_match(g->journal, "TARGET_COMM", comm);
	r = number_known(want->until_usec)
		    ? journal_read_seek(g->journal, want->until_usec)
		    : journal_read_seek_tail(g->journal);
	if (r >= 0)
		r = journal_read_previous(g->journal, g->entry);
	for (int i = 0; r > 0 && i < NAMESAKES_MAX && !subject->has_others; i++) {
		if (entry_event(g->entry, &ev) == 0) {
			subject->has_others =
				subject->known && ev.target.pid != subject->pid;
			if (!subject->known) {
				subject->pid = ev.target.pid;
				/* Another host's process may have that number, too. */
				(void)items_place_of(g->entry, &g->found);
			}
			subject->known = true;
		}
		r = journal_read_previous(g->journal, g->entry);
	}
	journal_read_flush_matches(g->journal);
	return r < 0 ? r : 0;
}

static bool is_number(const char *name)
{
	return name[0] && strspn(name, "0123456789") == strlen(name);
}

static void take_unit(struct gather *g, const char *unit, struct review_subject *subject)
{
	snprintf(g->name, sizeof(g->name), "%s", unit);
	subject->kind = SUBJECT_UNIT;
	subject->name = subject->unit = g->name;
}

int gather_find(struct gather *g, const char *name, const struct gather_want *want,
		struct review_subject *subject)
{
	char *unit;

	*subject = (struct review_subject){ .pid = NUMBER_ABSENT };
	g->found = (struct gather_place){ "" };
	if (is_number(name)) {
		subject->kind = SUBJECT_PID;
		subject->pid = strtoll(name, NULL, 10);
		return 0;
	}
	unit = choose_unit_name(name);
	if (!unit)
		return -ENOMEM;
	subject->known = knows_unit(g, unit, want->place);
	if (subject->known || who_is_unit_name(name)) {
		take_unit(g, unit, subject);
		free(unit);
		return 0;
	}
	free(unit);
	if (find_container(g, name, subject))
		return 0;
	snprintf(g->name, sizeof(g->name), "%s", name);
	subject->kind = SUBJECT_NAME;
	subject->name = g->name;
	return find_name(g, want, subject);
}

/* --- what runs now --- */

bool gather_lives(const struct gather *g, const struct review_subject *subject)
{
	int64_t began, last = INT64_MAX;
	struct proc_stat stat;
	int proc_fd, r;

	if (!number_known(subject->pid) || subject->pid <= 0)
		return false;
	proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0)
		return false;
	r = procfs_stat(proc_fd, (pid_t)subject->pid, &stat);
	close(proc_fd);
	if (r < 0 || stat.exiting)
		return false;
	for (size_t i = 0; i < g->n; i++) {
		const struct signal_event *ev = g->items[i].event;

		if (ev && review_is_about(subject, ev))
			last = ev->time_usec;
	}
	/* Younger than the last that is known of that number: another process. */
	began = (int64_t)(stat.start_ticks * SEC / sysconf(_SC_CLK_TCK)) +
		now_read_usec(CLOCK_REALTIME) - now_read_usec(CLOCK_BOOTTIME);
	return began <= last;
}
