/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/quote.h"

#define COMM_MAX 15 /* TASK_COMM_LEN without its NUL (include/linux/sched.h) */

void select_init(struct select *select)
{
	*select = (struct select){
		.since_usec = NUMBER_ABSENT,
		.until_usec = NUMBER_ABSENT,
	};
}

bool who_is_unit_name(const char *name)
{
	static const char *const suffixes[] = {
		".service", ".scope", ".socket", ".slice",     ".mount",  ".swap",
		".target",  ".timer", ".path",	 ".automount", ".device",
	};
	const char *dot = strrchr(name, '.');

	if (!dot || dot == name)
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strcmp(dot, suffixes[i]) == 0)
			return true;
	}
	return false;
}

static int parse_pid(struct who *who, const char *text, struct reason *reason)
{
	struct buffer shown = { 0 };
	unsigned long long pid;

	errno = 0;
	pid = strtoull(text, NULL, 10);
	if (errno == 0 && pid <= INT32_MAX) {
		who->kind = WHO_PID;
		who->pid = (int64_t)pid;
		return 0;
	}
	reason_set(reason, "%s is no process id: those end at %d",
		   quote_value(&shown, text), INT32_MAX);
	buffer_free(&shown);
	return -EINVAL;
}

int who_parse(struct who *who, const char *text, struct reason *reason)
{
	if (!*text) {
		reason_set(reason,
			   "whom? An empty name is nobody's; give a pid, an exe's "
			   "path, a unit or a name");
		return -EINVAL;
	}
	*who = (struct who){ .text = text };
	if (text[strspn(text, "0123456789")] == '\0')
		return parse_pid(who, text, reason);
	if (text[0] == '/')
		who->kind = WHO_EXE;
	else
		who->kind = who_is_unit_name(text) ? WHO_UNIT : WHO_NAME;
	return 0;
}

static bool is(const char *value, const char *wanted)
{
	return value && strcmp(value, wanted) == 0;
}

/* The kernel's path of a file that was removed since ends so (d_path() in fs/d_path.c).
 */
static size_t exe_len(const char *exe)
{
	static const char deleted[] = " (deleted)";
	const size_t len = strlen(exe);
	const size_t deleted_len = sizeof(deleted) - 1;

	if (len > deleted_len && strcmp(exe + len - deleted_len, deleted) == 0)
		return len - deleted_len;
	return len;
}

bool who_exe_is(const char *exe, const char *path)
{
	size_t len = strlen(path);

	return strncmp(exe, path, len) == 0 && (exe[len] == '\0' || exe_len(exe) == len);
}

bool who_exe_ends(const char *exe, const char *name)
{
	const char *slash = strrchr(exe, '/');

	return slash && who_exe_is(slash + 1, name);
}

bool who_comm_is(const char *comm, const char *name)
{
	return strlen(comm) <= COMM_MAX ? strncmp(comm, name, COMM_MAX) == 0
					: strcmp(comm, name) == 0;
}

static bool has_name(const char *name, const struct party *party)
{
	return (party->comm && who_comm_is(party->comm, name)) ||
	       (party->thread && who_comm_is(party->thread, name)) ||
	       (party->exe && who_exe_ends(party->exe, name));
}

bool who_matches(const struct who *who, const struct party *party)
{
	switch (who->kind) {
	case WHO_ANY:
		return true;
	case WHO_PID:
		return party->pid == who->pid || party->tid == who->pid;
	case WHO_EXE:
		return party->exe && who_exe_is(party->exe, who->text);
	case WHO_UNIT:
		return is(party->unit, who->text) || is(party->user_unit, who->text) ||
		       is(party->slice, who->text);
	case WHO_NAME:
		return has_name(who->text, party);
	}
	return false;
}

/* The number that was given for a process or thread: all that is known of a target that
 * nobody found. */
static bool matches_argument(const struct who *who, const struct signal_event *ev)
{
	return who->kind == WHO_PID && ev->argument == who->pid &&
	       (ev->scope == SCOPE_PROCESS || ev->scope == SCOPE_THREAD);
}

static bool matches_target(const struct who *who, const struct signal_event *ev)
{
	if (who->kind == WHO_ANY)
		return true;
	return ev->has_target ? who_matches(who, &ev->target) : matches_argument(who, ev);
}

static bool matches_unit(const char *unit, const struct signal_event *ev)
{
	return ev->has_target &&
	       (is(ev->target.unit, unit) || is(ev->target.user_unit, unit));
}

/* Is any of the time that the event stands for within the bounds? */
static bool matches_times(const struct select *select, const struct signal_event *ev)
{
	int64_t from = ev->time_usec;

	if (number_known(select->since_usec) && ev->time_usec < select->since_usec)
		return false;
	/* The entry "started" has a begin alone, which is no span. */
	if (ev->kind == EVENT_TRAIL && number_known(ev->trail.until_usec) &&
	    number_known(ev->trail.since_usec))
		from = ev->trail.since_usec;
	else if (number_known(ev->since_usec))
		from = ev->since_usec;
	return !number_known(select->until_usec) || from <= select->until_usec;
}

bool select_is_any(const struct select *select)
{
	return select->sender.kind == WHO_ANY && select->target.kind == WHO_ANY &&
	       !select->unit && !select->has_signals && !select->failed;
}

bool select_matches(const struct select *select, const struct signal_event *ev)
{
	if (!matches_times(select, ev))
		return false;
	if (ev->kind == EVENT_TRAIL)
		return select_is_any(select);
	if (ev->kind == EVENT_DEATH && (select->sender.kind != WHO_ANY || select->failed))
		return false;
	if (select->failed && (!number_known(ev->result) || ev->result == 0))
		return false;
	if (select->has_signals && !signal_set_has(&select->signals, ev->signo))
		return false;
	if (select->unit && !matches_unit(select->unit, ev))
		return false;
	return who_matches(&select->sender, &ev->sender) &&
	       matches_target(&select->target, ev);
}
