/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/event.h"

#include <string.h>

static const char *const trail_event_names[] = {
	[TRAIL_STARTED] = "started",	   [TRAIL_STOPPED] = "stopped",
	[TRAIL_INCOMPLETE] = "incomplete", [TRAIL_RULES] = "rules",
	[TRAIL_SOURCE] = "source",
};

static const char *const trail_cause_names[CAUSE_COUNT] = {
	[CAUSE_SOCKET_OVERRUN] = "socket-overrun",
	[CAUSE_INCOMPLETE_EVENT] = "incomplete-event",
	[CAUSE_TOO_MANY_TARGETS] = "too-many-targets",
	[CAUSE_QUEUE_FULL] = "queue-full",
	[CAUSE_JOURNAL_WRITE] = "journal-write",
	[CAUSE_FORGED] = "forged",
	[CAUSE_EVICTED] = "evicted",
	[CAUSE_SERIAL_GAP] = "serial-gap",
	[CAUSE_KERNEL_LOST] = "kernel-lost",
	[CAUSE_AUDIT_DISABLED] = "audit-disabled",
	[CAUSE_RULES_CHANGED] = "rules-changed",
	[CAUSE_NOT_RUNNING] = "not-running",
	[CAUSE_REPLACED] = "replaced",
	[CAUSE_RESTART] = "restart",
	[CAUSE_RULES_SHADOWED] = "rules-shadowed",
	[CAUSE_BACKLOG_LOWERED] = "backlog-lowered",
};

static const char *const trail_of_names[] = {
	[OF_EVENTS] = "events",
	[OF_RECORDS] = "records",
};

static const char *const trail_unseen_names[] = {
	[UNSEEN_NOTHING] = "nothing",
	[UNSEEN_OLDER] = "older-processes",
};

#define NAME_OF(names, value)                                                            \
	((size_t)(value) < sizeof(names) / sizeof((names)[0]) ? (names)[value] : NULL)

void party_init(struct party *party)
{
	*party = (struct party){
		.pid = NUMBER_ABSENT,
		.tid = NUMBER_ABSENT,
		.ppid = NUMBER_ABSENT,
		.namespace_pid = NUMBER_ABSENT,
		.uid = NUMBER_ABSENT,
		.euid = NUMBER_ABSENT,
		.gid = NUMBER_ABSENT,
		.auid = NUMBER_ABSENT,
		.session = NUMBER_ABSENT,
		.start_usec = NUMBER_ABSENT,
	};
}

void event_init(struct signal_event *ev, enum event_kind kind, int64_t time_usec)
{
	*ev = (struct signal_event){
		.kind = kind,
		.time_usec = time_usec,
		.serial = NUMBER_ABSENT,
		.result = NUMBER_ABSENT,
		.signo = NUMBER_ABSENT,
		.argument = NUMBER_ABSENT,
		.targets = NUMBER_ABSENT,
		.index = NUMBER_ABSENT,
		.repeated = NUMBER_ABSENT,
		.since_usec = NUMBER_ABSENT,
		.trail = {
			.lost = NUMBER_ABSENT,
			.since_usec = NUMBER_ABSENT,
			.until_usec = NUMBER_ABSENT,
			.by = { NUMBER_ABSENT, NUMBER_ABSENT, NUMBER_ABSENT },
			.seen = NUMBER_ABSENT,
			.lines = NUMBER_ABSENT,
			.repeats = NUMBER_ABSENT,
			.ignored = NUMBER_ABSENT,
		},
	};
	party_init(&ev->sender);
	party_init(&ev->target);
}

void event_init_trail(struct signal_event *ev, enum trail_event event, int64_t time_usec)
{
	event_init(ev, EVENT_TRAIL, time_usec);
	ev->trail.event = event;
}

uint64_t event_count(const struct signal_event *ev)
{
	return 1 + (number_known(ev->repeated) ? (uint64_t)ev->repeated : 0);
}

const char *trail_event_name(enum trail_event event)
{
	return NAME_OF(trail_event_names, event);
}

const char *trail_cause_name(enum trail_cause cause)
{
	return NAME_OF(trail_cause_names, cause);
}

const char *trail_of_name(enum trail_of of)
{
	return NAME_OF(trail_of_names, of);
}

const char *trail_unseen_name(enum trail_unseen unseen)
{
	return NAME_OF(trail_unseen_names, unseen);
}

const char *party_name(const struct party *party)
{
	const char *slash;

	if (party->comm)
		return party->comm;
	if (party->thread)
		return party->thread;
	if (!party->exe)
		return NULL;
	slash = strrchr(party->exe, '/');
	return slash && slash[1] ? slash + 1 : party->exe;
}
