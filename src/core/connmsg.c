/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/connmsg.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/connector.h>
#include <linux/cn_proc.h>
#include <string.h>

/* What stands before the data of the event, and the event itself. */
#define EVENT_OFFSET (NLMSG_HDRLEN + sizeof(struct cn_msg))
#define DATA_OFFSET  offsetof(struct proc_event, event_data)

/* The part of the event that every message has, and as much of the rest as came. 0 or
 * -errno. */
static int take_event(const void *data, size_t len, const struct netlink_sender *sender,
		      struct cn_msg *head, struct proc_event *event, size_t *event_len)
{
	struct nlmsghdr header;

	if (sender->port != 0 || sender->pid != 0)
		return -EPERM;
	if (len < NLMSG_HDRLEN)
		return -EBADMSG;
	memcpy(&header, data, sizeof(header));
	if (header.nlmsg_type != NLMSG_DONE)
		return -ENOMSG;
	if (len < EVENT_OFFSET || header.nlmsg_len > len)
		return -EBADMSG;
	memcpy(head, (const char *)data + NLMSG_HDRLEN, sizeof(*head));
	if (head->id.idx != CN_IDX_PROC || head->id.val != CN_VAL_PROC)
		return -ENOMSG;
	if (head->len > len - EVENT_OFFSET || head->len < DATA_OFFSET)
		return -EBADMSG;
	*event_len = head->len < sizeof(*event) ? head->len : sizeof(*event);
	memset(event, 0, sizeof(*event));
	memcpy(event, (const char *)data + EVENT_OFFSET, *event_len);
	return 0;
}

/* Is it the process as a whole, by the ids of the thread and of its group? */
static int take_pid(struct connmsg *msg, enum connmsg_kind kind, int32_t tid, int32_t pid)
{
	if (tid != pid)
		return -ENOMSG;
	if (pid <= 0)
		return -EBADMSG;
	msg->kind = kind;
	msg->pid = pid;
	return 0;
}

int connmsg_parse(const void *data, size_t len, const struct netlink_sender *sender,
		  struct connmsg *msg)
{
	struct proc_event event;
	struct cn_msg head;
	size_t event_len, need;
	int r = take_event(data, len, sender, &head, &event, &event_len);

	if (r < 0)
		return r;
	*msg = (struct connmsg){ .time_usec = (int64_t)(event.timestamp_ns / 1000) };
	/* Not by name: the header's enum became another one in Linux 6.7. */
	switch ((uint32_t)event.what) {
	case PROC_EVENT_FORK:
		need = sizeof(event.event_data.fork);
		msg->ppid = event.event_data.fork.parent_tgid;
		r = take_pid(msg, CONNMSG_FORK, event.event_data.fork.child_pid,
			     event.event_data.fork.child_tgid);
		break;
	case PROC_EVENT_EXEC:
		need = sizeof(event.event_data.exec);
		r = take_pid(msg, CONNMSG_EXEC, event.event_data.exec.process_pid,
			     event.event_data.exec.process_tgid);
		break;
	case PROC_EVENT_COMM:
		need = sizeof(event.event_data.comm);
		memcpy(msg->comm, event.event_data.comm.comm, sizeof(msg->comm));
		msg->comm[sizeof(msg->comm) - 1] = '\0';
		r = take_pid(msg, CONNMSG_COMM, event.event_data.comm.process_pid,
			     event.event_data.comm.process_tgid);
		break;
	case PROC_EVENT_EXIT:
		need = 2 * sizeof(int32_t);
		r = take_pid(msg, CONNMSG_EXIT, event.event_data.exit.process_pid,
			     event.event_data.exit.process_tgid);
		break;
	default:
		return -ENOMSG;
	}
	return event_len < DATA_OFFSET + need ? -EBADMSG : r;
}

bool connmsg_is_answer(const void *data, size_t len, const struct netlink_sender *sender,
		       uint32_t number, int *error)
{
	struct proc_event event;
	struct cn_msg head;
	size_t event_len;

	if (take_event(data, len, sender, &head, &event, &event_len) < 0 ||
	    (uint32_t)event.what != PROC_EVENT_NONE || head.ack != number + 1 ||
	    event_len < DATA_OFFSET + sizeof(event.event_data.ack))
		return false;
	*error = (int)event.event_data.ack.err;
	return true;
}
