/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/match.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/buffer.h"
#include "core/digits.h"

/* Above that the index is no help. */
#define ALTERNATIVES_MAX 1000
#define COMM_MAX	 15
#define KEY_SIZE	 32

/* Values of a field that pass, each with a NUL behind it. */
struct values {
	bool (*passes)(const char *value, const char *wanted);
	const char *wanted;
	struct buffer found;
	size_t n;
};

static void add_value(const char *value, size_t len, void *userdata)
{
	struct values *values = userdata;
	struct buffer *found = &values->found;
	const size_t start = found->len;

	if (memchr(value, '\0', len) || values->n > ALTERNATIVES_MAX)
		return;
	buffer_add(found, value, len);
	buffer_add_char(found, '\0');
	if (found->failed)
		return;
	if (values->passes(found->data + start, values->wanted))
		values->n++;
	else
		found->len = start;
}

/* All values of the field that pass, as alternatives. 1; 0: there are none, or too many,
 * which *too_many tells; or -errno. */
static int match_values(struct journal_read *journal, const char *key,
			struct values *values, bool *too_many)
{
	const char *value;
	int r = journal_read_values(journal, key, add_value, values);

	if (r == 0 && values->found.failed)
		r = -ENOMEM;
	*too_many = values->n > ALTERNATIVES_MAX;
	if (r < 0 || *too_many)
		goto out;
	value = values->found.data;
	for (size_t i = 0; r == 0 && i < values->n; i++) {
		r = journal_read_match(journal, key, value);
		value += strlen(value) + 1;
	}
	if (r == 0)
		r = values->n > 0;
out:
	buffer_free(&values->found);
	return r;
}

static const char *key_of(char key[KEY_SIZE], const char *end, const char *name)
{
	snprintf(key, KEY_SIZE, "%s_%s", end, name);
	return key;
}

static int match_pid(struct journal_read *journal, const char *end, int64_t pid)
{
	char key[KEY_SIZE];
	char digits[DIGITS_SIZE];
	int r;

	snprintf(digits, sizeof(digits), "%lld", (long long)pid);
	r = journal_read_match(journal, key_of(key, end, "PID"), digits);
	if (r < 0 || strcmp(end, "TARGET") != 0)
		return r;
	r = journal_read_or(journal);
	if (r >= 0)
		r = journal_read_match(journal, "TARGET_TID", digits);
	if (r >= 0)
		r = journal_read_or(journal);
	if (r >= 0)
		r = journal_read_match(journal, "SIGTRAIL_ARGUMENT", digits);
	return r;
}

/* The keys with one value, as alternatives. */
static int match_keys(struct journal_read *journal, const char *end,
		      const char *const *names, size_t n, const char *value)
{
	char key[KEY_SIZE];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		if (i)
			r = journal_read_or(journal);
		if (r >= 0)
			r = journal_read_match(journal, key_of(key, end, names[i]),
					       value);
	}
	return r;
}

static int match_unit(struct journal_read *journal, const char *end, const char *unit,
		      bool slices)
{
	static const char *const names[] = { "UNIT", "USER_UNIT", "SLICE" };

	return match_keys(journal, end, names, slices ? 3 : 2, unit);
}

static bool exe_may_be(const char *exe, const char *wanted)
{
	return wanted[0] == '/' ? who_exe_is(exe, wanted) : who_exe_ends(exe, wanted);
}

static int match_exe(struct journal_read *journal, const char *end, const char *wanted,
		     bool *too_many)
{
	struct values values = { .passes = exe_may_be, .wanted = wanted };
	char key[KEY_SIZE];

	return match_values(journal, key_of(key, end, "EXE"), &values, too_many);
}

static int match_comm(struct journal_read *journal, const char *end, const char *name)
{
	static const char *const names[] = { "COMM", "THREAD" };
	char comm[COMM_MAX + 1];

	snprintf(comm, sizeof(comm), "%s", name);
	return match_keys(journal, end, names, 2, comm);
}

/* A field that no entry has: what is to hold and can't. */
static int match_nothing(struct journal_read *journal)
{
	return journal_read_match(journal, "SIGTRAIL_SERIAL", "none");
}

static int match_path(struct journal_read *journal, const char *end, const char *path)
{
	bool too_many;
	int r = match_exe(journal, end, path, &too_many);

	return r == 0 && !too_many ? match_nothing(journal) : r;
}

static int match_name(struct journal_read *journal, const char *end, const char *name)
{
	bool too_many;
	int r = match_exe(journal, end, name, &too_many);

	if (r < 0 || too_many)
		return r;
	if (r > 0)
		r = journal_read_or(journal);
	return r < 0 ? r : match_comm(journal, end, name);
}

static bool is_by_value(const struct who *who)
{
	return who->kind == WHO_NAME || who->kind == WHO_EXE;
}

static int match_who(struct journal_read *journal, const char *end, const struct who *who,
		     bool growing)
{
	int r;

	if (who->kind == WHO_ANY || (growing && is_by_value(who)))
		return 0;
	r = journal_read_and(journal);
	if (r < 0)
		return r;
	switch (who->kind) {
	case WHO_PID:
		return match_pid(journal, end, who->pid);
	case WHO_EXE:
		return match_path(journal, end, who->text);
	case WHO_UNIT:
		return match_unit(journal, end, who->text, true);
	default:
		return match_name(journal, end, who->text);
	}
}

static int match_signals(struct journal_read *journal, const struct signal_set *signals)
{
	char name[SIGNAME_SIZE];
	int r = 0;

	for (int signo = 0; r >= 0 && signo <= SIGNAL_MAX; signo++) {
		if (signal_set_has(signals, signo))
			r = journal_read_match(journal, "SIGTRAIL_SIGNAL",
					       signame_format(signo, name));
	}
	return r;
}

static bool is_failure(const char *result, const char *unused)
{
	return strcmp(result, "success") != 0;
}

static int match_failed(struct journal_read *journal)
{
	struct values values = { .passes = is_failure };
	bool too_many;
	int r = match_values(journal, "SIGTRAIL_RESULT", &values, &too_many);

	return r == 0 && !too_many ? match_nothing(journal) : r;
}

static unsigned kinds_of(const struct select *select)
{
	if (select_is_any(select))
		return EVENT_SIGNAL | EVENT_DEATH | EVENT_TRAIL;
	if (select->sender.kind != WHO_ANY || select->failed)
		return EVENT_SIGNAL;
	return EVENT_SIGNAL | EVENT_DEATH;
}

static int match_boot(struct journal_read *journal)
{
	char boot[33];
	int r = journal_read_boot(boot);

	return r < 0 ? r : journal_read_match(journal, "_BOOT_ID", boot);
}

int match_ours(struct journal_read *journal, unsigned kinds, bool boot)
{
	int r;

	journal_read_flush_matches(journal);
	r = journal_read_match_ours(journal, kinds);
	return r < 0 || !boot ? r : match_boot(journal);
}

int match_select(struct journal_read *journal, const struct select *select, bool boot,
		 bool growing)
{
	int r = match_ours(journal, kinds_of(select), boot);

	if (r >= 0 && select->has_signals)
		r = match_signals(journal, &select->signals);
	if (r >= 0 && select->failed && !growing)
		r = match_failed(journal);
	if (r >= 0)
		r = match_who(journal, "SENDER", &select->sender, growing);
	if (r >= 0)
		r = match_who(journal, "TARGET", &select->target, growing);
	if (r >= 0 && select->unit)
		r = journal_read_and(journal);
	if (r >= 0 && select->unit)
		r = match_unit(journal, "TARGET", select->unit, false);
	return r < 0 ? r : 0;
}

bool match_depends_on_values(const struct select *select)
{
	return select->failed || is_by_value(&select->sender) ||
	       is_by_value(&select->target);
}
