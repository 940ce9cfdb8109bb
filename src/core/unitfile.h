/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unitfile: the two settings of a service's unit file that tell about signals
 * (systemd.service(5), systemd.kill(5)). */
#pragma once

#include <stddef.h>

#define UNITFILE_PATH_SIZE 512

/* All zero before the first file is read. */
struct unit_settings {
	char pid_file[UNITFILE_PATH_SIZE]; /* as written; empty: none */
	int kill_signal;		   /* 0: not set */
};

/* Takes the settings of a unit file's text over what is there, as a drop-in's are over
 * the unit's. What can't be read is passed over. */
void unitfile_parse(const char *text, size_t len, struct unit_settings *settings);

/* The path of a PIDFile= of this unit: specifiers (%t, %n, %N, %p, %i, %%) filled in,
 * below /run where it is relative. 0; -ENOENT: there is none; -EINVAL: it has other
 * specifiers; -E2BIG. */
int unitfile_pid_path(const struct unit_settings *settings, const char *unit,
		      char path[UNITFILE_PATH_SIZE]);
