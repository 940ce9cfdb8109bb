/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/netlink.h"

#include <errno.h>
#include <linux/netlink.h>

#include "records.h"
#include "suite.h"

static const struct netlink_sender kernel = { 0, 0 };

/* A datagram with this length in its header; its size. */
static size_t datagram(char *out, uint16_t type, const char *text, uint32_t nlmsg_len)
{
	struct nlmsghdr header = { .nlmsg_len = nlmsg_len, .nlmsg_type = type };

	memcpy(out, &header, sizeof(header));
	memcpy(out + NLMSG_HDRLEN, text, strlen(text));
	return NLMSG_HDRLEN + strlen(text);
}

#define TEXT "audit(1.002:3): opid=1 ocomm=\"a\""

START_TEST(netlink_takes_both_meanings_of_nlmsg_len)
{
	char data[256];
	struct record r;
	size_t len = datagram(data, AUDIT_OBJ_PID, TEXT, NLMSG_HDRLEN + strlen(TEXT));

	ck_assert_int_eq(netlink_record(data, len, &kernel, &r), 0);
	ck_assert_int_eq(r.type, AUDIT_OBJ_PID);
	ck_assert_uint_eq(r.serial, 3);
	datagram(data, AUDIT_OBJ_PID, TEXT, strlen(TEXT));
	ck_assert_int_eq(netlink_record(data, len, &kernel, &r), 0);
	ck_assert_uint_eq(r.body.len, strlen("opid=1 ocomm=\"a\""));
}
END_TEST

START_TEST(netlink_knows_who_asks_for_the_place_of_the_audit_daemon)
{
	char data[64] = { 0 };
	struct record r;
	pid_t pid = -1;
	uint32_t successor = 4711;
	size_t len = datagram(data, AUDIT_REPLACE, "", NLMSG_HDRLEN + sizeof(successor));

	memcpy(data + len, &successor, sizeof(successor));
	len += sizeof(successor);
	ck_assert_int_ne(netlink_record(data, len, &kernel, &r), 0);
	for (size_t cut = 0; cut < len; cut++)
		ck_assert(!netlink_replace(data, cut, &pid));
	ck_assert_int_eq(pid, -1);
	ck_assert(netlink_replace(data, len, &pid));
	ck_assert_int_eq(pid, 4711);
	datagram(data, AUDIT_OBJ_PID, "", NLMSG_HDRLEN + sizeof(successor));
	ck_assert(!netlink_replace(data, len, &pid));
}
END_TEST

START_TEST(netlink_refuses_every_length_that_lies)
{
	char data[256];
	struct record r;
	size_t len = datagram(data, AUDIT_OBJ_PID, TEXT, 4096);

	ck_assert_int_eq(netlink_record(data, len, &kernel, &r), -EBADMSG);
	datagram(data, AUDIT_OBJ_PID, TEXT, 1);
	ck_assert_int_eq(netlink_record(data, len, &kernel, &r), -EBADMSG);
	for (size_t cut = 0; cut < NLMSG_HDRLEN; cut++)
		ck_assert_int_eq(netlink_record(data, cut, &kernel, &r), -EBADMSG);
}
END_TEST

START_TEST(netlink_refuses_what_the_kernel_did_not_send)
{
	static const struct netlink_sender others[] = {
		{ 4711, 0 }, { 0, 1 }, { 0, -1 }, { 4711, 4711 }
	};
	char data[256];
	struct record r;
	size_t len = datagram(data, AUDIT_OBJ_PID, TEXT, NLMSG_HDRLEN + strlen(TEXT));

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_int_eq(netlink_record(data, len, &others[i], &r), -EPERM);
}
END_TEST

START_TEST(netlink_passes_over_what_is_no_record)
{
	char data[256];
	struct record r;
	size_t len = datagram(data, NLMSG_ERROR, TEXT, NLMSG_HDRLEN + strlen(TEXT));

	ck_assert_int_eq(netlink_record(data, len, &kernel, &r), -ENOMSG);
	datagram(data, AUDIT_GET, TEXT, NLMSG_HDRLEN + strlen(TEXT));
	ck_assert_int_eq(netlink_record(data, len, &kernel, &r), -ENOMSG);
	datagram(data, AUDIT_USER, TEXT, NLMSG_HDRLEN + strlen(TEXT));
	ck_assert_int_eq(netlink_record(data, len, &kernel, &r), 0);
}
END_TEST

SUITE("netlink", netlink_takes_both_meanings_of_nlmsg_len,
      netlink_knows_who_asks_for_the_place_of_the_audit_daemon,
      netlink_refuses_every_length_that_lies,
      netlink_refuses_what_the_kernel_did_not_send, netlink_passes_over_what_is_no_record)
