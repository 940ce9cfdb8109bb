/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "audit_guard.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRESH_BACKLOG_LIMIT 64

static struct {
	bool active;
	pid_t owner;
	int fd;
	struct audit_state state;
	struct rules rules;
} saved;

static void must(int r, const struct reason *reason)
{
	if (r >= 0)
		return;
	fprintf(stderr, "audit_guard: %s\n", reason->text);
	printf("Bail out! the state of the host's audit can't be kept\n");
	_exit(EXIT_FAILURE);
}

const char *audit_guard_obstacle(void)
{
	static struct reason reason;
	struct audit_state state;
	int fd, r;

	fd = audit_status_open(&reason);
	if (fd < 0)
		return reason.text;
	r = audit_status_read(fd, &state, &reason);
	close(fd);
	if (r < 0)
		return reason.text;
	if (state.enabled == AUDIT_IMMUTABLE)
		return "the host's audit is locked until the next boot";
	if (state.pid)
		return "an audit daemon is running; stop it for the tests";
	if (access("/usr/sbin/auditctl", X_OK) < 0 && access("/sbin/auditctl", X_OK) < 0)
		return "auditctl is missing; install auditd";
	return NULL;
}

int audit_guard_skip(const char *why)
{
	const char *ci = getenv("CI");

	if (ci && !strcmp(ci, "true")) {
		printf("Bail out! %s\n", why);
		return EXIT_FAILURE;
	}
	printf("1..0 # SKIP %s\n", why);
	return EXIT_SUCCESS;
}

static bool same_rules(const struct rules *a, const struct rules *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!rules_equal(a->rule[i], b->rule[i]))
			return false;
	return true;
}

/* Loads these rules in this order and no other. */
static void set_rules(const struct rules *want)
{
	struct reason reason;
	struct rules loaded;

	must(rules_list(saved.fd, &loaded, &reason), &reason);
	if (!same_rules(&loaded, want)) {
		for (size_t i = 0; i < loaded.n; i++)
			must(rules_delete(saved.fd, loaded.rule[i], &reason), &reason);
		for (size_t i = 0; i < want->n; i++)
			must(rules_add(saved.fd, want->rule[i], &reason), &reason);
	}
	rules_clear(&loaded);
}

static void set_state(const struct audit_state *want)
{
	struct audit_state now;
	struct reason reason;

	must(audit_status_read(saved.fd, &now, &reason), &reason);
	if (now.backlog_limit != want->backlog_limit)
		must(audit_status_set_backlog(saved.fd, want->backlog_limit, &reason),
		     &reason);
	if (now.failure != want->failure)
		audit_set_failure(saved.fd, want->failure);
	if (now.rate_limit != want->rate_limit)
		audit_set_rate_limit(saved.fd, want->rate_limit);
	if (now.backlog_wait_time != want->backlog_wait_time)
		audit_set_backlog_wait_time(saved.fd, want->backlog_wait_time);
	if (now.enabled != want->enabled)
		must(audit_status_enable(saved.fd, want->enabled, &reason), &reason);
}

void audit_guard_restore(void)
{
	if (!saved.active || saved.owner != getpid())
		return;
	saved.active = false;
	set_rules(&saved.rules);
	set_state(&saved.state);
	rules_clear(&saved.rules);
	close(saved.fd);
}

static void on_signal(int signo)
{
	(void)signo;
	exit(EXIT_FAILURE);
}

void audit_guard_save(void)
{
	static bool registered;
	const struct rules none = { 0 };
	struct audit_state fresh;
	struct reason reason;

	saved.fd = audit_status_open(&reason);
	must(saved.fd, &reason);
	must(audit_status_read(saved.fd, &saved.state, &reason), &reason);
	must(rules_list(saved.fd, &saved.rules, &reason), &reason);
	saved.owner = getpid();
	saved.active = true;
	if (!registered) {
		registered = true;
		atexit(audit_guard_restore);
		signal(SIGINT, on_signal);
		signal(SIGTERM, on_signal);
		signal(SIGHUP, on_signal);
	}
	fresh = saved.state;
	fresh.enabled = AUDIT_OFF;
	fresh.backlog_limit = FRESH_BACKLOG_LIMIT;
	set_rules(&none);
	set_state(&fresh);
}
