/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/journald.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static enum journald_audit audit(const char *text)
{
	struct journaldconf conf = { 0 };

	journaldconf_parse(&conf, text, strlen(text));
	return journaldconf_audit(&conf);
}

static bool unlimited(const char *text)
{
	struct journaldconf conf = { 0 };

	journaldconf_parse(&conf, text, strlen(text));
	return journaldconf_is_unlimited(&conf);
}

START_TEST(journald_audit_is_what_the_file_or_its_comment_says)
{
	ck_assert_int_eq(audit(""), JOURNALD_AUDIT_ON);
	ck_assert_int_eq(audit("[Journal]\n#Storage=auto\n#Audit=no\n"),
			 JOURNALD_AUDIT_OFF);
	ck_assert_int_eq(audit("[Journal]\n#Audit=no\nAudit=\n"), JOURNALD_AUDIT_LEAVE);
	ck_assert_int_eq(audit("[Journal]\nAudit = no\nAudit=keep"),
			 JOURNALD_AUDIT_LEAVE);
	ck_assert_int_eq(audit("[Journal]\nAudit=yes\nAudit=OFF\r\n"),
			 JOURNALD_AUDIT_OFF);
	ck_assert_int_eq(audit("[Other]\nAudit=no\n"), JOURNALD_AUDIT_ON);
}
END_TEST

START_TEST(journald_without_a_limit_is_told_apart)
{
	ck_assert(!unlimited(""));
	ck_assert(!unlimited("[Journal]\nRateLimitIntervalSec=30s\n"));
	ck_assert(unlimited("[Journal]\nRateLimitIntervalSec=0\n"));
	ck_assert(unlimited("[Journal]\nRateLimitIntervalSec=0s\n"));
	ck_assert(!unlimited("[Journal]\nRateLimitIntervalSec=0.5\n"));
	ck_assert(unlimited("[Journal]\nRateLimitBurst=0\n"));
	ck_assert(!unlimited("[Journal]\nRateLimitBurst=10000\n"));
}
END_TEST

static char root[] = "/tmp/sigtrail-journald.XXXXXX";

static void put(const char *path, const char *text)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "mkdir -p \"$(dirname %s%s)\" && printf '%%b' '%s' > %s%s", root, path,
		 text, root, path);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(journald_dropins_count_in_the_order_of_their_names)
{
	struct journaldconf conf;
	char command[64];

	ck_assert_ptr_nonnull(mkdtemp(root));
	put("/usr/lib/systemd/journald.conf", "[Journal]\\n#Audit=no\\nAudit=yes\\n");
	put("/etc/systemd/journald.conf", "[Journal]\\n");
	journald_read_conf(&conf, root);
	ck_assert_int_eq(journaldconf_audit(&conf), JOURNALD_AUDIT_OFF);

	put("/usr/lib/systemd/journald.conf.d/50-b.conf", "[Journal]\\nAudit=yes\\n");
	put("/etc/systemd/journald.conf.d/10-a.conf", "[Journal]\\nAudit=\\n");
	journald_read_conf(&conf, root);
	ck_assert_int_eq(journaldconf_audit(&conf), JOURNALD_AUDIT_ON);

	put("/etc/systemd/journald.conf.d/50-b.conf", "[Journal]\\n");
	journald_read_conf(&conf, root);
	ck_assert_int_eq(journaldconf_audit(&conf), JOURNALD_AUDIT_LEAVE);
	snprintf(command, sizeof(command), "rm -r %s", root);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

SUITE("journald", journald_audit_is_what_the_file_or_its_comment_says,
      journald_without_a_limit_is_told_apart,
      journald_dropins_count_in_the_order_of_their_names)
