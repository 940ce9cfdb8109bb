/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ending.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/signame.h"

/* --- who says it --- */

static bool field_is(const struct entry *entry, const char *key, const char *value)
{
	const char *s = entry_string(entry, key);

	return s && strcmp(s, value) == 0;
}

static bool is_system_manager(const struct entry *entry)
{
	return entry_number(entry, "_PID") == 1 && entry_number(entry, "_UID") == 0;
}

/* Only the manager itself runs in its init.scope; the user may of course lie about the
 * own units, and about no others. */
static bool is_user_manager(const struct entry *entry)
{
	return field_is(entry, "_COMM", "systemd") &&
	       field_is(entry, "_SYSTEMD_USER_UNIT", "init.scope");
}

/* What root writes to /dev/kmsg has the kernel's transport too, but never its facility
 * (kernel/printk/printk.c, devkmsg_write). */
static bool is_kernel(const struct entry *entry)
{
	return field_is(entry, "_TRANSPORT", "kernel") &&
	       entry_number(entry, "SYSLOG_FACILITY") == 0;
}

static bool is_coredump(const struct entry *entry)
{
	static const char prefix[] = "systemd-coredump@";
	const char *unit = entry_string(entry, "_SYSTEMD_UNIT");

	return unit && strncmp(unit, prefix, sizeof(prefix) - 1) == 0;
}

/* --- words of a message --- */

/* Moves *p behind the words if it begins with them. */
static bool skip(const char **p, const char *words)
{
	size_t len = strlen(words);

	if (strncmp(*p, words, len) != 0)
		return false;
	*p += len;
	return true;
}

/* Decimal digits as a number, *p behind them; absent where there is none. */
static int64_t take_number(const char **p)
{
	char *end;
	long long n;

	if (**p < '0' || **p > '9')
		return NUMBER_ABSENT;
	errno = 0;
	n = strtoll(*p, &end, 10);
	if (errno)
		return NUMBER_ABSENT;
	*p = end;
	return n;
}

/* A signal's name up to the next blank or the end (a full stop behind it goes), absent
 * where it is none. */
static int64_t take_signal(const char **p)
{
	char name[SIGNAME_SIZE];
	size_t len = strcspn(*p, " ."), n = len < sizeof(name) ? len : sizeof(name) - 1;
	int signo;

	memcpy(name, *p, n);
	name[n] = '\0';
	*p += len;
	signo = signame_parse(name);
	return signo < 0 ? NUMBER_ABSENT : signo;
}

/* Behind "UNIT: ", where the message begins so. */
static const char *body_of(const char *message, const char *unit)
{
	size_t len = unit ? strlen(unit) : 0;

	if (len && strncmp(message, unit, len) == 0 && message[len] == ':' &&
	    message[len + 1] == ' ')
		return message + len + 2;
	return message;
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len >= n && strcmp(s + len - n, end) == 0;
}

/* --- the service manager --- */

static const struct {
	const char *id;
	enum ending_kind kind;
} by_id[] = {
	{ ENDING_ID_STARTING, ENDING_STARTING },
	{ ENDING_ID_STARTED, ENDING_STARTED },
	{ ENDING_ID_STOPPING, ENDING_STOPPING },
	{ ENDING_ID_STOPPED, ENDING_STOPPED },
	{ ENDING_ID_SUCCEEDED, ENDING_SUCCEEDED },
	{ ENDING_ID_FAILED, ENDING_FAILED },
	{ ENDING_ID_PROCESS_ENDED, ENDING_OTHER_ENDED },
	{ ENDING_ID_UNIT_OOM, ENDING_UNIT_OOM },
};

static enum ending_kind kind_of_id(const char *id)
{
	for (size_t i = 0; id && i < sizeof(by_id) / sizeof(by_id[0]); i++) {
		if (strcmp(id, by_id[i].id) == 0)
			return by_id[i].kind;
	}
	return 0;
}

static int read_process_end(struct ending *e, const struct entry *entry, const char *body)
{
	const char *code = entry_string(entry, "EXIT_CODE");
	int64_t status = entry_number(entry, "EXIT_STATUS");

	if (!code || !number_known(status))
		return -ENOENT;
	if (strcmp(code, "exited") == 0) {
		e->how = HOW_EXITED;
		e->status = status;
	} else if (strcmp(code, "killed") == 0 || strcmp(code, "dumped") == 0) {
		e->how = code[0] == 'k' ? HOW_KILLED : HOW_DUMPED;
		e->signo = status;
	} else {
		return -ENOENT;
	}
	if (strncmp(body, "Main process ", strlen("Main process ")) == 0)
		e->kind = ENDING_MAIN_ENDED;
	return 0;
}

/* "Sent signal SIGUSR1 to main process 42 (name) on client request." */
static bool read_client_kill(struct ending *e, const char *p)
{
	if (!skip(&p, "Sent signal "))
		return false;
	e->signo = take_signal(&p);
	if (!skip(&p, " to ") || !ends_with(p, "on client request."))
		return false;
	if (strncmp(p, "main ", 5) != 0 && strncmp(p, "control ", 8) != 0 &&
	    strncmp(p, "supplementary ", 14) != 0)
		return false;
	p = strchr(p, ' ') + 1;
	if (skip(&p, "process "))
		e->pid = take_number(&p);
	e->kind = ENDING_CLIENT_KILLS;
	return true;
}

/* "Killing process 42 (name) with signal SIGKILL." The name is anybody's: from the end.
 */
static bool read_manager_kill(struct ending *e, const char *p)
{
	const char *with = NULL;

	if (!skip(&p, "Killing process "))
		return false;
	e->pid = take_number(&p);
	for (const char *s = strstr(p, " with signal "); s;
	     s = strstr(s + 1, " with signal "))
		with = s + strlen(" with signal ");
	if (with)
		e->signo = take_signal(&with);
	e->kind = ENDING_MANAGER_KILLS;
	return true;
}

static bool read_watchdog(struct ending *e, const char *p)
{
	if (!skip(&p, "Watchdog timeout"))
		return false;
	if (skip(&p, " (limit "))
		e->limit = (struct bytes){ p, strcspn(p, ")") };
	e->kind = ENDING_WATCHDOG;
	return true;
}

/* Messages without an id, by their words. */
static int read_words(struct ending *e, const char *body)
{
	if (read_client_kill(e, body) || read_manager_kill(e, body) ||
	    read_watchdog(e, body))
		return 0;
	if (strncmp(body, "State 'stop-", strlen("State 'stop-")) == 0 ||
	    strncmp(body, "State 'final-", strlen("State 'final-")) == 0 ||
	    strncmp(body, "Stopping timed out", strlen("Stopping timed out")) == 0)
		e->kind = ENDING_STOP_TIMEOUT;
	else if (strncmp(body, "start operation timed out",
			 strlen("start operation timed out")) == 0)
		e->kind = ENDING_START_TIMEOUT;
	else if (strstr(body, " reached runtime time limit. Stopping."))
		e->kind = ENDING_RUNTIME_MAX;
	else
		return -ENOENT;
	return 0;
}

static int read_manager(struct ending *e, const struct entry *entry, bool of_user)
{
	const char *body;

	e->unit = entry_string(entry, of_user ? "USER_UNIT" : "UNIT");
	if (of_user)
		e->owner = entry_number(entry, "_UID");
	if (!e->unit)
		return -ENOENT;
	body = body_of(e->message, e->unit);
	e->kind = kind_of_id(entry_string(entry, "MESSAGE_ID"));
	e->result = entry_string(entry, "UNIT_RESULT");
	/* Of all starts the same id. */
	if (e->kind == ENDING_STARTED && skip(&body, "Finished "))
		e->kind = ENDING_FINISHED;
	if (e->kind == ENDING_OTHER_ENDED)
		return read_process_end(e, entry, body);
	return e->kind ? 0 : read_words(e, body);
}

/* --- the kernel (mm/oom_kill.c) --- */

static const char *last_of(const char *text, const char *words)
{
	const char *found = NULL;

	for (const char *s = strstr(text, words); s; s = strstr(s + 1, words))
		found = s;
	return found;
}

/* "oom-kill:constraint=...,task_memcg=/system.slice/a.service,task=NAME,pid=42,uid=0".
 * The name may hold anything: what follows it is looked for from the end. */
static int read_oom_choice(struct ending *e, const char *p)
{
	const char *pid = last_of(p, ",pid="), *memcg = strstr(p, ",task_memcg=");

	if (!pid)
		return -ENOENT;
	pid += strlen(",pid=");
	e->pid = take_number(&pid);
	if (memcg) {
		memcg += strlen(",task_memcg=");
		e->memcg = (struct bytes){ memcg, strcspn(memcg, ",") };
	}
	e->kind = ENDING_OOM_CHOICE;
	return number_known(e->pid) ? 0 : -ENOENT;
}

/* "Memory cgroup out of memory: Killed process 42 (name) total-vm:..." */
static int read_kernel(struct ending *e)
{
	const char *p = e->message;

	if (skip(&p, "oom-kill:"))
		return read_oom_choice(e, p);
	if (!skip(&p, "Memory cgroup out of memory: ") && !skip(&p, "Out of memory: ") &&
	    !skip(&p, "Out of memory (oom_kill_allocating_task): "))
		return -ENOENT;
	if (!skip(&p, "Killed process "))
		return -ENOENT;
	e->pid = take_number(&p);
	e->kind = ENDING_KERNEL_OOM;
	e->signo = 9;
	return number_known(e->pid) ? 0 : -ENOENT;
}

/* kernel/audit.c, audit_enable(): "on" or a number that isn't 0; the last one counts. */
int ending_read_boot(const struct entry *entry)
{
	const char *p = entry_string(entry, "MESSAGE");
	int audited = 0;

	if (!p || !is_kernel(entry) ||
	    (!skip(&p, "Command line: ") && !skip(&p, "Kernel command line: ")))
		return -ENOENT;
	for (; *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		const char *value = p + strlen("audit=");

		if (strncmp(p, "audit=", strlen("audit=")) == 0)
			audited = (len == strlen("audit=on") &&
				   strncmp(value, "on", 2) == 0) ||
				  (*value >= '1' && *value <= '9');
		p += len;
	}
	return audited;
}

static int read_coredump(struct ending *e, const struct entry *entry)
{
	if (!field_is(entry, "MESSAGE_ID", ENDING_ID_COREDUMP))
		return -ENOENT;
	e->pid = entry_number(entry, "COREDUMP_PID");
	e->signo = entry_number(entry, "COREDUMP_SIGNAL");
	e->unit = entry_string(entry, "COREDUMP_USER_UNIT");
	if (!e->unit)
		e->unit = entry_string(entry, "COREDUMP_UNIT");
	e->kind = ENDING_COREDUMP;
	return number_known(e->pid) ? 0 : -ENOENT;
}

int ending_read(struct ending *ending, const struct entry *entry)
{
	int64_t said = entry_number(entry, "_SOURCE_REALTIME_TIMESTAMP");

	*ending = (struct ending){
		.owner = NUMBER_ABSENT,
		.status = NUMBER_ABSENT,
		.signo = NUMBER_ABSENT,
		.pid = NUMBER_ABSENT,
		.message = entry_string(entry, "MESSAGE"),
		.time_usec = number_known(said) ? said : entry_realtime_usec(entry),
	};
	if (!ending->message)
		return -ENOENT;
	if (is_kernel(entry)) {
		/* Its stamp counts from boot, and journald converts it as well as it can.
		 */
		ending->time_usec = entry_realtime_usec(entry);
		return read_kernel(ending);
	}
	if (is_system_manager(entry))
		return read_manager(ending, entry, false);
	if (is_user_manager(entry))
		return read_manager(ending, entry, true);
	return is_coredump(entry) ? read_coredump(ending, entry) : -ENOENT;
}

const char *ending_how_name(enum ending_how how)
{
	static const char *const names[] = {
		[HOW_EXITED] = "exited",
		[HOW_KILLED] = "killed",
		[HOW_DUMPED] = "dumped",
		[HOW_RUNNING] = "running",
	};

	return names[how];
}

bool ending_memcg_in_unit(struct bytes memcg, const char *unit)
{
	const char *p = memcg.data, *end;
	size_t len = strlen(unit);

	if (!p)
		return false;
	end = p + memcg.len;
	while (p && p < end) {
		const char *slash = memchr(p, '/', end - p);
		const char *stop = slash ? slash : end;

		if ((size_t)(stop - p) == len && memcmp(p, unit, len) == 0)
			return true;
		p = slash ? slash + 1 : NULL;
	}
	return false;
}
