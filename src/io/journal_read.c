/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/journal_read.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "core/buffer.h"
#include "core/digits.h"
#include "core/message.h"
#include "core/quote.h"
#include "io/journal_files.h"

/* Damaged entries in a row before we give up. */
#define DAMAGED_MAX 10000

struct journal_read {
	sd_journal *sd;
	uint64_t damaged;
	bool unreadable;
};

/* Directories that journald keeps its files in (systemd-journald.service(8)). */
static const char *const own_directories[] = { "/var/log/journal", "/run/log/journal" };

/* Following watches the directories of the files, and libsystemd finds none in a name
 * without a slash (sd-journal.c, add_current_paths). */
static int open_files(sd_journal **sd, const struct journal_where *where)
{
	char **files = calloc(where->n_files + 1, sizeof(*files));
	int r = files ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < where->n_files; i++) {
		files[i] = realpath(where->files[i], NULL);
		if (!files[i])
			r = -errno;
	}
	if (r == 0)
		r = sd_journal_open_files(sd, (const char **)files, 0);
	for (size_t i = 0; files && i < where->n_files; i++)
		free(files[i]);
	free(files);
	return r;
}

static int open_where(sd_journal **sd, const struct journal_where *where)
{

	if (where->directory)
		return sd_journal_open_directory(sd, where->directory, 0);
	if (!where->n_files)
		return sd_journal_open(sd, where->merge ? 0 : SD_JOURNAL_LOCAL_ONLY);
	return open_files(sd, where);
}

static void count_where(const struct journal_where *where, struct journal_files *files)
{
	*files = (struct journal_files){ 0 };
	if (where->directory)
		journal_files_count(files, where->directory);
	for (size_t i = 0; i < where->n_files; i++)
		journal_files_count(files, where->files[i]);
	if (where->directory || where->n_files)
		return;
	for (size_t i = 0; i < sizeof(own_directories) / sizeof(own_directories[0]); i++)
		journal_files_count(files, own_directories[i]);
}

static int explain(int r, const struct journal_where *where, struct reason *reason)
{
	struct buffer shown = { 0 };
	const char *what = "the journal";

	if (where->directory)
		what = quote_value(&shown, where->directory);
	else if (where->n_files)
		what = quote_value(&shown, where->files[0]);
	switch (r) {
	case -EACCES:
	case -EPERM:
		reason_set(reason,
			   "no permission to read %s; root and members of the groups "
			   "systemd-journal and adm may",
			   what);
		break;
	case -ENOENT:
		if (where->directory || where->n_files)
			reason_set(reason, "%s: there is no journal file", what);
		else
			reason_set(reason, "this host keeps no journal: is "
					   "systemd-journald running?");
		break;
	case -ENOTDIR:
		reason_set(reason, "%s is no directory; --file reads one journal file",
			   what);
		break;
	case -EBADMSG:
	case -ENODATA:
	case -EPROTONOSUPPORT:
	case -EINVAL:
		reason_set(reason, "%s is no journal file, or a damaged one", what);
		break;
	default:
		reason_set(reason, "can't read %s: %s", what, strerrordesc_np(-r));
	}
	buffer_free(&shown);
	return r;
}

int journal_read_open(struct journal_read **journal, const struct journal_where *where,
		      struct reason *reason)
{
	struct journal_files files;
	struct journal_read *j = calloc(1, sizeof(*j));
	int r = j ? open_where(&j->sd, where) : -ENOMEM;

	/* What it can't open sd_journal_open() leaves out without a word. */
	if (r >= 0) {
		count_where(where, &files);
		j->unreadable = files.unreadable > 0;
		if (files.found == 0)
			r = -ENOENT;
		else if (files.unreadable == files.found)
			r = -EACCES;
	}
	/* Entries end where struct entry does. */
	if (r >= 0)
		r = sd_journal_set_data_threshold(j->sd, ENTRY_BYTES_MAX);
	if (r < 0) {
		journal_read_close(j);
		return explain(r, where, reason);
	}
	*journal = j;
	return 0;
}

struct journal_read *journal_read_close(struct journal_read *journal)
{
	if (!journal)
		return NULL;
	sd_journal_close(journal->sd);
	free(journal);
	return NULL;
}

bool journal_read_is_partial(const struct journal_read *journal)
{
	return journal->unreadable;
}

void journal_read_flush_matches(struct journal_read *journal)
{
	sd_journal_flush_matches(journal->sd);
}

int journal_read_match(struct journal_read *journal, const char *key, const char *value)
{
	struct buffer match = { 0 };
	int r = -ENOMEM;

	buffer_add_string(&match, key);
	buffer_add_char(&match, '=');
	buffer_add_string(&match, value);
	if (!match.failed)
		r = sd_journal_add_match(journal->sd, match.data, match.len);
	buffer_free(&match);
	return r < 0 ? r : 0;
}

int journal_read_or(struct journal_read *journal)
{
	return sd_journal_add_disjunction(journal->sd);
}

int journal_read_and(struct journal_read *journal)
{
	return sd_journal_add_conjunction(journal->sd);
}

int journal_read_match_ours(struct journal_read *journal, unsigned kinds)
{
	static const struct {
		enum event_kind kind;
		const char *id;
	} ids[] = {
		{ EVENT_SIGNAL, MESSAGE_SIGNAL }, { EVENT_SIGNAL, MESSAGE_REPEATED },
		{ EVENT_DEATH, MESSAGE_DIED },	  { EVENT_TRAIL, MESSAGE_STARTED },
		{ EVENT_TRAIL, MESSAGE_STOPPED }, { EVENT_TRAIL, MESSAGE_INCOMPLETE },
		{ EVENT_TRAIL, MESSAGE_RULES },	  { EVENT_TRAIL, MESSAGE_SOURCE },
	};
	int r = journal_read_match(journal, "_UID", "0");

	for (size_t i = 0; r == 0 && i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (ids[i].kind & kinds)
			r = journal_read_match(journal, "MESSAGE_ID", ids[i].id);
	}
	return r;
}

int journal_read_values(struct journal_read *journal, const char *key,
			journal_read_value_fn *value, void *userdata)
{
	const size_t key_len = strlen(key) + 1;
	const void *data;
	size_t len;
	int r = sd_journal_query_unique(journal->sd, key);

	while (r >= 0) {
		r = sd_journal_enumerate_available_unique(journal->sd, &data, &len);
		if (r <= 0)
			break;
		if (len >= key_len)
			value((const char *)data + key_len, len - key_len, userdata);
	}
	return r;
}

int journal_read_seek_head(struct journal_read *journal)
{
	return sd_journal_seek_head(journal->sd);
}

int journal_read_seek_tail(struct journal_read *journal)
{
	return sd_journal_seek_tail(journal->sd);
}

int journal_read_seek(struct journal_read *journal, int64_t realtime_usec)
{
	return sd_journal_seek_realtime_usec(journal->sd,
					     realtime_usec > 0 ? realtime_usec : 0);
}

/* 0 or -errno: the entry can't be read whole. */
static int load(struct journal_read *journal, struct entry *entry)
{
	uint64_t realtime_usec;
	const void *data;
	size_t len;
	int r = sd_journal_get_realtime_usec(journal->sd, &realtime_usec);

	if (r < 0)
		return r;
	entry_clear(entry, (int64_t)realtime_usec);
	sd_journal_restart_data(journal->sd);
	for (;;) {
		r = sd_journal_enumerate_available_data(journal->sd, &data, &len);
		if (r <= 0)
			return r;
		if (entry_add(entry, data, len) == -ENOMEM)
			return -ENOMEM;
	}
}

static int step(struct journal_read *journal, struct entry *entry,
		int (*go)(sd_journal *))
{
	int r;

	for (unsigned i = 0; i < DAMAGED_MAX; i++) {
		r = go(journal->sd);
		if (r == 0)
			return 0;
		if (r > 0)
			r = load(journal, entry);
		if (r == 0)
			return 1;
		if (r == -ENOMEM)
			return r;
		journal->damaged++;
	}
	return r;
}

int journal_read_next(struct journal_read *journal, struct entry *entry)
{
	return step(journal, entry, sd_journal_next);
}

int journal_read_previous(struct journal_read *journal, struct entry *entry)
{
	return step(journal, entry, sd_journal_previous);
}

int64_t journal_read_skip_previous(struct journal_read *journal, uint64_t n)
{
	/* It gives an int. */
	return sd_journal_previous_skip(journal->sd, n < INT_MAX ? n : INT_MAX);
}

int64_t journal_read_skip_next(struct journal_read *journal, uint64_t n)
{
	return sd_journal_next_skip(journal->sd, n < INT_MAX ? n : INT_MAX);
}

int journal_read_number(struct journal_read *journal, const char *key, int64_t *number)
{
	const size_t key_len = strlen(key) + 1;
	const void *data;
	size_t len;
	int r = sd_journal_get_data(journal->sd, key, &data, &len);

	if (r < 0)
		return r;
	*number = len < key_len
			  ? NUMBER_ABSENT
			  : digits_parse((const char *)data + key_len, len - key_len);
	return number_known(*number) ? 0 : -ENOENT;
}

uint64_t journal_read_damaged(const struct journal_read *journal)
{
	return journal->damaged;
}

int journal_read_address(struct journal_read *journal, struct buffer *out)
{
	uint64_t realtime_usec, monotonic_usec;
	char *cursor = NULL;
	sd_id128_t boot;
	int r = sd_journal_get_cursor(journal->sd, &cursor);

	if (r < 0)
		return r;
	r = sd_journal_get_realtime_usec(journal->sd, &realtime_usec);
	if (r >= 0)
		r = sd_journal_get_monotonic_usec(journal->sd, &monotonic_usec, &boot);
	if (r >= 0)
		buffer_printf(out,
			      "__CURSOR=%s\n__REALTIME_TIMESTAMP=%llu\n"
			      "__MONOTONIC_TIMESTAMP=%llu\n",
			      cursor, (unsigned long long)realtime_usec,
			      (unsigned long long)monotonic_usec);
	free(cursor);
	return r < 0 ? r : 0;
}

int journal_read_fd(struct journal_read *journal)
{
	return sd_journal_get_fd(journal->sd);
}

int journal_read_events(struct journal_read *journal)
{
	return sd_journal_get_events(journal->sd);
}

uint64_t journal_read_timeout(struct journal_read *journal)
{
	uint64_t timeout_usec;

	return sd_journal_get_timeout(journal->sd, &timeout_usec) < 0 ? 0 : timeout_usec;
}

int journal_read_process(struct journal_read *journal)
{
	return sd_journal_process(journal->sd);
}

int journal_read_boot(char boot[33])
{
	sd_id128_t id;
	int r = sd_id128_get_boot(&id);

	if (r == 0)
		sd_id128_to_string(id, boot);
	return r;
}
