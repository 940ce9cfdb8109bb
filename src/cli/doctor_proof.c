/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The proof: a signal between two children of ours comes through, or it doesn't. */
#include <errno.h>
#include <libaudit.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "core/digits.h"
#include "core/signame.h"
#include "io/hold.h"
#include "io/journal_read.h"
#include "io/now.h"
#include "io/source_multicast.h"

#define RECEIVE_BYTES	 (8 * 1024 * 1024)
#define WAIT_USEC	 3000000
#define JOURNAL_USEC	 5000000
#define JOURNAL_NAP_MSEC 100
/* What the daemon wrote at its start may take journald as long. */
#define BEGUN_USEC 1000000

struct proof {
	struct source *source;
	struct hold *hold; /* NULL: others hold, or nothing may be changed */
	int signo;
	pid_t sender;
	pid_t target;
	int64_t sent_usec;    /* CLOCK_REALTIME */
	int64_t started_usec; /* CLOCK_MONOTONIC */
	uint64_t serial;      /* of the SYSCALL record, 0: not seen */
	bool target_seen;
	bool ended; /* the event has, without its target */
};

/* A signal that is to be recorded: SIGTERM, or the first. */
static int choose_signal(const struct rules_want *want)
{
	int signo = 1;

	if (want->all || signal_set_has(&want->signals, SIGTERM))
		return SIGTERM;
	while (signo < SIGNAL_MAX && !signal_set_has(&want->signals, signo))
		signo++;
	return signo;
}

/* --- the two children --- */

/* A child that doesn't outlive us. 0 in the child, else its id or -errno. */
static pid_t fork_child(void)
{
	pid_t parent = getpid(), pid = fork();
	sigset_t none;

	if (pid)
		return pid < 0 ? -errno : pid;
	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() != parent)
		_exit(1);
	return 0;
}

static int start_children(struct proof *proof)
{
	proof->target = fork_child();
	if (proof->target == 0) {
		signal(proof->signo, SIG_DFL);
		for (;;)
			pause();
	}
	if (proof->target < 0)
		return proof->target;
	proof->sent_usec = now_read_usec(CLOCK_REALTIME);
	proof->started_usec = now_mono_usec();
	/* A process of its own: this one may be older than auditing. */
	proof->sender = fork_child();
	if (proof->sender == 0)
		_exit(kill(proof->target, proof->signo) < 0);
	if (proof->sender < 0)
		return proof->sender;
	waitpid(proof->sender, NULL, 0);
	return 0;
}

static void end_children(struct proof *proof)
{
	if (proof->target <= 0)
		return;
	/* Mostly the signal has ended it. */
	usleep(10000);
	if (waitpid(proof->target, NULL, WNOHANG) != 0)
		return;
	kill(proof->target, SIGKILL);
	waitpid(proof->target, NULL, 0);
}

/* --- the records --- */

static bool has(const struct record *record, const char *name, int base, uint64_t wanted)
{
	uint64_t value;

	return record_number(record, name, base, &value) == 0 && value == wanted;
}

static void on_record(const struct record *record, void *userdata)
{
	struct proof *proof = userdata;

	if (record->type == AUDIT_SYSCALL && has(record, "pid", 10, proof->sender) &&
	    has(record, "a0", 16, proof->target) && has(record, "a1", 16, proof->signo))
		proof->serial = record->serial;
	if (record->type == AUDIT_OBJ_PID && record->serial == proof->serial &&
	    has(record, "opid", 10, proof->target))
		proof->target_seen = true;
	/* The end of an event that has no OBJ_PID. */
	if (record->type == AUDIT_EOE && proof->serial &&
	    record->serial == proof->serial && !proof->target_seen)
		proof->ended = true;
}

/* How long it took in microseconds, or -ETIMEDOUT, -ENOENT for the target alone. */
static int64_t wait_records(struct proof *proof)
{
	int64_t start = proof->started_usec, end = start + WAIT_USEC;

	while (now_mono_usec() < end) {
		struct pollfd p = { proof->source->fd, POLLIN, 0 };
		int64_t left = end - now_mono_usec();
		int r;

		if (poll(&p, 1, left > 0 ? (int)(left / 1000) + 1 : 0) < 0 &&
		    errno != EINTR)
			return -errno;
		r = source_read(proof->source, on_record, proof);
		if (r < 0 && r != -EAGAIN && r != -ENOBUFS)
			return r;
		if (proof->target_seen)
			return now_mono_usec() - start;
		if (proof->ended)
			return -ENOENT;
	}
	return -ETIMEDOUT;
}

/* --- the line in the journal --- */

static int match_number(struct journal_read *journal, const char *key, int64_t number)
{
	char value[DIGITS_SIZE];

	snprintf(value, sizeof(value), "%lld", (long long)number);
	return journal_read_match(journal, key, value);
}

/* Waits for an entry of these matches since the time. 1; 0: none came; -errno. */
static int await(struct journal_read *journal, struct entry *entry, int64_t since_usec,
		 int64_t wait_usec)
{
	const int64_t end = now_mono_usec() + wait_usec;
	int r;

	for (;;) {
		struct pollfd p = { journal_read_fd(journal),
				    (short)journal_read_events(journal), 0 };

		r = journal_read_seek(journal, since_usec);
		if (r == 0)
			r = journal_read_next(journal, entry);
		if (r || now_mono_usec() > end)
			return r;
		(void)poll(&p, 1, JOURNAL_NAP_MSEC);
		r = journal_read_process(journal);
		if (r < 0)
			return r;
	}
}

/* Waits for the line of our signal. 1: it came; 0: it didn't; -ENOENT: this daemon writes
 * elsewhere; other -errno. */
static int wait_line(struct journal_read *journal, struct entry *entry, pid_t daemon,
		     const struct proof *proof)
{
	int r;

	r = journal_read_match_ours(journal, EVENT_TRAIL);
	if (!r)
		r = match_number(journal, "_PID", daemon);
	/* It may have begun just now. */
	if (!r)
		r = await(journal, entry, 0, BEGUN_USEC);
	if (r <= 0)
		return r ? r : -ENOENT;
	journal_read_flush_matches(journal);
	r = journal_read_match_ours(journal, EVENT_SIGNAL);
	if (!r)
		r = match_number(journal, "SENDER_PID", proof->sender);
	if (!r)
		r = match_number(journal, "TARGET_PID", proof->target);
	return r ? r : await(journal, entry, proof->sent_usec - 1000000, JOURNAL_USEC);
}

static void prove_line(struct doctor *doctor, const struct proof *proof)
{
	struct journal_where here = { 0 };
	struct journal_read *journal = NULL;
	struct reason reason = { "" };
	struct entry *entry = NULL;
	int r;

	if (!doctor->daemon || !doctor->journald)
		return;
	r = journal_read_open(&journal, &here, &reason);
	if (!r)
		r = entry_new(&entry);
	if (!r)
		r = wait_line(journal, entry, doctor->daemon, proof);
	if (r > 0) {
		finding_add(&doctor->found, FINDING_OK, "proof-line",
			    "sigtraild has written it to the journal");
	} else if (r == -ENOENT) {
		finding_add(&doctor->found, FINDING_OK, "proof-line",
			    "sigtraild doesn't write to this journal");
	} else if (r < 0) {
		finding_add(&doctor->found, FINDING_UNCHECKED, "proof-line",
			    "can't read the journal: %s",
			    reason.text[0] ? reason.text : strerror(-r));
	} else {
		finding_add(&doctor->found, FINDING_PROBLEM, "proof-line",
			    "sigtraild runs, and within %d s its line of this signal has "
			    "not come to the journal",
			    JOURNAL_USEC / 1000000);
		finding_advise(&doctor->found,
			       "see journalctl -u sigtraild, and the [Ignore] section "
			       "of its configuration");
	}
	entry_free(entry);
	journal_read_close(journal);
}

/* --- all together --- */

static void report(struct doctor *doctor, const struct proof *proof, int64_t r)
{
	struct findings *found = &doctor->found;
	char name[SIGNAME_SIZE];

	signame_format(proof->signo, name);
	if (r >= 0) {
		finding_add(found, FINDING_OK, "proof",
			    "%s from a child of this process to another came "
			    "through in %.1f ms%s",
			    name, (double)r / 1000,
			    proof->hold ? ", with the rules loaded for that" : "");
	} else if (r == -ENOENT) {
		finding_add(found, FINDING_PROBLEM, "proof",
			    "%s from a child of this process to another left a "
			    "record without its target",
			    name);
		finding_advise(found, "see what is said above about exclude");
	} else if (r == -ETIMEDOUT) {
		finding_add(found, FINDING_PROBLEM, "proof",
			    "%s from a child of this process to another left no "
			    "record within %d s",
			    name, WAIT_USEC / 1000000);
		finding_advise(found, "see what is said above about task-never, order, "
				      "exclude and enabled");
	} else {
		finding_add(found, FINDING_PROBLEM, "proof",
			    "can't read audit records: %s", strerror((int)-r));
	}
}

/* With all that is needed; what it took is given back by the caller. */
static int64_t prove(struct doctor *doctor, struct proof *proof, struct reason *reason)
{
	const struct rules_want want = rules_want_of(doctor->config);
	int r;

	proof->signo = choose_signal(&want);
	r = source_multicast_new(&proof->source, RECEIVE_BYTES, reason);
	/* Where others hold, what they have is to be proved, not what we would add. */
	if (!r && !doctor->rules_used && doctor->state.enabled != AUDIT_IMMUTABLE)
		r = hold_take(&proof->hold, doctor->audit_fd, HOLD_RUNDIR, &want,
			      doctor->config->manage, NULL, reason);
	if (!r)
		r = start_children(proof);
	if (r < 0 && !reason->text[0])
		reason_set(reason, "can't start a child: %s", strerror(-r));
	return r < 0 ? r : wait_records(proof);
}

void doctor_prove(struct doctor *doctor)
{
	struct proof proof = { 0 };
	struct reason reason = { "" };
	sigset_t all, before;
	int64_t r;

	if (doctor->audit_fd < 0) {
		finding_add(&doctor->found, FINDING_UNCHECKED, "proof",
			    "needs the kernel's audit, see above");
		return;
	}
	/* It takes some seconds at most, and must not be left half done. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	r = prove(doctor, &proof, &reason);
	end_children(&proof);
	if (reason.text[0])
		finding_add(&doctor->found, FINDING_PROBLEM, "proof", "%s", reason.text);
	else
		report(doctor, &proof, r);
	if (r >= 0)
		prove_line(doctor, &proof);
	source_free(proof.source);
	reason = (struct reason){ "" };
	if (hold_restore(proof.hold, &reason) < 0)
		finding_add(&doctor->found, FINDING_PROBLEM, "proof-end",
			    "the audit state is not as before: %s", reason.text);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
