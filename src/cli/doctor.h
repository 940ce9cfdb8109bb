/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor: the parts of sigtrail doctor. Each adds a finding for each of its checks. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "core/config.h"
#include "core/finding.h"
#include "io/audit_status.h"
#include "io/rules.h"

struct doctor {
	const struct config *config;
	struct findings found;
	int audit_fd;		  /* negative: the kernel's audit can't be asked */
	struct audit_state state; /* as it was at first */
	struct rules loaded;
	struct rules wanted;
	pid_t daemon;	 /* the sigtraild that runs, 0: none */
	bool systemd;	 /* systemd manages this host */
	bool rules_used; /* somebody holds the rules */
	bool journald;
};

/* Opens the kernel's audit and reads all of its state. */
void doctor_open_audit(struct doctor *doctor);
void doctor_check_state(struct doctor *doctor);
void doctor_check_rules(struct doctor *doctor);

/* Which process is the daemon: of several sigtraild the one that reads from the kernel,
 * where root asks, else the first. After doctor_open_audit(). */
void doctor_find_daemon(struct doctor *doctor);
void doctor_check_boot(struct doctor *doctor);
void doctor_check_readers(struct doctor *doctor);
void doctor_check_process(struct doctor *doctor);
void doctor_check_daemon(struct doctor *doctor);

void doctor_check_journald(struct doctor *doctor);

/* Signals a child and waits until that has come through, a few seconds at most. The host
 * is as before then. */
void doctor_prove(struct doctor *doctor);
