/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/fields.h"

#include <stdio.h>
#include <string.h>

#include "core/signame.h"

#define SIG	   EVENT_SIGNAL
#define DIED	   EVENT_DEATH
#define TRAIL	   EVENT_TRAIL
#define AT(member) offsetof(struct signal_event, member)

static const struct field table[] = {
	{ "time", "SIGTRAIL_TIME_USEC", FIELD_TIME, SIG | DIED | TRAIL, AT(time_usec),
	  "when it happened" },
	{ "serial", "SIGTRAIL_SERIAL", FIELD_NUMBER, SIG | DIED, AT(serial),
	  "the kernel's number of the audit event, counted from boot" },
	{ "node", "SIGTRAIL_NODE", FIELD_STRING, SIG | DIED | TRAIL, AT(node),
	  "the host, where the records name one" },
	{ "syscall", "SIGTRAIL_SYSCALL", FIELD_CALL, SIG, AT(call),
	  "the system call that sent the signal" },
	{ "arch", "SIGTRAIL_ARCH", FIELD_ARCH, SIG, AT(arch), "the ABI of the call" },
	{ "result", "SIGTRAIL_RESULT", FIELD_RESULT, SIG, AT(result),
	  "success, or the name of the error" },
	{ "signal.number", "SIGTRAIL_SIGNO", FIELD_NUMBER, SIG, AT(signo),
	  "the signal's number" },
	{ "signal.name", "SIGTRAIL_SIGNAL", FIELD_SIGNAL, SIG, AT(signo),
	  "the signal's name" },
	{ "scope", "SIGTRAIL_SCOPE", FIELD_SCOPE, SIG, AT(scope),
	  "process, thread, group or all: how the kernel delivers it" },
	{ "argument", "SIGTRAIL_ARGUMENT", FIELD_NUMBER, SIG, AT(argument),
	  "the number given as target, as the caller sees it; null for a pidfd" },
	{ "targets", "SIGTRAIL_TARGETS", FIELD_NUMBER, SIG, AT(targets),
	  "how many processes the call reached" },
	{ "index", "SIGTRAIL_INDEX", FIELD_NUMBER, SIG, AT(index),
	  "which of them this is, from 1" },
	{ "notes", "SIGTRAIL_NOTES", FIELD_SET, SIG, AT(notes), "remarks on the event" },
	{ "repeated", "SIGTRAIL_REPEATED", FIELD_NUMBER, SIG, AT(repeated),
	  "further events that this entry stands for besides itself" },
	{ "since", "SIGTRAIL_SINCE_USEC", FIELD_TIME, SIG, AT(since_usec),
	  "when the oldest of those was" },

	{ "died.signal", "SIGTRAIL_SIGNAL", FIELD_SIGNAL, DIED, AT(signo),
	  "the name of the signal that the kernel gave the process" },
	{ "died.number", "SIGTRAIL_SIGNO", FIELD_NUMBER, DIED, AT(signo),
	  "the number of that signal" },
	{ "died.reason", "SIGTRAIL_REASON", FIELD_STRING, DIED, AT(reason),
	  "core dump or seccomp" },

	{ "sender.pid", "SENDER_PID", FIELD_NUMBER, SIG, AT(sender.pid), "process id" },
	{ "sender.ppid", "SENDER_PPID", FIELD_NUMBER, SIG, AT(sender.ppid),
	  "its parent's process id" },
	{ "sender.uid", "SENDER_UID", FIELD_NUMBER, SIG, AT(sender.uid), "user id" },
	{ "sender.euid", "SENDER_EUID", FIELD_NUMBER, SIG, AT(sender.euid),
	  "effective user id" },
	{ "sender.gid", "SENDER_GID", FIELD_NUMBER, SIG, AT(sender.gid), "group id" },
	{ "sender.auid", "SENDER_AUID", FIELD_NUMBER, SIG, AT(sender.auid),
	  "the user who logged in; null: nobody did" },
	{ "sender.session", "SENDER_SESSION", FIELD_NUMBER, SIG, AT(sender.session),
	  "audit session; null: none" },
	{ "sender.tty", "SENDER_TTY", FIELD_STRING, SIG, AT(sender.tty),
	  "controlling terminal" },
	{ "sender.comm", "SENDER_COMM", FIELD_STRING, SIG, AT(sender.comm),
	  "the process's name" },
	{ "sender.thread", "SENDER_THREAD", FIELD_STRING, SIG, AT(sender.thread),
	  "the sending thread's name, where it isn't known to be the process's" },
	{ "sender.exe", "SENDER_EXE", FIELD_STRING, SIG, AT(sender.exe),
	  "the program, as the kernel recorded it" },
	{ "sender.cmdline", "SENDER_CMDLINE", FIELD_ARGS, SIG, AT(sender.cmdline),
	  "command line" },
	{ "sender.cmdline_cut", "SENDER_CMDLINE_CUT", FIELD_TRUE, SIG,
	  AT(sender.cmdline_cut), "true where the command line was longer" },
	{ "sender.unit", "SENDER_UNIT", FIELD_STRING, SIG, AT(sender.unit),
	  "unit of the system's service manager" },
	{ "sender.user_unit", "SENDER_USER_UNIT", FIELD_STRING, SIG, AT(sender.user_unit),
	  "unit of the user's service manager" },
	{ "sender.slice", "SENDER_SLICE", FIELD_STRING, SIG, AT(sender.slice),
	  "slice of the system's service manager" },
	{ "sender.container", "SENDER_CONTAINER", FIELD_STRING, SIG, AT(sender.container),
	  "the container's id or name" },
	{ "sender.ancestry", "SENDER_ANCESTRY", FIELD_ANCESTRY, SIG, AT(sender.ancestry),
	  "its parent, that one's parent ... up to process 1" },
	{ "sender.subject", "SENDER_SUBJECT", FIELD_STRING, SIG, AT(sender.subject),
	  "security label" },

	{ "target.pid", "TARGET_PID", FIELD_NUMBER, SIG | DIED, AT(target.pid),
	  "process id" },
	{ "target.tid", "TARGET_TID", FIELD_NUMBER, SIG | DIED, AT(target.tid),
	  "the thread that the number given named" },
	{ "target.thread", "TARGET_THREAD", FIELD_STRING, SIG | DIED, AT(target.thread),
	  "the addressed thread's name, where it isn't known to be the process's" },
	{ "target.uid", "TARGET_UID", FIELD_NUMBER, SIG | DIED, AT(target.uid),
	  "user id" },
	{ "target.auid", "TARGET_AUID", FIELD_NUMBER, SIG | DIED, AT(target.auid),
	  "the user who logged in; null: nobody did" },
	{ "target.session", "TARGET_SESSION", FIELD_NUMBER, SIG | DIED,
	  AT(target.session), "audit session; null: none" },
	{ "target.comm", "TARGET_COMM", FIELD_STRING, SIG | DIED, AT(target.comm),
	  "the process's name" },
	{ "target.exe", "TARGET_EXE", FIELD_STRING, SIG | DIED, AT(target.exe),
	  "the program" },
	{ "target.cmdline", "TARGET_CMDLINE", FIELD_ARGS, SIG | DIED, AT(target.cmdline),
	  "command line" },
	{ "target.cmdline_cut", "TARGET_CMDLINE_CUT", FIELD_TRUE, SIG | DIED,
	  AT(target.cmdline_cut), "true where the command line was longer" },
	{ "target.unit", "TARGET_UNIT", FIELD_STRING, SIG | DIED, AT(target.unit),
	  "unit of the system's service manager" },
	{ "target.user_unit", "TARGET_USER_UNIT", FIELD_STRING, SIG | DIED,
	  AT(target.user_unit), "unit of the user's service manager" },
	{ "target.slice", "TARGET_SLICE", FIELD_STRING, SIG | DIED, AT(target.slice),
	  "slice of the system's service manager" },
	{ "target.container", "TARGET_CONTAINER", FIELD_STRING, SIG | DIED,
	  AT(target.container), "the container's id or name" },
	{ "target.namespace_pid", "TARGET_NAMESPACE_PID", FIELD_NUMBER, SIG | DIED,
	  AT(target.namespace_pid), "process id in its own pid namespace" },
	{ "target.ancestry", "TARGET_ANCESTRY", FIELD_ANCESTRY, SIG | DIED,
	  AT(target.ancestry), "its parent, that one's parent ... up to process 1" },
	{ "target.subject", "TARGET_SUBJECT", FIELD_STRING, SIG | DIED,
	  AT(target.subject), "security label" },

	{ "trail.event", "SIGTRAIL_EVENT", FIELD_TRAIL_EVENT, TRAIL, AT(trail.event),
	  "started, stopped, incomplete, rules or source" },
	{ "trail.cause", "SIGTRAIL_CAUSE", FIELD_TRAIL_CAUSE, TRAIL, AT(trail.cause),
	  "why" },
	{ "trail.lost", "SIGTRAIL_LOST", FIELD_NUMBER, TRAIL, AT(trail.lost),
	  "how many were lost" },
	{ "trail.of", "SIGTRAIL_OF", FIELD_TRAIL_OF, TRAIL, AT(trail.of),
	  "what was counted: events or records" },
	{ "trail.since", "SIGTRAIL_SINCE_USEC", FIELD_TIME, TRAIL, AT(trail.since_usec),
	  "begin of the time that it concerns; of started: processes that began later "
	  "leave records" },
	{ "trail.until", "SIGTRAIL_UNTIL_USEC", FIELD_TIME, TRAIL, AT(trail.until_usec),
	  "end of the time that it concerns" },
	{ "trail.unseen", "SIGTRAIL_UNSEEN", FIELD_TRAIL_UNSEEN, TRAIL, AT(trail.unseen),
	  "of started, who leaves no record of what it sends: older-processes (process 1 "
	  "among them) or nothing" },
	{ "trail.by_pid", "SIGTRAIL_BY_PID", FIELD_NUMBER, TRAIL, AT(trail.by.pid),
	  "process id of who changed the host's audit" },
	{ "trail.by_uid", "SIGTRAIL_BY_UID", FIELD_NUMBER, TRAIL, AT(trail.by.uid),
	  "its user id" },
	{ "trail.by_auid", "SIGTRAIL_BY_AUID", FIELD_NUMBER, TRAIL, AT(trail.by.auid),
	  "its login user id" },
	{ "trail.by_comm", "SIGTRAIL_BY_COMM", FIELD_STRING, TRAIL, AT(trail.by.comm),
	  "its name" },
	{ "trail.by_exe", "SIGTRAIL_BY_EXE", FIELD_STRING, TRAIL, AT(trail.by.exe),
	  "its program" },
	{ "trail.detail", "SIGTRAIL_DETAIL", FIELD_STRING, TRAIL, AT(trail.detail),
	  "which rule or which calls it is about" },
	{ "trail.seen", "SIGTRAIL_SEEN", FIELD_NUMBER, TRAIL, AT(trail.seen),
	  "of stopped: signals and deaths seen since the start" },
	{ "trail.lines", "SIGTRAIL_LINES", FIELD_NUMBER, TRAIL, AT(trail.lines),
	  "of them, those with a line of their own" },
	{ "trail.repeats", "SIGTRAIL_REPEATS", FIELD_NUMBER, TRAIL, AT(trail.repeats),
	  "of them, those that another's line stands for" },
	{ "trail.ignored", "SIGTRAIL_IGNORED", FIELD_NUMBER, TRAIL, AT(trail.ignored),
	  "of them, those that [Ignore] leaves out" },
};

const struct field *fields_table(size_t *n)
{
	*n = sizeof(table) / sizeof(table[0]);
	return table;
}

const struct field *field_find(const char *key)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].key, key) == 0)
			return &table[i];
	}
	return NULL;
}

static void set_number(struct field_value *value, enum value_type type, int64_t number)
{
	value->number = number;
	if (number == NUMBER_NULL)
		value->type = VALUE_NULL;
	else if (number != NUMBER_ABSENT)
		value->type = type;
}

static void set_bytes(struct field_value *value, enum value_type type, struct bytes text)
{
	value->text = text;
	if (text.data)
		value->type = type;
}

static void set_string(struct field_value *value, const char *s)
{
	set_bytes(value, VALUE_STRING, bytes_of(s));
}

static void set_result(struct field_value *value, int64_t result)
{
	const char *name;

	if (!number_known(result))
		return;
	name = result ? strerrorname_np(result) : "success";
	if (!name) {
		snprintf(value->scratch, sizeof(value->scratch), "%lld",
			 (long long)result);
		name = value->scratch;
	}
	set_string(value, name);
}

static void set_enum(const struct field *field, const void *at, struct field_value *value)
{
	switch (field->type) {
	case FIELD_SCOPE:
		set_string(value, scope_name(*(const enum scope *)at));
		break;
	case FIELD_TRAIL_EVENT:
		set_string(value, trail_event_name(*(const enum trail_event *)at));
		break;
	case FIELD_TRAIL_CAUSE:
		set_string(value, trail_cause_name(*(const enum trail_cause *)at));
		break;
	case FIELD_TRAIL_OF:
		set_string(value, trail_of_name(*(const enum trail_of *)at));
		break;
	case FIELD_TRAIL_UNSEEN:
		set_string(value, trail_unseen_name(*(const enum trail_unseen *)at));
		break;
	default:
		break;
	}
}

static bool applies(const struct field *field, const struct signal_event *ev)
{
	if (!(field->kinds & ev->kind))
		return false;
	return ev->has_target || field->offset < AT(target) ||
	       field->offset >= AT(target) + sizeof(ev->target);
}

void field_get(const struct field *field, const struct signal_event *ev,
	       struct field_value *value)
{
	const void *at = (const char *)ev + field->offset;

	value->type = VALUE_ABSENT;
	if (!applies(field, ev))
		return;
	switch (field->type) {
	case FIELD_NUMBER:
		set_number(value, VALUE_NUMBER, *(const int64_t *)at);
		break;
	case FIELD_TIME:
		set_number(value, VALUE_TIME, *(const int64_t *)at);
		break;
	case FIELD_STRING:
		set_string(value, *(const char *const *)at);
		break;
	case FIELD_ARGS:
		if (((const struct bytes *)at)->len)
			set_bytes(value, VALUE_ARGS, *(const struct bytes *)at);
		break;
	case FIELD_TRUE:
		if (*(const bool *)at)
			value->type = VALUE_TRUE;
		break;
	case FIELD_SET:
		value->set = ev->notes;
		value->n_set = ev->n_notes;
		if (ev->n_notes)
			value->type = VALUE_SET;
		break;
	case FIELD_ANCESTRY:
		value->party = (const struct party *)((const char *)at -
						      offsetof(struct party, ancestry));
		if (value->party->ancestry.n)
			value->type = VALUE_ANCESTRY;
		break;
	case FIELD_SIGNAL:
		if (number_known(ev->signo))
			set_string(value, signame_format(ev->signo, value->scratch));
		break;
	case FIELD_RESULT:
		set_result(value, ev->result);
		break;
	case FIELD_CALL:
		if (ev->call)
			set_string(value, ev->call->name);
		break;
	case FIELD_ARCH:
		if (ev->arch)
			set_string(value, ev->arch->name);
		break;
	default:
		set_enum(field, at, value);
	}
}
