/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's audit: its state and its rules. */
#include <libaudit.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "io/rulecheck.h"
#include "io/plan.h"

void doctor_open_audit(struct doctor *doctor)
{
	struct findings *found = &doctor->found;
	struct reason reason = { "" };
	const struct rules_want want = rules_want_of(doctor->config);
	int r;

	doctor->audit_fd = r = audit_status_open(&reason);
	if (r >= 0)
		r = audit_status_read(r, &doctor->state, &reason);
	if (r >= 0)
		r = rules_list(doctor->audit_fd, &doctor->loaded, &reason);
	if (r >= 0)
		r = rules_make(&doctor->wanted, &want, &reason);
	if (r >= 0) {
		finding_add(found, FINDING_OK, "kernel", "this kernel audits");
		return;
	}
	if (doctor->audit_fd >= 0)
		close(doctor->audit_fd);
	doctor->audit_fd = -1;
	/* Without the privilege nobody knows what the kernel would have said. */
	finding_add(found, audit_can_control() ? FINDING_PROBLEM : FINDING_UNCHECKED,
		    "kernel", "%s", reason.text);
}

static void unchecked(struct doctor *doctor, const char *const *checks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		finding_add(&doctor->found, FINDING_UNCHECKED, checks[i],
			    "needs the kernel's audit, see above");
}

static void check_enabled(struct doctor *doctor)
{
	if (doctor->state.enabled != AUDIT_OFF) {
		finding_add(&doctor->found, FINDING_OK, "enabled", "auditing is on");
		return;
	}
	finding_add(&doctor->found, FINDING_PROBLEM, "enabled",
		    "auditing is off: no signal leaves a record");
	if (doctor->daemon)
		finding_advise(&doctor->found,
			       "somebody has switched it off while sigtraild runs, which "
			       "switches it on again, but not with Guard=no or when that "
			       "somebody doesn't stop: journalctl -u sigtraild says who");
	else
		finding_advise(&doctor->found,
			       "sigtraild switches it on, and so does auditctl -e 1");
}

static void check_immutable(struct doctor *doctor)
{
	char uncovered[128] = "";

	if (doctor->state.enabled != AUDIT_IMMUTABLE) {
		finding_add(&doctor->found, FINDING_OK, "immutable",
			    "the audit rules may be changed");
		return;
	}
	if (!rules_uncovered(&doctor->loaded, uncovered, sizeof(uncovered))) {
		finding_add(&doctor->found, FINDING_OK, "immutable",
			    "the audit rules are locked until the next boot, with rules "
			    "for each call that sends signals");
		return;
	}
	finding_add(&doctor->found, FINDING_PROBLEM, "immutable",
		    "the audit rules are locked until the next boot, without %s",
		    uncovered);
	finding_advise(&doctor->found,
		       "sigtrail rules print > "
		       "/etc/audit/rules.d/40-sigtrail.rules, and reboot");
}

static void check_backlog(struct doctor *doctor)
{
	const struct audit_state *state = &doctor->state;

	if (!state->backlog_limit || state->backlog_limit >= PLAN_BACKLOG_LIMIT) {
		finding_add(&doctor->found, FINDING_OK, "backlog",
			    "the kernel may queue %u records", state->backlog_limit);
		return;
	}
	finding_add(&doctor->found, FINDING_WARNING, "backlog",
		    "the kernel queues %u records at most: a burst makes those who send "
		    "signals wait, and is lost after that",
		    state->backlog_limit);
	finding_advise(&doctor->found, "sigtraild raises it at its start; by hand: "
				       "auditctl -b 8192");
}

static void check_lost(struct doctor *doctor)
{
	if (!doctor->state.lost) {
		finding_add(&doctor->found, FINDING_OK, "lost",
			    "the kernel has lost no record");
	} else {
		finding_add(&doctor->found, FINDING_WARNING, "lost",
			    "the kernel has lost %u records%s", doctor->state.lost,
			    doctor->state.pid
				    ? " of its queue"
				    : ", which may be those that it kept for an "
				      "audit daemon that never came");
		finding_advise(&doctor->found,
			       "look for \"audit:\" in dmesg; auditctl --reset-lost "
			       "starts again from 0");
	}
	if (!doctor->state.rate_limit)
		return;
	finding_add(&doctor->found, FINDING_PROBLEM, "rate-limit",
		    "the kernel drops what is above %u records a second",
		    doctor->state.rate_limit);
	finding_advise(&doctor->found, "auditctl -r 0, and no -r in /etc/audit/rules.d");
}

void doctor_check_state(struct doctor *doctor)
{
	static const char *const checks[] = { "enabled", "immutable", "backlog", "lost" };

	if (doctor->audit_fd < 0) {
		unchecked(doctor, checks, sizeof(checks) / sizeof(checks[0]));
		return;
	}
	check_enabled(doctor);
	check_immutable(doctor);
	check_backlog(doctor);
	check_lost(doctor);
}

/* Adds a finding about the rule in this place of the kernel's list. */
static void add_about(struct doctor *doctor, enum finding_status status,
		      const char *check, size_t i, const char *what)
{
	struct buffer place = { 0 };

	rulecheck_add_place(&place, doctor->loaded.rule[i], i + 1);
	finding_add(&doctor->found, status, check, "%s %s",
		    place.data ? place.data : "a rule", what);
	buffer_free(&place);
}

static void check_task_never(struct doctor *doctor)
{
	size_t n = 0;

	for (size_t i = 0; i < doctor->loaded.n; i++) {
		enum rule_effect effect = rule_blinds(doctor->loaded.rule[i]);

		if (effect == RULE_NONE)
			continue;
		n++;
		add_about(doctor, FINDING_PROBLEM, "task-never", i,
			  effect == RULE_ALL
				  ? "(-a task,never): no process started while "
				    "it is loaded is ever audited"
				  : "(-a task,never): some processes started "
				    "while it is loaded are never audited");
		finding_advise(&doctor->found,
			       "auditctl -d task,never, remove it from "
			       "/etc/audit/rules.d (10-no-audit.rules), and reboot, or "
			       "restart what was started since");
	}
	if (!n)
		finding_add(&doctor->found, FINDING_OK, "task-never",
			    "no rule keeps new processes from being audited");
}

struct rules_tally {
	size_t missing;
	bool *hides; /* each loaded rule */
};

static void on_fault(const struct rule_fault *fault, void *userdata)
{
	struct rules_tally *tally = userdata;

	if (fault->front)
		tally->hides[fault->place - 1] = true;
	else
		tally->missing++;
}

static void check_loaded(struct doctor *doctor, size_t missing)
{
	char uncovered[128] = "";

	if (!missing) {
		finding_add(&doctor->found, FINDING_OK, "rules", "all %zu are loaded",
			    doctor->wanted.n);
		return;
	}
	if (rules_uncovered(&doctor->loaded, uncovered, sizeof(uncovered)))
		finding_add(&doctor->found, FINDING_PROBLEM, "rules",
			    "%zu of %zu are not loaded, no rule records %s", missing,
			    doctor->wanted.n, uncovered);
	else
		finding_add(&doctor->found, FINDING_WARNING, "rules",
			    "%zu of %zu are not loaded; rules of others record the same "
			    "calls, perhaps under conditions",
			    missing, doctor->wanted.n);
	finding_advise(&doctor->found, "%s; sigtrail rules verify names them",
		       doctor->daemon ? "sigtraild puts them back, but not with Guard=no "
					"or when somebody doesn't stop removing them: "
					"journalctl -u sigtraild says who"
				      : "sigtraild or sigtrail rules load adds them");
}

static void check_order(struct doctor *doctor, const bool *hides)
{
	size_t n = 0;

	for (size_t i = 0; i < doctor->loaded.n; i++) {
		if (!hides[i])
			continue;
		n++;
		add_about(doctor, FINDING_PROBLEM, "order", i,
			  "(never,exit) stands in front and hides calls that send "
			  "signals");
		finding_advise(
			&doctor->found,
			"move it behind 40-sigtrail.rules, or make it not match them");
	}
	if (!n)
		finding_add(&doctor->found, FINDING_OK, "order",
			    "no rule in front hides any of them");
}

static void check_exclude(struct doctor *doctor)
{
	static const struct {
		uint32_t type;
		enum finding_status status;
		const char *what;
	} types[] = {
		{ AUDIT_SYSCALL, FINDING_PROBLEM,
		  "excludes SYSCALL records: no signal is seen" },
		{ AUDIT_OBJ_PID, FINDING_PROBLEM,
		  "excludes OBJ_PID records: no target is known" },
		{ AUDIT_PROCTITLE, FINDING_WARNING,
		  "excludes PROCTITLE records: command lines of short-lived senders are "
		  "lacking" },
		{ AUDIT_ANOM_ABEND, FINDING_WARNING,
		  "excludes ANOM_ABEND records: crashes are not seen" },
		{ AUDIT_SECCOMP, FINDING_WARNING,
		  "excludes SECCOMP records: deaths by a seccomp filter are not seen" },
		{ AUDIT_CONFIG_CHANGE, FINDING_WARNING,
		  "excludes CONFIG_CHANGE records: it isn't seen when somebody switches "
		  "auditing off" },
	};
	size_t n = 0;

	for (size_t i = 0; i < doctor->loaded.n; i++)
		for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
			if (rule_excludes(doctor->loaded.rule[i], types[k].type) ==
			    RULE_NONE)
				continue;
			n++;
			add_about(doctor, types[k].status, "exclude", i, types[k].what);
			finding_advise(&doctor->found,
				       "remove it from /etc/audit/rules.d");
		}
	if (!n)
		finding_add(&doctor->found, FINDING_OK, "exclude",
			    "no filter takes records of ours away");
}

void doctor_check_rules(struct doctor *doctor)
{
	static const char *const checks[] = { "task-never", "rules", "order", "exclude" };
	struct rules_tally tally = { 0 };

	if (doctor->audit_fd < 0) {
		unchecked(doctor, checks, sizeof(checks) / sizeof(checks[0]));
		return;
	}
	tally.hides = calloc(doctor->loaded.n + 1, sizeof(*tally.hides));
	if (!tally.hides)
		return;
	rulecheck(&doctor->loaded, &doctor->wanted, on_fault, &tally);
	check_task_never(doctor);
	check_loaded(doctor, tally.missing);
	check_order(doctor, tally.hides);
	check_exclude(doctor);
	free(tally.hides);
}
