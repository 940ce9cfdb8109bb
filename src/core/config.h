/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* config: what the administrator asked for. Parsed and checked here, read from files in
 * io/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/burst.h"
#include "core/filter.h"
#include "core/reason.h"
#include "core/signame.h"

enum config_source { SOURCE_MULTICAST, SOURCE_UNICAST, SOURCE_STDIN };
enum config_format { FORMAT_AUTO, FORMAT_JOURNAL, FORMAT_TEXT, FORMAT_JSON };
enum config_command_lines { COMMAND_LINES_FULL, COMMAND_LINES_NAME, COMMAND_LINES_NO };

#define CONFIG_IGNORES_MAX   256
#define CONFIG_PID_FILES_MAX 64

struct config_ignore {
	char *name;
	struct filter *filter; /* NULL: switched off by an empty value */
};

struct config {
	enum config_source source;
	uint64_t receive_buffer_bytes;

	struct signal_set signals; /* [Rules] Signals=; all: every signal 1..64 */
	bool signals_all;
	bool probes;
	bool runtime_noise;
	bool failed;
	bool manage;
	bool guard;

	struct config_ignore ignores[CONFIG_IGNORES_MAX];
	size_t n_ignores;

	char *pid_files[CONFIG_PID_FILES_MAX]; /* [Process] PidFiles=: globs of absolute
						  paths */
	size_t n_pid_files;
	bool track;
	uint64_t remember_usec;
	uint64_t max_processes;

	struct burst_limits burst;

	enum config_format format;
	enum config_command_lines command_lines;
};

/* The defaults, which are what the shipped sigtrail.conf says (a test compares): *config
 * is the caller's, for config_free(). 0 or -ENOMEM. */
int config_new(struct config **config);
struct config *config_free(struct config *config);

/* Sets one key; a later call wins. 0; -ENOENT: unknown section or key; -EINVAL: bad
 * value; -ENOMEM. The reason names section and key ("[Burst] Limit: ..."), the caller
 * adds the file. */
int config_set(struct config *config, const char *section, const char *key,
	       const char *value, struct reason *reason);

/* Drops all [Ignore] entries. */
void config_ignore_nothing(struct config *config);

/* Is the event one that [Rules] ask for? Rules of others may record more: what their
 * owners look for is not what was asked of us. On standard input all is asked for. */
bool config_records(const struct config *config, const struct signal_event *ev);

/* Is the event one that an [Ignore] entry names? */
bool config_ignores(const struct config *config, const struct signal_event *ev);
