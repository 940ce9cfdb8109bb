/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host: how it was booted, who else reads audit, what this process and the daemon may
 * do. */
#include <cap-ng.h>
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "core/bootline.h"
#include "core/escape.h"
#include "io/audit_age.h"
#include "io/audit_readers.h"
#include "io/hold.h"
#include "io/hold_file.h"
#include "io/privileges.h"
#include "io/procconn.h"
#include "io/procfs.h"

#define DAEMON "sigtraild"

/* Adds "comm[pid]". */
static void add_process(struct buffer *out, pid_t pid)
{
	char comm[PROCFS_COMM_SIZE] = "?";
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc >= 0) {
		(void)procfs_comm(proc, pid, comm);
		close(proc);
	}
	escape_add_name(out, comm, strlen(comm));
	buffer_printf(out, "[%d]", (int)pid);
}

/* --- how it was booted --- */

static enum boot_audit read_boot_audit(void)
{
	FILE *file = fopen("/proc/cmdline", "re");
	char line[4096];
	size_t len;

	if (!file)
		return BOOT_AUDIT_UNSET;
	len = fread(line, 1, sizeof(line), file);
	fclose(file);
	return bootline_audit(line, len);
}

/* Which processes are older than auditing, as far as that can be known. */
static void describe_older(char *text, size_t size)
{
	const char *witness;
	char when[32] = "";
	int64_t time_usec, older;
	struct tm tm;
	time_t t;

	if (audit_age_find(&time_usec, &witness) < 0) {
		snprintf(text, size,
			 "when auditing was first switched on is unknown, and so is how "
			 "many other processes are older");
		return;
	}
	t = (time_t)(time_usec / 1000000);
	if (localtime_r(&t, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	older = audit_age_count_older(time_usec);
	snprintf(text, size,
		 "%lld process%s may be older than auditing, which was on by %s (%s)",
		 (long long)older, older == 1 ? "" : "es", when, witness);
}

void doctor_check_boot(struct doctor *doctor)
{
	char older[256];
	struct buffer name = { 0 };

	switch (read_boot_audit()) {
	case BOOT_AUDIT_ON:
		finding_add(&doctor->found, FINDING_OK, "boot",
			    "booted with audit=1: every process can be audited");
		return;
	case BOOT_AUDIT_OFF:
		finding_add(&doctor->found, FINDING_PROBLEM, "boot",
			    "booted with audit=0: nothing can be audited");
		finding_advise(&doctor->found, "take it from the kernel command line "
					       "(/etc/default/grub), and reboot");
		return;
	case BOOT_AUDIT_UNSET:
		break;
	}
	add_process(&name, 1);
	describe_older(older, sizeof(older));
	finding_add(&doctor->found, FINDING_WARNING, "boot",
		    "booted without audit=1: %s leaves no record of what it "
		    "sends%s; %s",
		    name.data ? name.data : "process 1",
		    doctor->systemd ? " (systemctl stop and kill)" : "", older);
	finding_advise(&doctor->found, "add audit=1 to the kernel command line "
				       "(/etc/default/grub), and reboot");
	buffer_free(&name);
}

/* --- who else reads --- */

/* Adds the readers of the multicast group. Is journald among them? */
static bool add_readers(struct buffer *out, const struct audit_reader *readers, ssize_t n)
{
	bool journald = false;
	ssize_t unknown = 0;

	for (ssize_t i = 0; i < n; i++) {
		size_t start = out->len;

		if (!readers[i].pid) {
			unknown++;
			continue;
		}
		buffer_add_string(out, start ? ", " : "");
		add_process(out, readers[i].pid);
		/* The socket may still be process 1's, which made it. */
		journald = journald || readers[i].pid == 1 ||
			   (out->data && strstr(out->data + start, "systemd-journal"));
		if (readers[i].drops)
			buffer_printf(out, " (%u records missed)", readers[i].drops);
	}
	if (unknown)
		buffer_printf(out, "%s%zd that only root can name",
			      out->len ? " and " : "", unknown);
	return journald;
}

/* Does auditd load rules of ours itself? */
static bool auditd_has_rules(void)
{
	char line[1024];
	bool has = false;
	glob_t found;

	if (glob("/etc/audit/rules.d/*.rules", 0, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc && !has; i++) {
		FILE *file = fopen(found.gl_pathv[i], "re");

		while (file && !has && fgets(line, sizeof(line), file))
			has = line[0] == '-' && strstr(line, RULES_KEY);
		if (file)
			fclose(file);
	}
	globfree(&found);
	return has;
}

static void check_auditd(struct doctor *doctor)
{
	struct buffer name = { 0 };

	if (!doctor->state.pid) {
		finding_add(&doctor->found, FINDING_OK, "auditd",
			    "no audit daemon runs; none is needed");
		return;
	}
	add_process(&name, (pid_t)doctor->state.pid);
	if (doctor->daemon == (pid_t)doctor->state.pid) {
		finding_add(&doctor->found, FINDING_WARNING, "auditd",
			    "%s is this host's audit daemon (Kind=unicast): it reads the "
			    "records of other rules too, and no log keeps them",
			    name.data);
		finding_advise(&doctor->found,
			       "if they are wanted: Kind=multicast in sigtrail.conf, and "
			       "auditd");
	} else if (auditd_has_rules()) {
		finding_add(&doctor->found, FINDING_OK, "auditd",
			    "%s reads too, and loads rules of ours", name.data);
	} else {
		finding_add(&doctor->found, FINDING_WARNING, "auditd",
			    "%s reads too; each of its starts, and augenrules --load, "
			    "removes all rules, and ours are not among those that it "
			    "loads",
			    name.data);
		finding_advise(&doctor->found,
			       "cp /usr/share/sigtrail/rules/40-sigtrail.rules "
			       "/etc/audit/rules.d/");
	}
	buffer_free(&name);
}

void doctor_check_readers(struct doctor *doctor)
{
	struct buffer readers = { 0 };
	struct audit_reader found[AUDIT_READERS_MAX];
	ssize_t n = audit_readers_find(found);
	bool journald = add_readers(&readers, found, n);

	if (doctor->audit_fd >= 0)
		check_auditd(doctor);
	else
		finding_add(&doctor->found, FINDING_UNCHECKED, "auditd",
			    "needs the kernel's audit, see above");
	if (n <= 0) {
		finding_add(&doctor->found, FINDING_OK, "readers",
			    "nobody reads the multicast group now");
	} else {
		finding_add(&doctor->found, FINDING_OK, "readers",
			    "the multicast group is read by %s", readers.data);
		if (journald)
			finding_advise(
				&doctor->found,
				"journald keeps all audit records; if nobody needs "
				"them there, systemctl mask "
				"systemd-journald-audit.socket saves room");
	}
	buffer_free(&readers);
}

/* --- this process --- */

void doctor_check_process(struct doctor *doctor)
{
	struct reason reason = { "" };
	struct procconn *conn = NULL;
	bool root = geteuid() == 0;

	if (privileges_check(&reason) < 0)
		finding_add(&doctor->found, root ? FINDING_PROBLEM : FINDING_UNCHECKED,
			    "capabilities", "%s", reason.text);
	else
		finding_add(&doctor->found, FINDING_OK, "capabilities",
			    "this process may do what sigtraild does");
	if (procconn_new(&conn, &reason) < 0) {
		finding_add(&doctor->found, root ? FINDING_WARNING : FINDING_UNCHECKED,
			    "connector", "processes can't be followed: %s", reason.text);
		if (root)
			finding_advise(&doctor->found,
				       "until then who has ended too soon has no command "
				       "line, unit or container");
	} else {
		finding_add(&doctor->found, FINDING_OK, "connector",
			    "processes can be followed by the process connector");
	}
	procconn_free(conn);
}

/* --- the daemon --- */

/* One that has ended keeps its name until its parent has waited for it. */
static bool is_daemon(int proc, pid_t pid)
{
	struct proc_stat stat;

	return procfs_stat(proc, pid, &stat) == 0 && !stat.exiting &&
	       strcmp(stat.comm, DAEMON) == 0;
}

/* The one that reads from the kernel; 0: none of them does. */
static pid_t find_reader(const struct doctor *doctor, int proc)
{
	struct audit_reader readers[AUDIT_READERS_MAX];
	ssize_t n;

	if (doctor->state.pid && is_daemon(proc, (pid_t)doctor->state.pid))
		return (pid_t)doctor->state.pid;
	n = audit_readers_find(readers);
	for (ssize_t i = 0; i < n; i++)
		if (readers[i].pid && is_daemon(proc, readers[i].pid))
			return readers[i].pid;
	return 0;
}

void doctor_find_daemon(struct doctor *doctor)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");

	doctor->systemd = access("/run/systemd/system", F_OK) == 0;
	doctor->rules_used = hold_file_in_use(HOLD_RUNDIR) > 0;
	if (!proc)
		return;
	doctor->daemon = find_reader(doctor, dirfd(proc));
	while (!doctor->daemon && (entry = readdir(proc))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0 && is_daemon(dirfd(proc), pid))
			doctor->daemon = pid;
	}
	closedir(proc);
}

/* The names of those that the daemon lacks. */
static void list_lacking(pid_t pid, struct buffer *out)
{
	static const unsigned wanted[] = { CAP_AUDIT_CONTROL, CAP_AUDIT_READ,
					   CAP_AUDIT_WRITE, CAP_SYS_PTRACE,
					   CAP_NET_ADMIN };

	capng_clear(CAPNG_SELECT_ALL);
	capng_setpid(pid);
	if (capng_get_caps_process() < 0)
		return;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!capng_have_capability(CAPNG_EFFECTIVE, wanted[i]))
			buffer_printf(out, "%sCAP_%s", out->len ? ", " : "",
				      capng_capability_to_name(wanted[i]));
}

static void add_daemon(struct doctor *doctor, const char *place)
{
	struct buffer lacking = { 0 };

	list_lacking(doctor->daemon, &lacking);
	if (lacking.len) {
		finding_add(&doctor->found, FINDING_WARNING, "daemon",
			    "%s runs without %s", place, lacking.data);
		finding_advise(&doctor->found, "compare its unit with the one shipped");
	} else if (doctor->rules_used || geteuid() != 0) {
		finding_add(&doctor->found, FINDING_OK, "daemon", "%s runs%s", place,
			    doctor->rules_used ? " and the rules are held" : "");
	} else {
		finding_add(&doctor->found, FINDING_WARNING, "daemon",
			    "%s runs and holds no rules", place);
		finding_advise(&doctor->found, "it reads standard input, or " HOLD_RUNDIR
					       " was removed: restart it");
	}
	buffer_free(&lacking);
}

void doctor_check_daemon(struct doctor *doctor)
{
	struct cgroup_place where = { 0 };
	struct buffer place = { 0 };
	int proc;

	if (!doctor->daemon) {
		finding_add(&doctor->found, FINDING_PROBLEM, "daemon",
			    DAEMON " doesn't run: no trail is kept%s",
			    doctor->rules_used ? ", though another sigtrail process "
						 "holds the rules"
					       : "");
		finding_advise(&doctor->found,
			       doctor->systemd ? "systemctl enable --now sigtraild"
					       : "start " DAEMON);
		return;
	}
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	buffer_printf(&place, DAEMON "[%d]", (int)doctor->daemon);
	if (proc >= 0 && procfs_cgroup(proc, doctor->daemon, &where) == 0 &&
	    where.unit[0]) {
		buffer_add_string(&place, " (");
		escape_add_name(&place, where.unit, strlen(where.unit));
		buffer_add_char(&place, ')');
	}
	if (proc >= 0)
		close(proc);
	add_daemon(doctor, place.data ? place.data : DAEMON);
	buffer_free(&place);
}
