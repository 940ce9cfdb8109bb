/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the view exports is read back out of the journal that is made of it. */
#include <signal.h>
#include <stdlib.h>

#include "cli/view.h"
#include "core/entry.h"
#include "core/json.h"
#include "io/journal_read.h"
#include "journal.h"
#include "suite.h"

#define TIME 1795300047191000

static struct buffer expected;
static struct buffer found;

static void write_event(struct sink *view, const struct signal_event *ev)
{
	ck_assert_int_eq(sink_write(view, ev), 0);
	ck_assert_int_eq(json_line(&expected, ev), 0);
}

static void write_all(struct sink *view)
{
	struct signal_event ev;
	size_t n;

	event_init(&ev, EVENT_SIGNAL, TIME);
	ev.call = sigcall_table(&n);
	ev.serial = 5;
	ev.result = 0;
	ev.signo = SIGTERM;
	ev.argument = 6;
	ev.has_target = true;
	ev.node = "web1";
	ev.notes[ev.n_notes++] = "thread-target";
	ev.sender.pid = 5;
	ev.sender.auid = NUMBER_NULL;
	ev.sender.comm = "x\ny\x1b\xff=";
	ev.sender.cmdline = (struct bytes){ "x\0-f\0a\nb", 8 };
	ev.target.pid = 6;
	ev.target.comm = "";
	ev.target.unit = "y.service";
	write_event(view, &ev);
	event_init(&ev, EVENT_DEATH, TIME + 1);
	ev.has_target = true;
	ev.signo = SIGSEGV;
	ev.reason = "core dump";
	ev.target.pid = 12;
	write_event(view, &ev);
	event_init_trail(&ev, TRAIL_INCOMPLETE, TIME + 2);
	ev.trail.cause = CAUSE_SOCKET_OVERRUN;
	ev.trail.of = OF_EVENTS;
	ev.trail.lost = 12;
	ev.trail.since_usec = TIME - 5000000;
	ev.trail.until_usec = TIME;
	write_event(view, &ev);
}

static void read_all(const struct journal_file *file)
{
	const char *paths[] = { file->path };
	const struct journal_where where = { .files = paths, .n_files = 1 };
	struct journal_read *journal;
	struct entry *entry;
	struct signal_event ev;

	ck_assert_int_eq(journal_read_open(&journal, &where, NULL), 0);
	ck_assert_int_eq(entry_new(&entry), 0);
	ck_assert_int_eq(journal_read_seek_head(journal), 0);
	while (journal_read_next(journal, entry) == 1) {
		ck_assert_int_eq(entry_event(entry, &ev), 0);
		ck_assert_int_eq(json_line(&found, &ev), 0);
	}
	entry_free(entry);
	journal_read_close(journal);
}

START_TEST(view_export_makes_a_journal_that_is_read_back_whole)
{
	const struct view_want want = { .format = VIEW_EXPORT };
	struct journal_file file;
	FILE *pipe = journal_file_begin(&file);
	struct sink *view;

	ck_assert_int_eq(view_new(&view, pipe, &want), 0);
	write_all(view);
	ck_assert_int_eq(sink_flush(view), 0);
	sink_free(view);
	journal_file_end(pipe);
	read_all(&file);
	ck_assert_str_eq(found.data, expected.data);
	journal_file_remove(&file);
	buffer_free(&found);
	buffer_free(&expected);
}
END_TEST

SUITE("view_export", view_export_makes_a_journal_that_is_read_back_whole)
