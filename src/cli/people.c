/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/people.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "cli/origin.h"
#include "core/buffer.h"

/* A name stands in the slot of its uid, until another needs that. */
#define NAME_SLOTS	256
#define PASSWD_SIZE_MAX (1024 * 1024)

struct name {
	int64_t uid; /* NUMBER_ABSENT: empty */
	char *text;  /* NULL: the uid has none */
};

/* The same for sessions of one boot. */
#define SESSION_SLOTS 64

struct session {
	int64_t id; /* NUMBER_ABSENT: empty */
	struct buffer origin;
};

#define BOOT_LEN 32

struct people {
	struct name names[NAME_SLOTS];
	struct buffer passwd;
	struct session sessions[SESSION_SLOTS];
	char boot[BOOT_LEN + 1];
	const struct journal_where *where;
	struct journal_read *journal; /* opened when it is first needed */
};

static void forget_sessions(struct people *people)
{
	for (size_t i = 0; i < SESSION_SLOTS; i++)
		people->sessions[i].id = NUMBER_ABSENT;
}

int people_new(struct people **people)
{
	struct people *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < NAME_SLOTS; i++)
		p->names[i].uid = NUMBER_ABSENT;
	forget_sessions(p);
	*people = p;
	return 0;
}

struct people *people_free(struct people *people)
{
	if (!people)
		return NULL;
	for (size_t i = 0; i < NAME_SLOTS; i++)
		free(people->names[i].text);
	for (size_t i = 0; i < SESSION_SLOTS; i++)
		buffer_free(&people->sessions[i].origin);
	buffer_free(&people->passwd);
	journal_read_close(people->journal);
	free(people);
	return NULL;
}

/* The name service's answer, NULL where it has none; the caller's. */
static char *look_up(struct buffer *room, uid_t uid)
{
	size_t size = 1024;
	struct passwd entry;
	struct passwd *found = NULL;
	int error;

	do {
		buffer_reset(room);
		if (buffer_reserve(room, size) < 0)
			return NULL;
		error = getpwuid_r(uid, &entry, room->data, size, &found);
		size *= 2;
	} while (error == ERANGE && size <= PASSWD_SIZE_MAX);
	return error == 0 && found && found->pw_name[0] ? strdup(found->pw_name) : NULL;
}

const char *people_user(struct people *people, int64_t uid)
{
	struct name *name;

	if (uid < 0 || uid >= UINT32_MAX)
		return NULL;
	name = &people->names[uid % NAME_SLOTS];
	if (name->uid != uid) {
		free(name->text);
		name->text = look_up(&people->passwd, (uid_t)uid);
		name->uid = uid;
	}
	return name->text;
}

void people_look_in(struct people *people, const struct journal_where *where)
{
	people->where = where;
}

void people_set_boot(struct people *people, const char *boot)
{
	if (!boot || strlen(boot) != BOOT_LEN)
		boot = "";
	if (strcmp(boot, people->boot) == 0)
		return;
	strcpy(people->boot, boot);
	forget_sessions(people);
}

/* A journal that can't be read says nothing; it isn't tried again. */
static void look_up_session(struct people *people, struct session *session)
{
	if (!people->journal &&
	    journal_read_open(&people->journal, people->where, NULL) < 0) {
		people->where = NULL;
		return;
	}
	if (origin_find(&session->origin, people->journal, people->boot, session->id) < 0)
		buffer_reset(&session->origin);
}

const char *people_session(struct people *people, int64_t id)
{
	struct session *session;

	if (id < 0 || !people->boot[0] || !people->where)
		return NULL;
	session = &people->sessions[id % SESSION_SLOTS];
	if (session->id != id) {
		session->id = id;
		buffer_reset(&session->origin);
		look_up_session(people, session);
	}
	return session->origin.len ? session->origin.data : NULL;
}
