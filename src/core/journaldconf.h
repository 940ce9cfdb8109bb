/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journaldconf: what journald.conf(5) says about audit and about who writes much. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum journald_audit {
	JOURNALD_AUDIT_ON,    /* each start switches the kernel's auditing on */
	JOURNALD_AUDIT_OFF,   /* ... off */
	JOURNALD_AUDIT_LEAVE, /* it stays as it is */
};

#define JOURNALDCONF_VALUE_SIZE 32

/* All zero before the first file is read. */
struct journaldconf {
	bool audit_set;
	char audit[JOURNALDCONF_VALUE_SIZE];
	char audit_default[JOURNALDCONF_VALUE_SIZE]; /* from the comment "#Audit=no" */
	char rate_interval[JOURNALDCONF_VALUE_SIZE]; /* empty: as built in */
	char rate_burst[JOURNALDCONF_VALUE_SIZE];
};

/* Takes the settings of a file's text over what is there, as a drop-in's are. */
void journaldconf_parse(struct journaldconf *conf, const char *text, size_t len);

/* The file that comes with systemd names its built-in defaults in comments; where it
 * doesn't, systemd's own default counts, which is on. */
enum journald_audit journaldconf_audit(const struct journaldconf *conf);

/* Is there no limit on how much one service may write? */
bool journaldconf_is_unlimited(const struct journaldconf *conf);
