/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/message.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/fields.h"
#include "suite.h"

static const char *const ids[] = {
	MESSAGE_SIGNAL,	 MESSAGE_REPEATED,   MESSAGE_DIED,  MESSAGE_STARTED,
	MESSAGE_STOPPED, MESSAGE_INCOMPLETE, MESSAGE_RULES, MESSAGE_SOURCE,
};

static struct signal_event ev;

START_TEST(message_id_tells_the_kinds_apart)
{
	event_init(&ev, EVENT_SIGNAL, 1);
	ck_assert_str_eq(message_id(&ev), MESSAGE_SIGNAL);
	ev.repeated = 1;
	ck_assert_str_eq(message_id(&ev), MESSAGE_REPEATED);
	event_init(&ev, EVENT_DEATH, 1);
	ck_assert_str_eq(message_id(&ev), MESSAGE_DIED);
	event_init_trail(&ev, TRAIL_STARTED, 1);
	ck_assert_str_eq(message_id(&ev), MESSAGE_STARTED);
	event_init_trail(&ev, TRAIL_STOPPED, 1);
	ck_assert_str_eq(message_id(&ev), MESSAGE_STOPPED);
	event_init_trail(&ev, TRAIL_INCOMPLETE, 1);
	ck_assert_str_eq(message_id(&ev), MESSAGE_INCOMPLETE);
	event_init_trail(&ev, TRAIL_RULES, 1);
	ck_assert_str_eq(message_id(&ev), MESSAGE_RULES);
	event_init_trail(&ev, TRAIL_SOURCE, 1);
	ck_assert_str_eq(message_id(&ev), MESSAGE_SOURCE);
}
END_TEST

START_TEST(message_priority_is_5_for_signals_that_end_a_process)
{
	static const int harmless[] = { 0,	  SIGCHLD, SIGCONT, SIGURG,
					SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN,
					SIGTTOU,  65,	   -1 };

	event_init(&ev, EVENT_SIGNAL, 1);
	ck_assert_int_eq(message_priority(&ev), 6);
	for (int signo = 1; signo <= 64; signo++) {
		int expected = 5;

		for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
			expected = harmless[i] == signo ? 6 : expected;
		ev.signo = signo;
		ck_assert_int_eq(message_priority(&ev), expected);
	}
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		ev.signo = harmless[i];
		ck_assert_int_eq(message_priority(&ev), 6);
	}
	event_init(&ev, EVENT_DEATH, 1);
	ck_assert_int_eq(message_priority(&ev), 5);
}
END_TEST

START_TEST(message_priority_is_4_for_what_needs_a_look)
{
	static const char *const notes[] = { "thread-target", "escalation=10.0s",
					     "stale-pidfile",
					     "stale-pidfile=/run/x.pid" };

	event_init(&ev, EVENT_SIGNAL, 1);
	ev.signo = SIGCHLD;
	ev.n_notes = 2;
	ev.notes[0] = "harmless";
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		ev.notes[1] = notes[i];
		ck_assert_int_eq(message_priority(&ev), 4);
	}
	ev.notes[1] = "escalations";
	ck_assert_int_eq(message_priority(&ev), 6);
	event_init_trail(&ev, TRAIL_INCOMPLETE, 1);
	ck_assert_int_eq(message_priority(&ev), 4);
	event_init_trail(&ev, TRAIL_RULES, 1);
	ck_assert_int_eq(message_priority(&ev), 4);
	event_init_trail(&ev, TRAIL_STOPPED, 1);
	ck_assert_int_eq(message_priority(&ev), 6);
}
END_TEST

static FILE *open_catalog(void)
{
	const char *root = getenv("SOURCE_ROOT");
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/systemd/sigtrail.catalog", root ? root : ".");
	f = fopen(path, "re");
	ck_assert_msg(f != NULL, "%s: can't be read; set SOURCE_ROOT", path);
	return f;
}

START_TEST(message_catalog_has_each_id_once_and_no_other)
{
	FILE *f = open_catalog();
	int seen[sizeof(ids) / sizeof(ids[0])] = { 0 };
	char line[512];

	while (fgets(line, sizeof(line), f)) {
		bool known = false;

		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "-- ", 3) != 0)
			continue;
		for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
			if (strcmp(line + 3, ids[i]) == 0) {
				seen[i]++;
				known = true;
			}
		}
		ck_assert_msg(known, "unknown: %s", line);
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		ck_assert_msg(seen[i] == 1, "%s is there %d times", ids[i], seen[i]);
	fclose(f);
}
END_TEST

/* journalctl -x prints the fields' bytes as they are: only those that no process chooses.
 */
static bool is_harmless(const char *name)
{
	size_t n;
	const struct field *table = fields_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(table[i].journal, name) == 0)
			return table[i].type != FIELD_STRING &&
			       table[i].type != FIELD_ARGS && table[i].type != FIELD_SET;
	}
	return false;
}

START_TEST(message_catalog_refers_only_to_fields_that_no_process_chooses)
{
	FILE *f = open_catalog();
	char line[512];
	int references = 0;

	while (fgets(line, sizeof(line), f)) {
		char *at = line[0] == '#' ? NULL : strchr(line, '@');

		for (; at; at = strchr(at, '@')) {
			char *name = at + 1;

			at = strchr(name, '@');
			ck_assert_msg(at != NULL, "one @ alone: %s", name);
			*at++ = '\0';
			ck_assert_msg(is_harmless(name), "@%s@", name);
			references++;
		}
	}
	ck_assert_int_gt(references, 5);
	fclose(f);
}
END_TEST

SUITE("message", message_id_tells_the_kinds_apart,
      message_priority_is_5_for_signals_that_end_a_process,
      message_priority_is_4_for_what_needs_a_look,
      message_catalog_has_each_id_once_and_no_other,
      message_catalog_refers_only_to_fields_that_no_process_chooses)
