/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sigtrail-fields(7) against the table that it describes. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/event.h"
#include "core/fields.h"
#include "core/message.h"
#include "io/sink_journal.h"
#include "suite.h"

#define PAGE_MAX_BYTES 65536

static char page[PAGE_MAX_BYTES];

static void read_page(void)
{
	const char *root = getenv("SOURCE_ROOT");
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/man/sigtrail-fields.7.scd", root ? root : ".");
	f = fopen(path, "re");
	ck_assert_msg(f != NULL, "%s: can't be read; set SOURCE_ROOT", path);
	len = fread(page, 1, sizeof(page), f);
	fclose(f);
	ck_assert_uint_gt(len, 0);
	ck_assert_msg(len < sizeof(page), "%s: larger than PAGE_MAX_BYTES", path);
	page[len] = '\0';
}

/* How the page begins what it says about a field. */
static const char *page_type(const struct field *field)
{
	switch (field->type) {
	case FIELD_NUMBER:
		return "number";
	case FIELD_TIME:
		return "time";
	case FIELD_ARGS:
		return "command line";
	case FIELD_TRUE:
		return "true";
	case FIELD_SET:
		return "list of strings";
	case FIELD_ANCESTRY:
		return "list of processes";
	default:
		return "string";
	}
}

START_TEST(fields_page_has_each_field_with_its_journal_name_and_type)
{
	size_t n;
	const struct field *table = fields_table(&n);
	const char *at = page;

	read_page();
	for (size_t i = 0; i < n; i++) {
		char line[256];

		snprintf(line, sizeof(line), "\n*%s*, %s (%s)\n\t", table[i].key,
			 table[i].journal, page_type(&table[i]));
		at = strstr(at, line);
		ck_assert_msg(at != NULL, "not there, or not in the table's order:%s",
			      line);
	}
}
END_TEST

static bool is_journal_name(const char *word, size_t len)
{
	/* Of the entry, not of the event. */
	static const char *const own[] = { SINK_JOURNAL_RUN, SINK_JOURNAL_ENTRY };
	size_t n;
	const struct field *table = fields_table(&n);

	for (size_t i = 0; i < 2; i++)
		if (len == strlen(own[i]) && memcmp(own[i], word, len) == 0)
			return true;
	for (size_t i = 0; i < n; i++) {
		size_t name = strlen(table[i].journal);
		/* The journal has a list of processes twice: for people, and as JSON. */
		bool also_json = table[i].type == FIELD_ANCESTRY && len == name + 5 &&
				 memcmp(word + name, "_JSON", 5) == 0;

		if ((len == name || also_json) &&
		    memcmp(table[i].journal, word, name) == 0)
			return true;
	}
	return false;
}

static bool has_prefix(const char *word, const char *prefix)
{
	return strncmp(word, prefix, strlen(prefix)) == 0;
}

START_TEST(fields_page_has_no_journal_field_that_does_not_exist)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t n_words = 0;

	read_page();
	for (const char *at = page; *at;) {
		size_t len = strspn(at, letters);

		if (has_prefix(at, "SIGTRAIL_") || has_prefix(at, "SENDER_") ||
		    has_prefix(at, "TARGET_")) {
			ck_assert_msg(is_journal_name(at, len), "%.*s", (int)len, at);
			n_words++;
		}
		at += len ? len : 1;
	}
	ck_assert_uint_gt(n_words, 0);
}
END_TEST

START_TEST(fields_page_has_no_key_that_does_not_exist)
{
	char key[64], journal[64];

	read_page();
	for (const char *at = strstr(page, "\n*"); at; at = strstr(at + 1, "\n*")) {
		/* A line of a field, and not of another list. */
		if (sscanf(at, "\n*%63[^*\n]*, %63[A-Z_]", key, journal) == 2)
			ck_assert_msg(field_find(key) != NULL, "%s", key);
	}
}
END_TEST

START_TEST(fields_page_has_every_message_id)
{
	static const char *const ids[] = {
		MESSAGE_SIGNAL,	 MESSAGE_REPEATED,   MESSAGE_DIED,  MESSAGE_STARTED,
		MESSAGE_STOPPED, MESSAGE_INCOMPLETE, MESSAGE_RULES, MESSAGE_SOURCE,
	};

	read_page();
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		ck_assert_msg(strstr(page, ids[i]) != NULL, "%s", ids[i]);
}
END_TEST

START_TEST(fields_page_has_every_cause)
{
	read_page();
	for (enum trail_cause cause = CAUSE_NONE + 1; cause < CAUSE_COUNT; cause++) {
		char line[64];

		snprintf(line, sizeof(line), "\n*%s*\n\t", trail_cause_name(cause));
		ck_assert_msg(strstr(page, line) != NULL, "%s", line);
	}
}
END_TEST

SUITE("fields_page", fields_page_has_each_field_with_its_journal_name_and_type,
      fields_page_has_no_journal_field_that_does_not_exist,
      fields_page_has_no_key_that_does_not_exist, fields_page_has_every_message_id,
      fields_page_has_every_cause)
