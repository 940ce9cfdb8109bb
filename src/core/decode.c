/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/decode.h"

#include <errno.h>
#include <libaudit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/body.h"
#include "core/buffer.h"
#include "core/value.h"

/* PROCTITLE holds at most so many bytes (kernel/auditsc.c, MAX_PROCTITLE_AUDIT_LEN). */
#define PROCTITLE_MAX_BYTES 128
/* Deaths by seccomp that are remembered, and how long. */
#define SECCOMP_DEATHS	      16
#define SECCOMP_REMEMBER_USEC 1000000

struct seccomp_death {
	int64_t pid;
	const char *node; /* only compared: one name, one pointer (join.c) */
	int64_t time_usec;
	bool told; /* as the process's death */
};

struct decode {
	auparse_state_t *parser; /* NULL: we split the records */
	struct buffer feed;	 /* for it */
	struct party *parsed;	 /* whom the record is about that it has */
	decode_event_fn *event;
	void *userdata;
	struct buffer body; /* a record that is split */
	struct value_strings strings;

	const struct joined *joined;
	/* Of the event being decoded. */
	struct signal_event ev;
	uint64_t args[4];
	bool has_arg[4];
	uint64_t nr;

	uint64_t seccomp_code; /* the action, SECCOMP_RET_* */
	struct seccomp_death seccomp_deaths[SECCOMP_DEATHS];
	size_t next_seccomp_death;
};

/* --- fields --- */

/* The fields of SYSCALL in the kernel's order (kernel/auditsc.c), those that mean nothing
 * to us too: so each name is found at the first comparison. */
enum known {
	KNOWN_ARCH,
	KNOWN_SYSCALL,
	KNOWN_SUCCESS,
	KNOWN_EXIT,
	KNOWN_A0,
	KNOWN_A1,
	KNOWN_A2,
	KNOWN_A3,
	KNOWN_ITEMS,
	KNOWN_PPID,
	KNOWN_PID,
	KNOWN_AUID,
	KNOWN_UID,
	KNOWN_GID,
	KNOWN_EUID,
	KNOWN_SUID,
	KNOWN_FSUID,
	KNOWN_EGID,
	KNOWN_SGID,
	KNOWN_FSGID,
	KNOWN_TTY,
	KNOWN_SES,
	KNOWN_COMM,
	KNOWN_EXE,
	KNOWN_SUBJ,
	KNOWN_KEY,
	KNOWN_SIG,
	KNOWN_CODE,
	KNOWN_COUNT,
};

static const char *const known_names[KNOWN_COUNT] = {
	"arch", "syscall", "success", "exit", "a0",   "a1",    "a2",
	"a3",	"items",   "ppid",    "pid",  "auid", "uid",   "gid",
	"euid", "suid",	   "fsuid",   "egid", "sgid", "fsgid", "tty",
	"ses",	"comm",	   "exe",     "subj", "key",  "sig",   "code",
};

/* The search goes on where the last one ended. */
static enum known known_find(const char *name, size_t *next)
{
	for (size_t i = 0; i < KNOWN_COUNT; i++) {
		size_t at = *next + i < KNOWN_COUNT ? *next + i : *next + i - KNOWN_COUNT;

		if (!strcmp(known_names[at], name)) {
			*next = at + 1 < KNOWN_COUNT ? at + 1 : 0;
			return (enum known)at;
		}
	}
	return KNOWN_COUNT;
}

static void take_call(struct decode *d, enum known known, const char *value)
{
	uint64_t n;

	switch (known) {
	case KNOWN_ARCH:
		if (value_number(value, 16, &n) && n <= UINT32_MAX)
			d->ev.arch = sigarch_of_audit((uint32_t)n);
		break;
	case KNOWN_SYSCALL:
		if (!value_number(value, 10, &d->nr))
			d->nr = UINT32_MAX;
		break;
	case KNOWN_EXIT:
		if (value[0] == '-' && value_number(value + 1, 10, &n) && n <= INT32_MAX)
			d->ev.result = (int64_t)n;
		else if (value_number(value, 10, &n))
			d->ev.result = 0;
		break;
	case KNOWN_A0:
	case KNOWN_A1:
	case KNOWN_A2:
	case KNOWN_A3:
		d->has_arg[known - KNOWN_A0] =
			value_number(value, 16, &d->args[known - KNOWN_A0]);
		break;
	default:
		break;
	}
}

static void take_party(struct decode *d, struct party *party, enum known known,
		       const char *value)
{
	switch (known) {
	case KNOWN_PPID:
		party->ppid = value_id(value);
		break;
	case KNOWN_PID:
		party->pid = value_id(value);
		break;
	case KNOWN_AUID:
		party->auid = value_settable_id(value);
		break;
	case KNOWN_UID:
		party->uid = value_id(value);
		break;
	case KNOWN_GID:
		party->gid = value_id(value);
		break;
	case KNOWN_EUID:
		party->euid = value_id(value);
		break;
	case KNOWN_TTY:
		party->tty = value_word(&d->strings, value);
		break;
	case KNOWN_SES:
		party->session = value_settable_id(value);
		break;
	case KNOWN_COMM:
		party->comm = value_string(&d->strings, value).data;
		break;
	case KNOWN_EXE:
		party->exe = value_string(&d->strings, value).data;
		break;
	case KNOWN_SUBJ:
		party->subject = value_word(&d->strings, value);
		break;
	default:
		break;
	}
}

/* The fields of one record, each once: of a repeated name (a process can't write one, a
 * broken log can) the first counts. */
struct taking {
	struct party *party; /* whom the record is about */
	uint64_t seen;
	size_t next; /* name to be expected */
};

static void take_field(struct decode *d, struct taking *taking, const char *name,
		       const char *value)
{
	enum known known = known_find(name, &taking->next);
	uint64_t n;

	if (known == KNOWN_COUNT || taking->seen & UINT64_C(1) << known)
		return;
	taking->seen |= UINT64_C(1) << known;
	if (known == KNOWN_CODE)
		d->seccomp_code = value_number(value, 16, &n) ? n : 0;
	else if (known == KNOWN_SIG)
		d->ev.signo = value_number(value, 10, &n) ? (int64_t)n : NUMBER_ABSENT;
	else
		take_call(d, known, value);
	take_party(d, taking->party, known, value);
}

/* A copy of the body that body_next() can split, NULL without memory. */
static char *copy_body(struct decode *d, const struct bytes *body)
{
	buffer_reset(&d->body);
	buffer_add(&d->body, body->data, body_len(body));
	return d->body.failed ? NULL : d->body.data;
}

static int take_record(struct decode *d, const struct bytes *body, struct party *party)
{
	struct taking taking = { .party = party };
	char *rest = copy_body(d, body);
	const char *name, *value;

	if (!rest)
		return -ENOMEM;
	while (body_next(&rest, &name, &value))
		take_field(d, &taking, name, value);
	return 0;
}

static int take_obj_pid(struct decode *d, const struct bytes *body, struct party *target)
{
	char *rest = copy_body(d, body);
	const char *name, *value;

	party_init(target);
	if (!rest)
		return -ENOMEM;
	while (body_next(&rest, &name, &value)) {
		if (!strcmp(name, "opid"))
			target->pid = value_id(value);
		else if (!strcmp(name, "oauid"))
			target->auid = value_settable_id(value);
		else if (!strcmp(name, "ouid"))
			target->uid = value_id(value);
		else if (!strcmp(name, "oses"))
			target->session = value_settable_id(value);
		else if (!strcmp(name, "ocomm"))
			target->thread = value_string(&d->strings, value).data;
		else if (!strcmp(name, "obj"))
			target->subject = value_word(&d->strings, value);
	}
	return 0;
}

static void take_proctitle(struct decode *d, const struct bytes *body)
{
	char *rest = body->len ? copy_body(d, body) : NULL;
	const char *name, *value;

	while (rest && body_next(&rest, &name, &value)) {
		if (strcmp(name, "proctitle") != 0)
			continue;
		d->ev.sender.cmdline = value_string(&d->strings, value);
		d->ev.sender.cmdline_cut =
			d->ev.sender.cmdline.len >= PROCTITLE_MAX_BYTES;
		return;
	}
}

/* --- the call --- */

/* An argument as the int that the call took it for; absent where it can't be read. */
static int64_t argument(const struct decode *d, int i)
{
	return d->has_arg[i] ? (int32_t)d->args[i] : NUMBER_ABSENT;
}

static int resolve_call(struct decode *d)
{
	struct signal_event *ev = &d->ev;
	int decides_scope;

	ev->call = sigcall_find(ev->arch, (uint32_t)d->nr);
	if (!ev->call)
		return -EBADMSG;
	ev->signo = argument(d, ev->call->signal_arg);
	if (ev->call->by == SIGCALL_BY_PIDFD) {
		ev->argument = NUMBER_NULL;
		decides_scope = 3;
	} else {
		ev->argument = argument(d, ev->call->target_arg);
		decides_scope = ev->call->target_arg;
	}
	if (d->has_arg[decides_scope])
		ev->scope = sigcall_scope(ev->call, d->args);
	if (d->joined->n_targets)
		ev->targets = (int64_t)d->joined->n_targets;
	return 0;
}

/* --- libauparse's reading in the place of ours --- */

static void on_parsed(auparse_state_t *parser, auparse_cb_event_t kind, void *userdata)
{
	struct decode *d = userdata;
	struct taking taking = { .party = d->parsed };

	if (kind != AUPARSE_CB_EVENT_READY || auparse_first_record(parser) <= 0 ||
	    auparse_first_field(parser) <= 0)
		return;
	do {
		const char *name = auparse_get_field_name(parser);
		const char *value = auparse_get_field_str(parser);

		if (name && value)
			take_field(d, &taking, name, value);
	} while (auparse_next_field(parser) > 0);
}

/* Hands the record to libauparse as an event of its own, which calls on_parsed(). */
static int parse_record(struct decode *d, const char *type, const struct bytes *body,
			struct party *party)
{
	const struct joined *j = d->joined;
	int r = 0;

	d->parsed = party;
	buffer_reset(&d->feed);
	buffer_printf(&d->feed, "type=%s msg=audit(%lld.%03d:%llu): ", type,
		      (long long)j->sec, j->msec, (unsigned long long)j->serial);
	buffer_add(&d->feed, body->data, body->len);
	buffer_add_char(&d->feed, '\n');
	if (d->feed.failed || auparse_feed(d->parser, d->feed.data, d->feed.len) < 0)
		r = -ENOMEM;
	auparse_flush_feed(d->parser);
	return r;
}

/* --- one event --- */

static int read_record(struct decode *d, const char *type, const struct bytes *body,
		       struct party *party)
{
	return d->parser ? parse_record(d, type, body, party)
			 : take_record(d, body, party);
}

static int decode_targets(struct decode *d)
{
	const struct joined *j = d->joined;
	size_t used = d->strings.used;

	for (size_t i = 0; i < j->n_obj_pids; i++) {
		struct signal_event ev = d->ev;
		int r = take_obj_pid(d, &j->obj_pids[i], &ev.target);

		if (r < 0)
			return r;
		ev.has_target = number_known(ev.target.pid);
		ev.index = (int64_t)i + 1;
		d->event(&ev, d->userdata);
		/* The strings of the sender stay, those of this target go. */
		d->strings.used = used;
	}
	return 0;
}

static int decode_signal(struct decode *d)
{
	const struct joined *j = d->joined;
	int r;

	r = read_record(d, "SYSCALL", &j->syscall, &d->ev.sender);
	if (r == 0)
		r = resolve_call(d);
	if (r < 0)
		return r;
	take_proctitle(d, &j->proctitle);
	if (j->n_obj_pids)
		return decode_targets(d);
	d->event(&d->ev, d->userdata);
	return 0;
}

static void remember_seccomp(struct decode *d, bool told)
{
	d->seccomp_deaths[d->next_seccomp_death++ % SECCOMP_DEATHS] =
		(struct seccomp_death){ d->ev.target.pid, d->ev.node, d->ev.time_usec,
					told };
}

/* What seccomp did to the process that dies of SIGSYS now, NULL if nothing. */
static const struct seccomp_death *find_seccomp(const struct decode *d)
{
	for (size_t i = 0; d->ev.signo == SIGSYS && i < SECCOMP_DEATHS; i++) {
		const struct seccomp_death *death = &d->seccomp_deaths[i];

		if (death->pid == d->ev.target.pid && death->node == d->ev.node &&
		    llabs(d->ev.time_usec - death->time_usec) < SECCOMP_REMEMBER_USEC)
			return death;
	}
	return NULL;
}

/* When seccomp ends a process, the kernel tells it twice: as SECCOMP, and then as the
 * core-dumping death by SIGSYS that it makes of that. SECCOMP_RET_KILL_THREAD, code 0,
 * ends one thread: a death of the process only if the second record comes
 * (kernel/seccomp.c). Why the process died by this record, NULL: it is none to tell. */
static const char *death_reason(struct decode *d, bool seccomp)
{
	const struct seccomp_death *death;

	if (seccomp) {
		remember_seccomp(d, d->seccomp_code != 0);
		return d->seccomp_code != 0 ? "seccomp" : NULL;
	}
	death = find_seccomp(d);
	if (!death)
		return "core dump";
	return death->told ? NULL : "seccomp";
}

static int decode_death(struct decode *d)
{
	const struct joined *j = d->joined;
	bool seccomp = j->death_type == AUDIT_SECCOMP;
	int r;

	r = read_record(d, seccomp ? "SECCOMP" : "ANOM_ABEND", &j->death, &d->ev.target);
	if (r < 0)
		return r;
	if (!number_known(d->ev.target.pid) || !number_known(d->ev.signo))
		return -EBADMSG;
	/* seccomp also logs calls that it only refuses: they have no signal. */
	d->ev.reason = d->ev.signo ? death_reason(d, seccomp) : NULL;
	if (!d->ev.reason)
		return 0;
	d->ev.has_target = true;
	/* An arch and call that made seccomp kill is no call that sent a signal. */
	d->ev.arch = NULL;
	d->event(&d->ev, d->userdata);
	return 0;
}

int decode_event(struct decode *d, const struct joined *joined)
{
	event_init(&d->ev, joined->death.len ? EVENT_DEATH : EVENT_SIGNAL,
		   joined->sec * 1000000 + joined->msec * 1000);
	d->ev.serial = (int64_t)joined->serial;
	d->ev.node = joined->node.len ? joined->node.data : NULL;
	d->joined = joined;
	d->strings.used = 0;
	d->seccomp_code = 0;
	d->nr = UINT32_MAX;
	memset(d->has_arg, 0, sizeof(d->has_arg));
	return joined->death.len ? decode_death(d) : decode_signal(d);
}

int decode_new(struct decode **decode, auparse_state_t *parser, decode_event_fn *event,
	       void *userdata)
{
	struct decode *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->parser = parser;
	d->event = event;
	d->userdata = userdata;
	if (parser)
		auparse_add_callback(parser, on_parsed, d, NULL);
	*decode = d;
	return 0;
}

struct decode *decode_free(struct decode *decode)
{
	if (!decode)
		return NULL;
	buffer_free(&decode->feed);
	buffer_free(&decode->body);
	free(decode);
	return NULL;
}
