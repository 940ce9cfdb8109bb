/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reader: the bare multicast reader that sigtraild is measured against, and that records
 * test data: receives one record at a time, 64 MiB, no filter.
 *
 *     reader COUNT SECONDS      reads until so many events of kill rules (EOE) or so long
 *     reader -p SECONDS         prints the records as lines of a log
 *
 * At the end it tells on standard error: records, EOEs, drops, CPU seconds. */
#include <errno.h>
#include <libaudit.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void on_signal(int signo)
{
	stopped = 1;
}

static int open_socket(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int group = AUDIT_NLGRP_READLOG, size = 32 * 1024 * 1024;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) <
		    0) {
		perror("reader: audit socket");
		exit(1);
	}
	return fd;
}

static unsigned drops(int fd)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(memory);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &len) < 0)
		perror("reader: SO_MEMINFO");
	return memory[SK_MEMINFO_DROPS];
}

static void print_record(const struct nlmsghdr *header, size_t len)
{
	const char *name = audit_msg_type_to_name(header->nlmsg_type);
	const char *text = (const char *)header + NLMSG_HDRLEN;
	size_t n = strnlen(text, len - NLMSG_HDRLEN);

	if (name)
		printf("type=%s msg=%.*s\n", name, (int)n, text);
	else
		printf("type=UNKNOWN[%d] msg=%.*s\n", header->nlmsg_type, (int)n, text);
	fflush(stdout);
}

static double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	static union {
		struct nlmsghdr header;
		char bytes[16384];
	} message;
	bool print = argc == 3 && !strcmp(argv[1], "-p");
	unsigned long want = print ? 0 : strtoul(argc == 3 ? argv[1] : "0", NULL, 10);
	unsigned long records = 0, ends = 0;
	struct sigaction action = { .sa_handler = on_signal };
	time_t give_up;
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: reader COUNT SECONDS | reader -p SECONDS\n");
		return 2;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	fd = open_socket();
	fprintf(stderr, "reader: ready\n");
	give_up = time(NULL) + atoi(argv[2]);
	while (!stopped && (!want || ends < want) && time(NULL) < give_up) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n = recv(fd, message.bytes, sizeof(message.bytes), MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN) {
			poll(&p, 1, 100);
			continue;
		}
		if (n < (ssize_t)NLMSG_HDRLEN)
			continue;
		records++;
		ends += message.header.nlmsg_type == AUDIT_EOE;
		if (print)
			print_record(&message.header, (size_t)n);
	}
	fprintf(stderr, "reader: %lu records, %lu events, %u dropped, %.3f CPU seconds\n",
		records, ends, drops(fd), cpu_seconds());
	return 0;
}
