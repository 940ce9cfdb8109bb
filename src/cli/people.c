/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/people.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"

/* A name stands in the slot of its uid, until another needs that. */
#define NAME_SLOTS	256
#define PASSWD_SIZE_MAX (1024 * 1024)

struct name {
	int64_t uid; /* NUMBER_ABSENT: empty */
	char *text;  /* NULL: the uid has none */
};

struct people {
	struct name names[NAME_SLOTS];
	struct buffer passwd;
};

int people_new(struct people **people)
{
	struct people *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < NAME_SLOTS; i++)
		p->names[i].uid = NUMBER_ABSENT;
	*people = p;
	return 0;
}

struct people *people_free(struct people *people)
{
	if (!people)
		return NULL;
	for (size_t i = 0; i < NAME_SLOTS; i++)
		free(people->names[i].text);
	buffer_free(&people->passwd);
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
