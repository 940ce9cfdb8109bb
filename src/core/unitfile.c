/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/unitfile.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/signame.h"

static struct bytes trim(struct bytes b)
{
	while (b.len && strchr(" \t\r", b.data[0])) {
		b.data++;
		b.len--;
	}
	while (b.len && strchr(" \t\r", b.data[b.len - 1]))
		b.len--;
	return b;
}

static bool is(struct bytes b, const char *word)
{
	return b.len == strlen(word) && memcmp(b.data, word, b.len) == 0;
}

/* The value as a string; empty where it doesn't fit. */
static void copy(char *text, size_t size, struct bytes value)
{
	if (value.len >= size)
		value.len = 0;
	memcpy(text, value.data, value.len);
	text[value.len] = '\0';
}

static void take_setting(struct bytes line, struct unit_settings *settings)
{
	const char *sign = memchr(line.data, '=', line.len);
	struct bytes key, value;
	char name[SIGNAME_SIZE];
	int signo;

	if (!sign)
		return;
	key = trim((struct bytes){ line.data, sign - line.data });
	value = trim((struct bytes){ sign + 1, line.data + line.len - sign - 1 });
	if (is(key, "PIDFile")) {
		copy(settings->pid_file, sizeof(settings->pid_file), value);
	} else if (is(key, "KillSignal")) {
		copy(name, sizeof(name), value);
		signo = signame_parse(name);
		settings->kill_signal = signo > 0 ? signo : 0;
	}
}

void unitfile_parse(const char *text, size_t len, struct unit_settings *settings)
{
	bool in_service = false, continues = false;

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		struct bytes line = trim((struct bytes){ text, n });
		bool comment = line.len && strchr("#;", line.data[0]);
		bool continued = continues;

		/* A comment within a value that goes on doesn't end it. */
		if (!comment)
			continues = line.len && line.data[line.len - 1] == '\\';
		if (line.len && !comment && !continued && !continues) {
			if (line.data[0] == '[')
				in_service = is(line, "[Service]");
			else if (in_service)
				take_setting(line, settings);
		}
		text += n + (end != NULL);
		len -= n + (end != NULL);
	}
}

/* A part of the unit's name: from its first '@' on or up to there, without the suffix. */
static struct bytes name_part(const char *unit, bool instance)
{
	const char *dot = strrchr(unit, '.');
	const char *end = dot ? dot : unit + strlen(unit);
	const char *at = memchr(unit, '@', end - unit);

	if (instance)
		return at ? (struct bytes){ at + 1, end - at - 1 }
			  : (struct bytes){ end, 0 };
	return (struct bytes){ unit, (at ? at : end) - unit };
}

/* What a specifier stands for; no data for one that isn't known. */
static struct bytes specifier(char c, const char *unit)
{
	const char *dot = strrchr(unit, '.');

	switch (c) {
	case 't':
		return bytes_of("/run");
	case 'n':
		return bytes_of(unit);
	case 'N':
		return (struct bytes){ unit, dot ? (size_t)(dot - unit) : strlen(unit) };
	case 'p':
		return name_part(unit, false);
	case 'i':
		return name_part(unit, true);
	case '%':
		return bytes_of("%");
	default:
		return (struct bytes){ 0 };
	}
}

int unitfile_pid_path(const struct unit_settings *settings, const char *unit,
		      char path[UNITFILE_PATH_SIZE])
{
	const char *p = settings->pid_file;
	size_t len = 0;

	if (!*p)
		return -ENOENT;
	if (*p != '/' && strncmp(p, "%t", 2) != 0)
		len = (size_t)snprintf(path, UNITFILE_PATH_SIZE, "/run/");
	for (; *p; p++) {
		struct bytes part = { p, 1 };

		if (*p == '%') {
			part = specifier(*++p, unit);
			if (!part.data)
				return -EINVAL;
		}
		if (len + part.len >= UNITFILE_PATH_SIZE)
			return -E2BIG;
		memcpy(path + len, part.data, part.len);
		len += part.len;
	}
	path[len] = '\0';
	return 0;
}
