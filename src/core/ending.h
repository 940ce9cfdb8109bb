/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ending: what a journal entry of the service manager, the kernel or systemd-coredump
 * says about how a process or a unit began, was stopped, or ended. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/entry.h"

/* MESSAGE_IDs of systemd, sd-messages.h. */
#define ENDING_ID_STARTING	"7d4958e842da4a758f6c1cdc7b36dcc5"
#define ENDING_ID_STARTED	"39f53479d3a045ac8e11786248231fbf"
#define ENDING_ID_STOPPING	"de5b426a63be47a7b6ac3eaac82e2f6f"
#define ENDING_ID_STOPPED	"9d1aaa27d60140bd96365438aad20286"
#define ENDING_ID_SUCCEEDED	"7ad2d189f7e94e70a38c781354912448"
#define ENDING_ID_FAILED	"d9b373ed55a64feb8242e02dbe79a49c"
#define ENDING_ID_PROCESS_ENDED "98e322203f7a4ed290d09fe03c09fe15"
#define ENDING_ID_UNIT_OOM	"fe6faa94e7774663a0da52717891d8ef"
#define ENDING_ID_COREDUMP	"fc2e22bc6ee647b6b90729ab34a250b1"

enum ending_kind {
	ENDING_STARTING = 1,
	ENDING_STARTED,
	ENDING_FINISHED,      /* a oneshot's start, over: it may have ended before */
	ENDING_STOPPING,      /* somebody asked for it, or what it depends on */
	ENDING_STOPPED,	      /* the stop that was asked for is done */
	ENDING_SUCCEEDED,     /* "Deactivated successfully" */
	ENDING_FAILED,	      /* with result */
	ENDING_MAIN_ENDED,    /* the main process, with how and status */
	ENDING_OTHER_ENDED,   /* a control process (ExecStop= ...), likewise */
	ENDING_STOP_TIMEOUT,  /* the signal to stop did not end it in time */
	ENDING_START_TIMEOUT, /* it was not ready in time, and is ended */
	ENDING_MANAGER_KILLS, /* signo to pid, since it is still there */
	ENDING_CLIENT_KILLS,  /* systemctl kill: signo to pid */
	ENDING_WATCHDOG,      /* it didn't say that it is alive; is ended */
	ENDING_RUNTIME_MAX,   /* it ran for longer than allowed; is ended */
	ENDING_UNIT_OOM,      /* the manager heard that the OOM killer took a process */
	ENDING_KERNEL_OOM,    /* the kernel says that it killed pid */
	ENDING_OOM_CHOICE,    /* the kernel's line before that: pid, and its unit */
	ENDING_COREDUMP,      /* systemd-coredump: pid, signo */
};

enum ending_how { HOW_UNKNOWN, HOW_EXITED, HOW_KILLED, HOW_DUMPED, HOW_RUNNING };

/* Strings and bytes are the entry's; numbers as in number.h. */
struct ending {
	enum ending_kind kind;
	int64_t time_usec; /* CLOCK_REALTIME, when it was said */
	const char *unit;  /* of the system's manager or of a user's; or NULL */
	int64_t owner;	   /* whose manager: a user id, or absent for the system's */
	enum ending_how how;
	int64_t status; /* HOW_EXITED: the exit status */
	int64_t signo;
	int64_t pid;
	const char *result;  /* ENDING_FAILED: exit-code, signal, oom-kill ... */
	struct bytes limit;  /* ENDING_WATCHDOG: "3s" */
	struct bytes memcg;  /* ENDING_OOM_CHOICE: the cgroup of the process */
	const char *message; /* what it says to people; raw bytes */
};

/* 0; -ENOENT: the entry says nothing of that kind, or not by whom it has to be said: the
 * system's manager is process 1 (_PID), a user's manager runs in its init.scope, the
 * kernel's transport and facility are the kernel's, and systemd-coredump runs in a unit
 * of that name. journald vouches for these (systemd.journal-fields(7), "Trusted Journal
 * Fields"); everything else anybody may log. */
int ending_read(struct ending *ending, const struct entry *entry);

/* Is it the kernel's line that tells how it was booted? 1: with audit=1, so that every
 * process leaves records; 0: without; -ENOENT: it is another. */
int ending_read_boot(const struct entry *entry);

/* "exited", "killed", "dumped", "running"; NULL for unknown. */
const char *ending_how_name(enum ending_how how);

/* Does the cgroup path lie in the unit's? */
bool ending_memcg_in_unit(struct bytes memcg, const char *unit);
