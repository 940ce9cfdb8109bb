/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/people.h"

#include <stdarg.h>
#include <stdlib.h>

#include "journal.h"
#include "suite.h"

#define BOOT	   "0123456789abcdef0123456789abcdef"
#define OTHER_BOOT "fedcba9876543210fedcba9876543210"
#define START	   1795300000000000LL

static struct people *people;
static struct journal_file file;
static const char *paths[] = { file.path };
static const struct journal_where where = { .files = paths, .n_files = 1 };
static FILE *journal;
static int64_t now;

/* One entry a second. */
static void add(const char *boot, const char *fields)
{
	now += 1000000;
	fprintf(journal, "__REALTIME_TIMESTAMP=%lld\n_BOOT_ID=%s\n%s\n\n", (long long)now,
		boot, fields);
}

static void begin(void)
{
	now = START;
	journal = journal_file_begin(&file);
}

static void look(const char *boot)
{
	journal_file_end(journal);
	ck_assert_int_eq(people_new(&people), 0);
	people_look_in(people, &where);
	people_set_boot(people, boot);
}

static void end(void)
{
	people = people_free(people);
	journal_file_remove(&file);
}

#define SSHD	 "_UID=0\n_COMM=sshd\n_EXE=/usr/sbin/sshd\nSYSLOG_IDENTIFIER=sshd\n"
#define ACCEPTED "MESSAGE=Accepted publickey for alice from 10.0.0.5 port 50022 ssh2: x"
#define OPENED                                                                           \
	"MESSAGE=pam_unix(sshd:session): session opened for user alice(uid=1000) by "    \
	"(uid=0)"

START_TEST(people_have_the_names_that_the_host_gives_them)
{
	ck_assert_int_eq(people_new(&people), 0);
	ck_assert_str_eq(people_user(people, 0), "root");
	ck_assert_str_eq(people_user(people, 0), "root");
	/* The slot of root's too. */
	ck_assert_ptr_null(people_user(people, 3000000 * 256LL));
	ck_assert_str_eq(people_user(people, 0), "root");
	ck_assert_ptr_null(people_user(people, -1));
	ck_assert_ptr_null(people_user(people, NUMBER_NULL));
	ck_assert_ptr_null(people_user(people, UINT32_MAX));
	ck_assert_ptr_null(people_user(people, 0x100000000));
	people = people_free(people);
}
END_TEST

START_TEST(people_come_by_sshd_from_an_address)
{
	begin();
	add(BOOT, SSHD "_PID=700\nMESSAGE=Accepted password for bob from 10.9.9.9 port 1 "
		       "ssh2");
	add(BOOT, SSHD "_PID=800\n" ACCEPTED);
	add(BOOT, SSHD "_PID=800\n_AUDIT_SESSION=5\n" OPENED);
	add(BOOT, "_UID=1000\n_COMM=bash\n_EXE=/usr/bin/bash\n_PID=801\n"
		  "_AUDIT_SESSION=5\nMESSAGE=Accepted x for a from 6.6.6.6 port 6");
	/* The number of the process comes again. */
	add(BOOT, SSHD "_PID=800\nMESSAGE=Accepted password for bob from 10.9.9.9 port 1 "
		       "ssh2");
	look(BOOT);
	ck_assert_str_eq(people_session(people, 5), "by sshd from 10.0.0.5 port 50022");
	ck_assert_str_eq(people_session(people, 5), "by sshd from 10.0.0.5 port 50022");
	ck_assert_ptr_null(people_session(people, 5 + 64));
	ck_assert_str_eq(people_session(people, 5), "by sshd from 10.0.0.5 port 50022");
	end();
}
END_TEST

START_TEST(people_come_by_what_logind_named_where_the_session_is_not_on_the_entries)
{
	begin();
	add(BOOT, SSHD "_PID=800\n" ACCEPTED);
	add(BOOT, SSHD "_PID=800\n" OPENED);
	add(BOOT, "_UID=0\n_EXE=/usr/lib/systemd/systemd-logind\n_PID=300\nSESSION_ID=5\n"
		  "LEADER=800\nMESSAGE_ID=8d45620c1a4348dbb17410da57c60c66\nMESSAGE=x");
	add(BOOT, "_UID=0\n_EXE=/usr/bin/sudo\n_PID=801\n_AUDIT_SESSION=5\nMESSAGE="
		  "pam_unix(sudo:session): session opened for user root");
	look(BOOT);
	ck_assert_str_eq(people_session(people, 5), "by sshd from 10.0.0.5 port 50022");
	end();
}
END_TEST

START_TEST(people_come_by_cron)
{
	begin();
	add(BOOT, "_UID=0\n_COMM=cron\n_EXE=/usr/sbin/cron\n_PID=900\n_AUDIT_SESSION=7\n"
		  "MESSAGE=(root) CMD (x)");
	look(BOOT);
	ck_assert_str_eq(people_session(people, 7), "by cron");
	end();
}
END_TEST

START_TEST(people_of_another_boot_are_others)
{
	begin();
	add(OTHER_BOOT, "_UID=0\n_EXE=/usr/sbin/cron\n_PID=900\n_AUDIT_SESSION=7\n"
			"MESSAGE=(root) CMD (x)");
	add(BOOT, "_UID=0\n_EXE=/bin/login\n_PID=901\n_AUDIT_SESSION=7\nMESSAGE=x");
	look(BOOT);
	ck_assert_str_eq(people_session(people, 7), "by login");
	people_set_boot(people, OTHER_BOOT);
	ck_assert_str_eq(people_session(people, 7), "by cron");
	people_set_boot(people, NULL);
	ck_assert_ptr_null(people_session(people, 7));
	end();
}
END_TEST

START_TEST(people_cannot_forge_where_they_came_from)
{
	begin();
	/* Not root; and a setuid program under another name, by a link. */
	add(BOOT, "_UID=1000\n_COMM=sshd\n_EXE=/tmp/"
		  "sshd\n_PID=800\n_AUDIT_SESSION=5\n" ACCEPTED);
	add(BOOT, "_UID=0\n_COMM=sshd\n_EXE=/usr/bin/"
		  "su\n_PID=801\n_AUDIT_SESSION=5\n" ACCEPTED);
	add(BOOT, "_UID=1000\n_EXE=/bin/sh\n_PID=802\nSESSION_ID=5\nLEADER=1\nMESSAGE_ID="
		  "8d45620c1a4348dbb17410da57c60c66\nMESSAGE=x");
	look(BOOT);
	ck_assert_ptr_null(people_session(people, 5));
	end();
}
END_TEST

START_TEST(people_without_a_journal_come_from_nowhere)
{
	static const char *missing[] = { "/nonexistent/x.journal" };
	static const struct journal_where nowhere = { .files = missing, .n_files = 1 };

	ck_assert_int_eq(people_new(&people), 0);
	people_set_boot(people, BOOT);
	ck_assert_ptr_null(people_session(people, 5));
	people_look_in(people, &nowhere);
	ck_assert_ptr_null(people_session(people, 6));
	ck_assert_ptr_null(people_session(people, 7));
	people = people_free(people);
}
END_TEST

SUITE("people", people_have_the_names_that_the_host_gives_them,
      people_come_by_sshd_from_an_address,
      people_come_by_what_logind_named_where_the_session_is_not_on_the_entries,
      people_come_by_cron, people_of_another_boot_are_others,
      people_cannot_forge_where_they_came_from,
      people_without_a_journal_come_from_nowhere)
