/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/bootline.h"

#include <string.h>

#include "suite.h"

static enum boot_audit audit(const char *text)
{
	return bootline_audit(text, strlen(text));
}

START_TEST(bootline_knows_the_words_of_the_kernel)
{
	ck_assert_int_eq(audit("quiet audit=1\n"), BOOT_AUDIT_ON);
	ck_assert_int_eq(audit("audit=on"), BOOT_AUDIT_ON);
	ck_assert_int_eq(audit("audit=0 quiet"), BOOT_AUDIT_OFF);
	ck_assert_int_eq(audit("audit=OFF"), BOOT_AUDIT_OFF);
	ck_assert_int_eq(audit("audit=yes"), BOOT_AUDIT_ON);
	ck_assert_int_eq(audit("root=/dev/sda quiet\n"), BOOT_AUDIT_UNSET);
	ck_assert_int_eq(audit(""), BOOT_AUDIT_UNSET);
}
END_TEST

START_TEST(bootline_takes_the_last_and_no_look_alike)
{
	ck_assert_int_eq(audit("audit=1 audit=0"), BOOT_AUDIT_OFF);
	ck_assert_int_eq(audit("audit_backlog_limit=1 noaudit=1 audit"),
			 BOOT_AUDIT_UNSET);
	ck_assert_int_eq(audit("quiet -- audit=1"), BOOT_AUDIT_UNSET);
	ck_assert_int_eq(bootline_audit("audit=10", 7), BOOT_AUDIT_ON);
}
END_TEST

SUITE("bootline", bootline_knows_the_words_of_the_kernel,
      bootline_takes_the_last_and_no_look_alike)
