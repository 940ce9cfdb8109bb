/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The multicast source on the live kernel: what comes, what the filter drops, and that
 * what is lost is counted to the record. */
#include <errno.h>
#include <libaudit.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit_host.h"
#include "io/source_multicast.h"

#define LARGE_BUFFER (4 << 20)
/* The least that the kernel gives holds two or three records. */
#define SMALL_BUFFER 4096
#define MESSAGES     2000
#define SETTLE_USEC  300000

/* What came; nothing but what this test asked for is told apart by its text. */
struct seen {
	size_t records;
	size_t ours;  /* user messages with our mark */
	int64_t last; /* the number of the last of those */
	bool in_order;
	size_t of_type[2048];
};

static struct seen seen;
static struct source *source;
static char mark[32];

static void on_record(const struct record *record, void *userdata)
{
	const char *at = memmem(record->body.data, record->body.len, mark, strlen(mark));

	seen.records++;
	if (record->type < 2048)
		seen.of_type[record->type]++;
	if (record->type == AUDIT_USER && at) {
		long n = strtol(at + strlen(mark), NULL, 10);

		seen.ours++;
		seen.in_order = seen.in_order && n > seen.last;
		seen.last = n;
	}
}

static void forget(void)
{
	seen = (struct seen){ .in_order = true, .last = -1 };
	source->counts = (struct source_counts){ 0 };
}

/* Reads until nothing has come for a while; how often records were said to be lost. */
static size_t read_all(void)
{
	size_t overruns = 0;

	for (;;) {
		struct pollfd p = { source->fd, POLLIN, 0 };
		int r;

		if (poll(&p, 1, SETTLE_USEC / 1000) == 0)
			return overruns;
		r = source_read(source, on_record, NULL);
		ck_assert_msg(r > 0 || r == -EAGAIN || r == -ENOBUFS, "%d", r);
		overruns += r == -ENOBUFS;
	}
}

static void begin(uint64_t receive_buffer_bytes)
{
	struct reason reason = { "" };

	snprintf(mark, sizeof(mark), "test_source-%d=", (int)getpid());
	open_audit();
	/* All that is sent in a burst reaches the socket or is counted there. */
	auditctl("-b 8192");
	auditctl("-e 1");
	ck_assert_msg(source_multicast_new(&source, receive_buffer_bytes, &reason) == 0,
		      "%s", reason.text);
	/* The kernel tells of each new listener. */
	read_all();
	forget();
}

static void end(void)
{
	ck_assert_ptr_null(source_free(source));
	close(fd);
}

/* A user message of our own: one record. */
static void send_message(long number)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%ld", mark, number);
	ck_assert_int_gt(
		audit_log_user_message(fd, AUDIT_USER, text, NULL, NULL, NULL, 1), 0);
}

/* Waits until the kernel's own queue is empty: all has gone to the sockets. */
static void wait_for_kauditd(void)
{
	struct audit_state state;

	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(audit_status_read(fd, &state, NULL), 0);
		if (state.backlog == 0)
			return;
		usleep(1000);
	}
	ck_abort_msg("the kernel's audit queue doesn't get empty");
}

START_TEST(source_reads_what_the_kernel_sends_in_order)
{
	begin(LARGE_BUFFER);
	ck_assert_int_eq(source_read(source, on_record, NULL), -EAGAIN);
	for (int i = 0; i < 500; i++)
		send_message(i);
	ck_assert_uint_eq(read_all(), 0);
	ck_assert_uint_eq(seen.ours, 500);
	ck_assert(seen.in_order);
	ck_assert_uint_eq(source->counts.lost, 0);
	ck_assert_uint_eq(source->counts.malformed, 0);
	ck_assert_uint_eq(source->counts.forged, 0);
	end();
}
END_TEST

START_TEST(source_counts_an_overrun_to_the_record)
{
	size_t overruns;

	begin(SMALL_BUFFER);
	for (int i = 0; i < MESSAGES; i++)
		send_message(i);
	wait_for_kauditd();
	usleep(SETTLE_USEC);
	overruns = read_all();
	ck_assert_uint_eq(overruns, 1);
	ck_assert_uint_ge(seen.ours, 1);
	ck_assert_uint_lt(seen.ours, MESSAGES);
	ck_assert_uint_ge(source->counts.overruns, 1);
	ck_assert_uint_eq(seen.records + source->counts.lost, MESSAGES);
	ck_assert(seen.in_order);
	/* It was the last ones that found no room, and what comes now finds it again. */
	ck_assert_int_eq(seen.last, (int64_t)seen.ours - 1);
	send_message(MESSAGES);
	ck_assert_uint_eq(read_all(), 0);
	ck_assert_int_eq(seen.last, MESSAGES);
	end();
}
END_TEST

START_TEST(source_counts_each_record_of_a_flood_while_it_reads)
{
	pid_t sender;
	int status = -1;
	size_t overruns = 0, sent = 4 * MESSAGES;

	begin(SMALL_BUFFER);
	sender = fork();
	ck_assert_int_ge(sender, 0);
	if (sender == 0) {
		for (size_t i = 0; i < sent; i++)
			send_message((long)i);
		_exit(0);
	}
	while (waitpid(sender, &status, WNOHANG) == 0) {
		struct pollfd p = { source->fd, POLLIN, 0 };
		int r;

		if (poll(&p, 1, 10) == 0)
			continue;
		r = source_read(source, on_record, NULL);
		ck_assert_msg(r > 0 || r == -EAGAIN || r == -ENOBUFS, "%d", r);
		overruns += r == -ENOBUFS;
		/* Slower than they come. */
		usleep(200);
	}
	ck_assert_int_eq(status, 0);
	wait_for_kauditd();
	overruns += read_all();
	ck_assert_uint_ge(overruns, 1);
	ck_assert_uint_ge(source->counts.lost, 1);
	ck_assert(seen.in_order);
	ck_assert_uint_eq(seen.records + source->counts.lost, sent);
	end();
}
END_TEST

/* As the kernel counts them for the socket. */
static uint32_t drops_of(int socket_fd)
{
	uint32_t memory[SK_MEMINFO_VARS];
	socklen_t len = sizeof(memory);

	ck_assert_int_eq(getsockopt(socket_fd, SOL_SOCKET, SO_MEMINFO, memory, &len), 0);
	return memory[SK_MEMINFO_DROPS];
}

/* Runs a program of our own often enough for its records to be told from others'. */
static void run_program(const char *path, int times)
{
	for (int i = 0; i < times; i++) {
		pid_t pid = fork();
		int status;

		ck_assert_int_ge(pid, 0);
		if (pid == 0) {
			execl(path, path, "x", (char *)NULL);
			_exit(127);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
}

START_TEST(source_drops_the_types_that_never_stand_alone)
{
	char path[128], rule[256], command[256];

	begin(LARGE_BUFFER);
	snprintf(path, sizeof(path), "%s-true", rundir);
	snprintf(command, sizeof(command), "cp /bin/true %s", path);
	ck_assert_int_eq(system(command), 0);
	snprintf(rule, sizeof(rule),
		 "-a always,exit -F arch=b64 -S execve -F exe=%s -k sigtrail-test", path);
	auditctl(rule);
	read_all();
	forget();
	run_program(path, 10);
	ck_assert_uint_eq(read_all(), 0);
	ck_assert_uint_eq(seen.of_type[AUDIT_SYSCALL], 10);
	ck_assert_uint_eq(seen.of_type[AUDIT_PROCTITLE], 10);
	ck_assert_uint_eq(seen.of_type[AUDIT_EOE], 10);
	ck_assert_uint_eq(seen.of_type[AUDIT_EXECVE], 0);
	ck_assert_uint_eq(seen.of_type[AUDIT_CWD], 0);
	ck_assert_uint_eq(seen.of_type[AUDIT_PATH], 0);
	ck_assert_uint_eq(seen.of_type[AUDIT_BPRM_FCAPS], 0);
	ck_assert_uint_eq(seen.records, 30);
	/* What the filter drops is no loss. */
	ck_assert_uint_eq(drops_of(source->fd), 0);
	ck_assert_uint_eq(source->counts.lost, 0);
	ck_assert_int_eq(unlink(path), 0);
	end();
}
END_TEST

START_TEST(source_leaves_eoe_to_the_kernel_when_it_is_told_to)
{
	begin(LARGE_BUFFER);
	ck_assert_int_eq(source_want_eoe(source, false), 0);
	auditctl("-b 8191");
	read_all();
	ck_assert_uint_ge(seen.of_type[AUDIT_CONFIG_CHANGE], 1);
	ck_assert_uint_ge(seen.of_type[AUDIT_SYSCALL], 1);
	ck_assert_uint_eq(seen.of_type[AUDIT_EOE], 0);
	ck_assert_int_eq(source_want_eoe(source, true), 0);
	auditctl("-b 8192");
	read_all();
	ck_assert_uint_ge(seen.of_type[AUDIT_EOE], 1);
	ck_assert_uint_eq(source->counts.lost, 0);
	end();
}
END_TEST

static uint32_t port_of(int socket_fd)
{
	struct sockaddr_nl address;
	socklen_t len = sizeof(address);

	ck_assert_int_eq(getsockname(socket_fd, (struct sockaddr *)&address, &len), 0);
	return address.nl_pid;
}

/* Sends the source a record that looks like the kernel's. */
static ssize_t forge(uint32_t port)
{
	struct {
		struct nlmsghdr header;
		char text[128];
	} message = { .header = { .nlmsg_type = AUDIT_USER } };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = port };
	int forger = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	ssize_t n;

	snprintf(message.text, sizeof(message.text),
		 "audit(1795301637.487:5): pid=1 uid=0 msg='%s1'", mark);
	message.header.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + strlen(message.text));
	n = sendto(forger, &message, message.header.nlmsg_len, 0, (struct sockaddr *)&to,
		   sizeof(to));
	close(forger);
	return n;
}

START_TEST(source_counts_and_refuses_what_root_forges)
{
	begin(LARGE_BUFFER);
	ck_assert_int_gt(forge(port_of(source->fd)), 0);
	ck_assert_int_gt(forge(port_of(source->fd)), 0);
	send_message(7);
	ck_assert_uint_eq(read_all(), 0);
	ck_assert_uint_eq(seen.ours, 1);
	ck_assert_int_eq(seen.last, 7);
	ck_assert_uint_eq(source->counts.forged, 2);
	ck_assert_uint_eq(source->counts.malformed, 0);
	end();
}
END_TEST

START_TEST(source_says_what_it_needs_without_the_capability)
{
	pid_t pid;
	int status;

	open_audit();
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct reason reason = { "" };
		int r;

		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(1);
		r = source_multicast_new(&source, LARGE_BUFFER, &reason);
		_exit(r == -EPERM && strstr(reason.text, "CAP_AUDIT_READ") ? 0 : 2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close(fd);
}
END_TEST

KERNEL_SUITE("source", source_reads_what_the_kernel_sends_in_order,
	     source_counts_an_overrun_to_the_record,
	     source_counts_each_record_of_a_flood_while_it_reads,
	     source_drops_the_types_that_never_stand_alone,
	     source_leaves_eoe_to_the_kernel_when_it_is_told_to,
	     source_counts_and_refuses_what_root_forges,
	     source_says_what_it_needs_without_the_capability)
