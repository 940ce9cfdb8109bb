/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* connector: the bare reader of the process connector that following is measured
 * against: waits, receives one message, counts it. Until it is ended by SIGTERM. */
#include <linux/netlink.h>
#include <linux/connector.h>
#include <linux/cn_proc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void on_signal(int signo)
{
	stopped = 1;
}

static void request(int fd, uint32_t op)
{
	struct nlmsghdr header = { .nlmsg_type = NLMSG_DONE };
	struct cn_msg message = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .len = sizeof(op) };
	char all[NLMSG_HDRLEN + sizeof(message) + sizeof(op)];

	header.nlmsg_len = sizeof(all);
	memcpy(all, &header, sizeof(header));
	memcpy(all + NLMSG_HDRLEN, &message, sizeof(message));
	memcpy(all + NLMSG_HDRLEN + sizeof(message), &op, sizeof(op));
	if (send(fd, all, sizeof(all), 0) < 0) {
		perror("connector: send");
		exit(1);
	}
}

int main(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK,
				       .nl_groups = CN_IDX_PROC };
	struct sigaction action = { .sa_handler = on_signal };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
	unsigned long messages = 0;
	char message[4096];

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("connector");
		return 1;
	}
	sigaction(SIGTERM, &action, NULL);
	request(fd, PROC_CN_MCAST_LISTEN);
	fprintf(stderr, "connector: ready\n");
	while (!stopped)
		messages += recv(fd, message, sizeof(message), 0) > 0;
	request(fd, PROC_CN_MCAST_IGNORE);
	fprintf(stderr, "connector: %lu messages\n", messages);
	return 0;
}
