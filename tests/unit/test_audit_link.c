/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/audit_link.h"

#include <errno.h>
#include <string.h>

#include "suite.h"

static void refused(int error, const char *word)
{
	struct reason reason = { "" };

	ck_assert_int_eq(audit_link_refused(error, "add audit rules", &reason), error);
	ck_assert_ptr_nonnull(strstr(reason.text, "can't add audit rules"));
	ck_assert_msg(strstr(reason.text, word), "%s", reason.text);
	ck_assert_int_ne(reason.text[strlen(reason.text) - 1], '.');
}

START_TEST(audit_link_refused_says_what_to_do)
{
	refused(-EPROTONOSUPPORT, "audit=0");
	refused(-ECONNREFUSED, "on the host");
	refused(-EPERM, audit_can_control() ? "auditctl -s" : "CAP_AUDIT_CONTROL");
	refused(-ETIMEDOUT, "does not answer");
	refused(-ENOSPC, "No space left");
}
END_TEST

START_TEST(audit_link_refused_needs_no_reason)
{
	ck_assert_int_eq(audit_link_refused(-EPERM, "x", NULL), -EPERM);
}
END_TEST

SUITE("audit_link", audit_link_refused_says_what_to_do,
      audit_link_refused_needs_no_reason)
