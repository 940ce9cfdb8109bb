/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/connmsg.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/connector.h>
#include <linux/cn_proc.h>
#include <string.h>

#include "suite.h"

static const struct netlink_sender kernel = { 0, 0 };

/* A datagram as the kernel makes it. */
struct datagram {
	struct nlmsghdr header;
	/* struct cn_msg without the empty array at its end. */
	struct {
		struct cb_id id;
		uint32_t seq, ack;
		uint16_t len, flags;
	} message;
	char event[sizeof(struct proc_event)];
} __attribute__((packed));

static struct proc_event event;
static struct connmsg msg;

static void begin(uint32_t what)
{
	memset(&event, 0, sizeof(event));
	memcpy(&event.what, &what, sizeof(what));
	event.timestamp_ns = 1234567890;
}

static struct datagram make(void)
{
	struct datagram d = {
		.header = { .nlmsg_len = sizeof(d), .nlmsg_type = NLMSG_DONE },
		.message = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .len = sizeof(event) },
	};

	memcpy(d.event, &event, sizeof(event));
	return d;
}

static int parse(void)
{
	struct datagram d = make();

	return connmsg_parse(&d, sizeof(d), &kernel, &msg);
}

START_TEST(connmsg_fork_of_a_process_has_child_and_parent)
{
	begin(PROC_EVENT_FORK);
	event.event_data.fork.parent_pid = 11; /* a thread of 10 */
	event.event_data.fork.parent_tgid = 10;
	event.event_data.fork.child_pid = 20;
	event.event_data.fork.child_tgid = 20;
	ck_assert_int_eq(parse(), 0);
	ck_assert_int_eq(msg.kind, CONNMSG_FORK);
	ck_assert_int_eq(msg.pid, 20);
	ck_assert_int_eq(msg.ppid, 10);
	ck_assert_int_eq(msg.time_usec, 1234567);
}
END_TEST

START_TEST(connmsg_exec_and_exit_and_comm_have_the_process)
{
	begin(PROC_EVENT_EXEC);
	event.event_data.exec.process_pid = event.event_data.exec.process_tgid = 30;
	ck_assert_int_eq(parse(), 0);
	ck_assert_int_eq(msg.kind, CONNMSG_EXEC);
	ck_assert_int_eq(msg.pid, 30);
	begin(PROC_EVENT_EXIT);
	event.event_data.exit.process_pid = event.event_data.exit.process_tgid = 31;
	ck_assert_int_eq(parse(), 0);
	ck_assert_int_eq(msg.kind, CONNMSG_EXIT);
	ck_assert_int_eq(msg.pid, 31);
	begin(PROC_EVENT_COMM);
	event.event_data.comm.process_pid = event.event_data.comm.process_tgid = 32;
	memset(event.event_data.comm.comm, 'x', 16);
	ck_assert_int_eq(parse(), 0);
	ck_assert_int_eq(msg.kind, CONNMSG_COMM);
	ck_assert_str_eq(msg.comm, "xxxxxxxxxxxxxxx");
}
END_TEST

START_TEST(connmsg_of_threads_and_other_things_are_none)
{
	static const uint32_t others[] = { PROC_EVENT_NONE,	PROC_EVENT_UID,
					   PROC_EVENT_GID,	PROC_EVENT_SID,
					   PROC_EVENT_PTRACE,	PROC_EVENT_COREDUMP,
					   UINT32_C(0x00000400) };
	static const uint32_t kinds[] = { PROC_EVENT_EXIT, PROC_EVENT_COMM };
	struct datagram d;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		begin(others[i]);
		ck_assert_int_eq(parse(), -ENOMSG);
	}
	for (size_t i = 0; i < 2; i++) {
		begin(kinds[i]);
		event.event_data.exit.process_pid = 41;
		event.event_data.exit.process_tgid = 40;
		ck_assert_int_eq(parse(), -ENOMSG);
	}
	begin(PROC_EVENT_FORK);
	event.event_data.fork.child_pid = 41;
	event.event_data.fork.child_tgid = 40;
	ck_assert_int_eq(parse(), -ENOMSG);
	d = make();
	d.message.id.idx = CN_IDX_PROC + 1;
	ck_assert_int_eq(connmsg_parse(&d, sizeof(d), &kernel, &msg), -ENOMSG);
	d = make();
	d.header.nlmsg_type = NLMSG_ERROR;
	ck_assert_int_eq(connmsg_parse(&d, sizeof(d), &kernel, &msg), -ENOMSG);
}
END_TEST

START_TEST(connmsg_from_others_than_the_kernel_is_forged)
{
	static const struct netlink_sender others[] = { { 7, 0 }, { 0, 7 }, { 0, -1 } };
	struct datagram d;
	int error;

	begin(PROC_EVENT_EXEC);
	event.event_data.exec.process_pid = event.event_data.exec.process_tgid = 30;
	d = make();
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(connmsg_parse(&d, sizeof(d), &others[i], &msg), -EPERM);
		ck_assert(!connmsg_is_answer(&d, sizeof(d), &others[i], 0, &error));
	}
}
END_TEST

START_TEST(connmsg_that_is_cut_or_wrong_is_malformed)
{
	const size_t needed = NLMSG_HDRLEN + sizeof(struct cn_msg) +
			      offsetof(struct proc_event, event_data) + 8;
	struct datagram d;

	begin(PROC_EVENT_EXEC);
	event.event_data.exec.process_pid = event.event_data.exec.process_tgid = 30;
	for (size_t len = 0; len < needed; len++) {
		/* As the kernel would cut it: the lengths fit. */
		d = make();
		d.header.nlmsg_len = (uint32_t)len;
		if (len >= NLMSG_HDRLEN + sizeof(struct cn_msg))
			d.message.len =
				(uint16_t)(len - NLMSG_HDRLEN - sizeof(struct cn_msg));
		ck_assert_int_eq(connmsg_parse(&d, len, &kernel, &msg), -EBADMSG);
		/* Or the datagram alone. */
		d = make();
		ck_assert_int_eq(connmsg_parse(&d, len, &kernel, &msg), -EBADMSG);
	}
	d = make();
	d.header.nlmsg_len = (uint32_t)needed;
	d.message.len = (uint16_t)(needed - NLMSG_HDRLEN - sizeof(struct cn_msg));
	ck_assert_int_eq(connmsg_parse(&d, needed, &kernel, &msg), 0);
	event.event_data.exec.process_pid = event.event_data.exec.process_tgid = 0;
	ck_assert_int_eq(parse(), -EBADMSG);
	event.event_data.exec.process_pid = event.event_data.exec.process_tgid = -5;
	ck_assert_int_eq(parse(), -EBADMSG);
}
END_TEST

START_TEST(connmsg_answer_is_known_by_its_number)
{
	struct datagram d;
	int error = -1;

	begin(PROC_EVENT_NONE);
	event.event_data.ack.err = EPERM;
	d = make();
	d.message.ack = 43;
	ck_assert(connmsg_is_answer(&d, sizeof(d), &kernel, 42, &error));
	ck_assert_int_eq(error, EPERM);
	ck_assert(!connmsg_is_answer(&d, sizeof(d), &kernel, 43, &error));
	begin(PROC_EVENT_EXEC);
	d = make();
	d.message.ack = 43;
	ck_assert(!connmsg_is_answer(&d, sizeof(d), &kernel, 42, &error));
}
END_TEST

SUITE("connmsg", connmsg_fork_of_a_process_has_child_and_parent,
      connmsg_exec_and_exit_and_comm_have_the_process,
      connmsg_of_threads_and_other_things_are_none,
      connmsg_from_others_than_the_kernel_is_forged,
      connmsg_that_is_cut_or_wrong_is_malformed, connmsg_answer_is_known_by_its_number)
