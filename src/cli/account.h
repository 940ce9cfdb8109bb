/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* account: what run tells of a command: the signals that it, its children and we
 * ourselves got, and how it ended. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "core/event.h"
#include "core/siginfo.h"
#include "core/signame.h"
#include "io/sink.h"

/* How the signals come to our notice, which says what is not seen. */
enum account_of {
	ACCOUNT_AUDIT, /* the kernel's audit: sent by a process */
	ACCOUNT_RELAY, /* those only that were sent to us */
	ACCOUNT_TRACE, /* all that were delivered */
};

/* The last of a signal that the command itself was sent. */
struct account_got {
	int64_t time_usec;
	char *message; /* NULL: none was seen */
};

/* A signal that we got ourselves, whose record hasn't come (yet). */
struct account_pending {
	struct siginfo_facts info;
	int64_t time_usec; /* CLOCK_REALTIME */
};

#define ACCOUNT_PENDING_MAX 64

struct account {
	enum account_of of;
	bool json;
	pid_t self;
	pid_t child; /* 0: not yet */
	char passed_on[32];
	bool gap; /* records were lost */
	struct account_got got[SIGNAL_MAX + 1];
	struct account_pending pending[ACCOUNT_PENDING_MAX];
	size_t n_pending;
};

void account_init(struct account *account, enum account_of of, bool json);
void account_clear(struct account *account);

/* A sieve_pass_fn: of all events of the host those that concern the command, noted for
 * the end. */
bool account_pass(struct signal_event *ev, void *account);

/* We got a signal that a record may tell of, with more than we know: it waits for that.
 * False: too many wait, tell it now. */
bool account_await(struct account *account, const struct siginfo_facts *info,
		   int64_t now_usec);

/* Takes out the oldest that no record came for: its sender left none (it is older than
 * audit). False: none waits that came before until_usec. */
bool account_unrecorded(struct account *account, int64_t until_usec,
			struct account_pending *pending);

/* Says on standard error how the command ended: status as waitpid(2) gives it, at
 * now_usec (CLOCK_REALTIME). name: the command's. */
void account_say_end(const struct account *account, const char *name, int status,
		     int64_t now_usec);
