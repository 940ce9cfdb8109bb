/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/origin.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/digits.h"

/* logind's "a new session was created", which names the session's first process. */
#define SESSION_START "8d45620c1a4348dbb17410da57c60c66"

/* So many entries of a session or process are looked at, and no more. */
#define ENTRIES_MAX 64

#define NUMBER_SIZE 24

/* What begins sessions of its own, by the last part of its _EXE: a link to a setuid
 * program may give that any _COMM. su and sudo stay in the session that they were typed
 * in. */
static const struct {
	const char *exe;
	const char *shown;
} programs[] = {
	{ "sshd", "sshd" },
	{ "sshd-session", "sshd" },
	{ "login", "login" },
	{ "cron", "cron" },
	{ "crond", "cron" },
	{ "atd", "at" },
	{ "systemd", "systemd" },
	{ "systemd-executor", "systemd" },
	{ "gdm-session-worker", "gdm" },
	{ "lightdm", "lightdm" },
	{ "sddm-helper", "sddm" },
};

struct search {
	struct journal_read *journal;
	struct entry *entry;
	const char *boot;
};

/* The program that the entry is from, where it is one that begins sessions and ran as
 * root; else NULL. */
static const char *program_of(const struct entry *entry)
{
	const char *exe = entry_string(entry, "_EXE");
	const char *slash = exe ? strrchr(exe, '/') : NULL;

	if (entry_number(entry, "_UID") != 0 || !slash)
		return NULL;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (strcmp(slash + 1, programs[i].exe) == 0)
			return programs[i].shown;
	}
	return NULL;
}

/* "Accepted publickey for alice from 10.0.0.5 port 50022 ssh2: ..." */
static bool add_address(struct buffer *out, const char *message)
{
	const char *from;
	const char *port;

	if (!message || strncmp(message, "Accepted ", strlen("Accepted ")) != 0)
		return false;
	from = strstr(message, " from ");
	port = from ? strstr(from, " port ") : NULL;
	if (!port)
		return false;
	port += strlen(" port ");
	buffer_add(out, from, port - from + strspn(port, "0123456789"));
	return true;
}

/* Matches what this field says in this boot, the first to come. 0 or -errno. */
static int look_for(const struct search *s, const char *key, int64_t number)
{
	char value[NUMBER_SIZE];
	int r;

	snprintf(value, sizeof(value), "%lld", (long long)number);
	journal_read_flush_matches(s->journal);
	r = journal_read_match(s->journal, "_BOOT_ID", s->boot);
	if (r == 0)
		r = journal_read_match(s->journal, key, value);
	return r;
}

/* The entries of a process at that time and before it, the newest first: process ids come
 * again. */
static int look_back(const struct search *s, int64_t pid, int64_t time_usec)
{
	int r = look_for(s, "_PID", pid);

	return r == 0 ? journal_read_seek(s->journal, time_usec + 1) : r;
}

/* The address that sshd accepted the session's client from. */
static int find_address(struct buffer *out, const struct search *s, int64_t pid,
			int64_t time_usec)
{
	int r = look_back(s, pid, time_usec);

	for (int i = 0; r == 0 && i < ENTRIES_MAX; i++) {
		r = journal_read_previous(s->journal, s->entry);
		if (r <= 0)
			return r;
		r = program_of(s->entry) &&
		    add_address(out, entry_string(s->entry, "MESSAGE"));
	}
	return r < 0 ? r : 0;
}

/* The process that began the session, its program and when: by what logind said. 1, 0 or
 * -errno. */
static int find_leader(const struct search *s, int64_t session, int64_t *pid,
		       int64_t *time_usec)
{
	int r = look_for(s, "SESSION_ID", session);

	if (r == 0)
		r = journal_read_match(s->journal, "MESSAGE_ID", SESSION_START);
	if (r == 0)
		r = journal_read_match(s->journal, "_UID", "0");
	if (r == 0)
		r = journal_read_seek_head(s->journal);
	if (r == 0)
		r = journal_read_next(s->journal, s->entry);
	if (r <= 0)
		return r;
	*pid = entry_number(s->entry, "LEADER");
	*time_usec = entry_realtime_usec(s->entry);
	return number_known(*pid);
}

/* The first entry of the session that is from a program that begins sessions. 1, 0 or
 * -errno. */
static int find_program(const struct search *s, int64_t session, const char **program,
			int64_t *pid, int64_t *time_usec)
{
	int r = look_for(s, "_AUDIT_SESSION", session);

	if (r == 0)
		r = journal_read_seek_head(s->journal);
	for (int i = 0; r == 0 && i < ENTRIES_MAX; i++) {
		r = journal_read_next(s->journal, s->entry);
		if (r <= 0)
			return r;
		*program = program_of(s->entry);
		*pid = entry_number(s->entry, "_PID");
		*time_usec = entry_realtime_usec(s->entry);
		r = *program && number_known(*pid);
	}
	return r;
}

/* The program that the session's first process was then. 1, 0 or -errno. */
static int find_leaders_program(const struct search *s, int64_t session,
				const char **program, int64_t *pid, int64_t *time_usec)
{
	int r = find_leader(s, session, pid, time_usec);

	if (r <= 0)
		return r;
	r = look_back(s, *pid, *time_usec);
	for (int i = 0; r == 0 && i < ENTRIES_MAX; i++) {
		r = journal_read_previous(s->journal, s->entry);
		if (r <= 0)
			return r;
		*program = program_of(s->entry);
		r = *program != NULL;
	}
	return r;
}

static int find(struct buffer *out, const struct search *s, int64_t session)
{
	const char *program = NULL;
	int64_t time_usec = 0;
	int64_t pid = NUMBER_ABSENT;
	int r;

	r = find_program(s, session, &program, &pid, &time_usec);
	if (r == 0)
		r = find_leaders_program(s, session, &program, &pid, &time_usec);
	if (r <= 0)
		return r;
	buffer_add_string(out, "by ");
	buffer_add_string(out, program);
	return strcmp(program, "sshd") == 0 ? find_address(out, s, pid, time_usec) : 0;
}

int origin_find(struct buffer *out, struct journal_read *journal, const char *boot,
		int64_t session)
{
	struct search search = { .journal = journal, .boot = boot };
	int r = entry_new(&search.entry);

	if (r == 0)
		r = find(out, &search, session);
	entry_free(search.entry);
	return r < 0 ? r : 0;
}
