/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/audit_age.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/event.h"
#include "core/record.h"
#include "io/journal_read.h"
#include "io/now.h"
#include "io/procfs.h"

#define LOGS "/var/log/audit/audit.log*"
/* A log that is never rotated isn't read to its end. */
#define LOG_BYTES_MAX (256L * 1024 * 1024)
#define KTHREADD      2

static int64_t boot_usec(void)
{
	return now_read_usec(CLOCK_REALTIME) - now_read_usec(CLOCK_BOOTTIME);
}

/* Each takes a trace over if it is older than what is there. */
struct oldest {
	int64_t time_usec;
	const char *witness; /* NULL: none yet */
};

static void take(struct oldest *oldest, int64_t time_usec, const char *witness)
{
	if (oldest->witness && oldest->time_usec <= time_usec)
		return;
	oldest->time_usec = time_usec;
	oldest->witness = witness;
}

static void read_log(struct oldest *oldest, const char *path, int64_t since_usec)
{
	FILE *file = fopen(path, "re");
	char *line = malloc(RECORD_MAX_BYTES);

	while (file && line && fgets(line, RECORD_MAX_BYTES, file) &&
	       ftell(file) < LOG_BYTES_MAX) {
		struct record record;

		if (record_parse_line(line, strcspn(line, "\n"), &record) < 0 ||
		    record_time_usec(&record) < since_usec)
			continue;
		take(oldest, record_time_usec(&record), "auditd's log");
		break;
	}
	free(line);
	if (file)
		fclose(file);
}

static void read_logs(struct oldest *oldest)
{
	glob_t found;

	if (glob(LOGS, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_log(oldest, found.gl_pathv[i], boot_usec());
		globfree(&found);
	}
}

/* The first entry of this boot with what has been matched already. */
static void read_first(struct oldest *oldest, struct journal_read *journal,
		       const char *witness)
{
	struct entry *entry;
	char boot[33];

	if (journal_read_boot(boot) < 0 || entry_new(&entry) < 0)
		return;
	if (journal_read_match(journal, "_BOOT_ID", boot) == 0 &&
	    journal_read_seek_head(journal) == 0 && journal_read_next(journal, entry) > 0)
		take(oldest, entry_realtime_usec(entry), witness);
	entry_free(entry);
	journal_read_flush_matches(journal);
}

static void read_journal(struct oldest *oldest)
{
	struct journal_where here = { 0 };
	struct journal_read *journal;

	if (journal_read_open(&journal, &here, NULL) < 0)
		return;
	if (journal_read_match(journal, "_TRANSPORT", "audit") == 0)
		read_first(oldest, journal, "the audit records in the journal");
	if (journal_read_match_ours(journal, EVENT_TRAIL) == 0)
		read_first(oldest, journal, "sigtraild's first entry in the journal");
	journal_read_close(journal);
}

int audit_age_find(int64_t *time_usec, const char **witness)
{
	struct oldest oldest = { 0 };

	read_logs(&oldest);
	read_journal(&oldest);
	if (!oldest.witness)
		return -ENOENT;
	*time_usec = oldest.time_usec;
	*witness = oldest.witness;
	return 0;
}

int64_t audit_age_count_older(int64_t time_usec)
{
	int64_t older = 0, ticks = sysconf(_SC_CLK_TCK);
	struct dirent *entry;
	DIR *proc = opendir("/proc");

	while (proc && (entry = readdir(proc))) {
		struct proc_stat stat;
		pid_t pid = atoi(entry->d_name);

		if (pid <= 0 || procfs_stat(dirfd(proc), pid, &stat) < 0 ||
		    pid == KTHREADD || stat.ppid == KTHREADD)
			continue;
		if ((int64_t)(stat.start_ticks * (1000000 / ticks)) + boot_usec() <
		    time_usec)
			older++;
	}
	if (proc)
		closedir(proc);
	return older;
}
