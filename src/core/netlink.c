/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/netlink.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <string.h>

int netlink_record(const void *data, size_t len, const struct netlink_sender *sender,
		   struct record *record)
{
	struct nlmsghdr header;

	if (sender->port != 0 || sender->pid != 0)
		return -EPERM;
	if (len < NLMSG_HDRLEN)
		return -EBADMSG;
	memcpy(&header, data, sizeof(header));
	if (header.nlmsg_type < AUDIT_FIRST_USER_MSG && header.nlmsg_type != AUDIT_USER &&
	    header.nlmsg_type != AUDIT_LOGIN)
		return -ENOMSG;
	/* nlmsg_len may be short of the header's size, never of the text. */
	if (header.nlmsg_len > len ||
	    header.nlmsg_len + NLMSG_HDRLEN + NLMSG_ALIGNTO < len)
		return -EBADMSG;
	return record_parse(header.nlmsg_type, (const char *)data + NLMSG_HDRLEN,
			    len - NLMSG_HDRLEN, record);
}

bool netlink_replace(const void *data, size_t len, pid_t *successor)
{
	struct nlmsghdr header;
	uint32_t pid;

	if (len < NLMSG_HDRLEN + sizeof(pid))
		return false;
	memcpy(&header, data, sizeof(header));
	if (header.nlmsg_type != AUDIT_REPLACE)
		return false;
	memcpy(&pid, (const char *)data + NLMSG_HDRLEN, sizeof(pid));
	*successor = (pid_t)pid;
	return true;
}
