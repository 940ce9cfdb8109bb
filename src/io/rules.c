/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/rules.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rule.h"
#include "io/audit_link.h"

void rules_clear(struct rules *rules)
{
	for (size_t i = 0; i < rules->n; i++)
		free(rules->rule[i]);
	free(rules->rule);
	*rules = (struct rules){ 0 };
}

/* Takes the rule over, also when it fails; NULL is an allocation that failed. */
static int rules_push(struct rules *rules, struct audit_rule_data *rule)
{
	if (!rule)
		return -ENOMEM;
	if (rules->n == rules->room) {
		size_t room = rules->room ? rules->room * 2 : 16;
		struct audit_rule_data **all;

		if (room > RULES_MAX) {
			free(rule);
			return -E2BIG;
		}
		all = reallocarray(rules->rule, room, sizeof(*all));
		if (!all) {
			free(rule);
			return -ENOMEM;
		}
		rules->rule = all;
		rules->room = room;
	}
	rules->rule[rules->n++] = rule;
	return 0;
}

static struct audit_rule_data *rule_copy(const struct audit_rule_data *rule)
{
	size_t size = sizeof(*rule) + rule->buflen;
	struct audit_rule_data *copy = malloc(size);

	return copy ? memcpy(copy, rule, size) : NULL;
}

struct rules_want rules_want_of(const struct config *config)
{
	return (struct rules_want){
		.signals = config->signals,
		.all = config->signals_all,
		.probes = config->probes,
		.runtime_noise = config->runtime_noise,
		.failed = config->failed,
	};
}

const struct sigarch *rules_native_arch(void)
{
	int machine = audit_detect_machine();

	return machine < 0 ? NULL : sigarch_of_audit(audit_machine_to_elf(machine));
}

static void rule_field(struct audit_rule_data *rule, uint32_t field, uint32_t op,
		       uint32_t value)
{
	uint32_t i = rule->field_count++;

	rule->fields[i] = field;
	rule->fieldflags[i] = op;
	rule->values[i] = value;
}

/* A rule for all calls whose signal is this argument, still without conditions. */
static struct audit_rule_data *rule_start(const struct sigarch *arch, int signal_arg)
{
	struct audit_rule_data *rule = calloc(1, sizeof(*rule) + strlen(RULES_KEY));
	const struct sigcall *calls;
	size_t n;

	if (!rule)
		return NULL;
	rule->flags = AUDIT_FILTER_EXIT;
	rule->action = AUDIT_ALWAYS;
	rule_field(rule, AUDIT_ARCH, AUDIT_EQUAL, arch->audit_arch);
	calls = sigcall_table(&n);
	for (size_t i = 0; i < n; i++) {
		uint32_t nr = sigcall_number(&calls[i], arch);

		if (calls[i].signal_arg == signal_arg)
			rule->mask[AUDIT_WORD(nr)] |= AUDIT_BIT(nr);
	}
	return rule;
}

static void rule_finish(struct audit_rule_data *rule, const struct rules_want *want)
{
	if (!want->failed)
		rule_field(rule, AUDIT_SUCCESS, AUDIT_EQUAL, 1);
	rule_field(rule, AUDIT_FILTERKEY, AUDIT_EQUAL, strlen(RULES_KEY));
	rule->buflen = strlen(RULES_KEY);
	memcpy(rule->buf, RULES_KEY, strlen(RULES_KEY));
}

/* Is the signal, sent by the calls that have it as this argument, left out as noise? The
 * calls of one rule are alike in that. */
static bool is_left_out(const struct rules_want *want, int signal_arg, int signo)
{
	const struct sigcall *calls;
	size_t n, i = 0;

	calls = sigcall_table(&n);
	while (i < n && calls[i].signal_arg != signal_arg)
		i++;
	return !want->runtime_noise && i < n && sigcall_is_noise(&calls[i], signo);
}

/* Noise goes first: the kernel stops at the first condition that fails, and a runtime's
 * SIGURG is what a busy host has most of. */
static void rule_leave_out(struct audit_rule_data *rule, const struct rules_want *want,
			   int signal_arg, int first, int last)
{
	for (int signo = first; signo <= last; signo++)
		if (is_left_out(want, signal_arg, signo))
			rule_field(rule, AUDIT_ARG0 + signal_arg, AUDIT_NOT_EQUAL, signo);
}

static int make_all(struct rules *rules, const struct sigarch *arch, int signal_arg,
		    const struct rules_want *want)
{
	struct audit_rule_data *rule = rule_start(arch, signal_arg);

	if (!rule)
		return -ENOMEM;
	rule_leave_out(rule, want, signal_arg, 1, SIGNAL_MAX);
	if (!want->probes)
		rule_field(rule, AUDIT_ARG0 + signal_arg, AUDIT_NOT_EQUAL, 0);
	rule_finish(rule, want);
	return rules_push(rules, rule);
}

static int make_range(struct rules *rules, const struct sigarch *arch, int signal_arg,
		      const struct rules_want *want, int first, int last)
{
	struct audit_rule_data *rule;

	while (first <= last && is_left_out(want, signal_arg, first))
		first++;
	while (last >= first && is_left_out(want, signal_arg, last))
		last--;
	if (first > last)
		return 0;
	rule = rule_start(arch, signal_arg);
	if (!rule)
		return -ENOMEM;
	rule_leave_out(rule, want, signal_arg, first, last);
	if (first == last) {
		rule_field(rule, AUDIT_ARG0 + signal_arg, AUDIT_EQUAL, first);
	} else {
		rule_field(rule, AUDIT_ARG0 + signal_arg, AUDIT_GREATER_THAN_OR_EQUAL,
			   first);
		rule_field(rule, AUDIT_ARG0 + signal_arg, AUDIT_LESS_THAN_OR_EQUAL, last);
	}
	rule_finish(rule, want);
	return rules_push(rules, rule);
}

static int make_ranges(struct rules *rules, const struct sigarch *arch, int signal_arg,
		       const struct rules_want *want)
{
	int r = 0;

	for (int first = 0; !r && first <= SIGNAL_MAX; first++) {
		int last = first;

		if (!signal_set_has(&want->signals, first))
			continue;
		while (signal_set_has(&want->signals, last + 1))
			last++;
		r = make_range(rules, arch, signal_arg, want, first, last);
		first = last;
	}
	return r;
}

/* The same wish in one form: probes as signal 0 of the set and the other way round, and
 * all where each signal is named. */
static struct rules_want normalize(const struct rules_want *want)
{
	struct rules_want plain = *want;

	if (!plain.all && signal_set_has(&plain.signals, 0))
		plain.probes = true;
	if (plain.signals.low >> 1 == UINT64_MAX >> 1 && plain.signals.max)
		plain.all = true;
	if (plain.probes)
		signal_set_add(&plain.signals, 0);
	return plain;
}

int rules_make(struct rules *rules, const struct rules_want *want, struct reason *reason)
{
	const struct rules_want plain = normalize(want);
	const struct sigarch *arch = rules_native_arch();
	int r = 0;

	*rules = (struct rules){ 0 };
	if (!arch) {
		reason_set(reason,
			   "sigtrail has no table of system calls for this machine");
		return -ENOTSUP;
	}
	while (arch && !r) {
		for (int signal_arg = 1; !r && signal_arg <= 2; signal_arg++)
			r = plain.all ? make_all(rules, arch, signal_arg, &plain)
				      : make_ranges(rules, arch, signal_arg, &plain);
		arch = arch->compat ? sigarch_of_name(arch->compat) : NULL;
	}
	if (r < 0) {
		reason_set(reason, "can't make the audit rules: %s", strerror(-r));
		rules_clear(rules);
	} else if (!rules->n) {
		reason_set(reason,
			   "no signal is left to be recorded; name some in Signals=");
		r = -EINVAL;
	}
	return r;
}

int rules_list(int fd, struct rules *rules, struct reason *reason)
{
	static const char what[] = "list the audit rules";
	struct audit_reply reply;
	int sequence, r;

	*rules = (struct rules){ 0 };
	audit_link_drain(fd);
	sequence = audit_request_rules_list_data(fd);
	if (sequence < 0)
		return audit_link_refused(sequence, what, reason);
	for (;;) {
		size_t len;

		r = audit_link_reply(fd, sequence, &reply);
		if (r < 0 || reply.type == NLMSG_DONE)
			break;
		len = NLMSG_PAYLOAD(reply.nlh, 0);
		if (reply.type != AUDIT_LIST_RULES || len < sizeof(*reply.ruledata) ||
		    len - sizeof(*reply.ruledata) < reply.ruledata->buflen ||
		    reply.ruledata->field_count > AUDIT_MAX_FIELDS) {
			r = -EPROTO;
			break;
		}
		r = rules_push(rules, rule_copy(reply.ruledata));
		if (r < 0)
			break;
	}
	if (r < 0) {
		rules_clear(rules);
		return audit_link_refused(r, what, reason);
	}
	return 0;
}

static bool fields_equal(const struct audit_rule_data *a, uint32_t i,
			 const struct audit_rule_data *b, uint32_t k)
{
	const char *left, *right;

	if (a->fields[i] != b->fields[k] || a->fieldflags[i] != b->fieldflags[k] ||
	    a->values[i] != b->values[k])
		return false;
	if (!rule_field_is_string(a->fields[i]))
		return true;
	left = rule_string(a, i);
	right = rule_string(b, k);
	return left && right && !memcmp(left, right, a->values[i]);
}

bool rules_equal(const struct audit_rule_data *a, const struct audit_rule_data *b)
{
	const uint32_t list = ~(uint32_t)AUDIT_FILTER_PREPEND;
	bool used[AUDIT_MAX_FIELDS] = { false };

	if ((a->flags & list) != (b->flags & list) || a->action != b->action ||
	    a->field_count != b->field_count || a->field_count > AUDIT_MAX_FIELDS ||
	    memcmp(a->mask, b->mask, sizeof(a->mask)))
		return false;
	for (uint32_t i = 0; i < a->field_count; i++) {
		uint32_t k = 0;

		while (k < b->field_count && (used[k] || !fields_equal(a, i, b, k)))
			k++;
		if (k == b->field_count)
			return false;
		used[k] = true;
	}
	return true;
}

const struct audit_rule_data *rules_find(const struct rules *rules,
					 const struct audit_rule_data *rule)
{
	for (size_t i = 0; i < rules->n; i++)
		if (rules_equal(rules->rule[i], rule))
			return rules->rule[i];
	return NULL;
}

bool rules_covers(const struct audit_rule_data *rule, const struct sigarch *arch,
		  const struct sigcall *call)
{
	uint32_t nr = sigcall_number(call, arch);

	if ((rule->flags & ~(uint32_t)AUDIT_FILTER_PREPEND) != AUDIT_FILTER_EXIT ||
	    rule->action != AUDIT_ALWAYS || !(rule->mask[AUDIT_WORD(nr)] & AUDIT_BIT(nr)))
		return false;
	/* Without an arch the number counts on each of them. */
	for (uint32_t i = 0; i < rule->field_count; i++)
		if (rule->fields[i] == AUDIT_ARCH &&
		    (rule->values[i] == arch->audit_arch) !=
			    (rule->fieldflags[i] == AUDIT_EQUAL))
			return false;
	return true;
}

size_t rules_uncovered(const struct rules *loaded, char *names, size_t size)
{
	const struct sigarch *arch = rules_native_arch();
	const struct sigcall *calls;
	size_t n, len = 0, uncovered = 0;

	calls = sigcall_table(&n);
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < loaded->n && !rules_covers(loaded->rule[k], arch, &calls[i]))
			k++;
		if (k < loaded->n)
			continue;
		if (len < size)
			len += snprintf(names + len, size - len, "%s%s", len ? ", " : "",
					calls[i].name);
		uncovered++;
	}
	return uncovered;
}

/* The arch of the rule's first field, if it is one of this machine's. */
static const struct sigarch *rule_arch(const struct audit_rule_data *rule)
{
	const struct sigarch *native = rules_native_arch();
	const struct sigarch *arch;

	if (!native || !rule->field_count || rule->fields[0] != AUDIT_ARCH ||
	    rule->fieldflags[0] != AUDIT_EQUAL)
		return NULL;
	arch = sigarch_of_audit(rule->values[0]);
	if (arch == native ||
	    (arch && native->compat && !strcmp(arch->name, native->compat)))
		return arch;
	return NULL;
}

static int format_calls(const struct audit_rule_data *rule, const struct sigarch *arch,
			struct buffer *out)
{
	uint32_t mask[AUDIT_BITMASK_SIZE];
	const struct sigcall *calls;
	const char *before = " -S ";
	size_t n;

	memcpy(mask, rule->mask, sizeof(mask));
	calls = sigcall_table(&n);
	for (size_t i = 0; i < n; i++) {
		uint32_t nr = sigcall_number(&calls[i], arch);

		if (!(mask[AUDIT_WORD(nr)] & AUDIT_BIT(nr)))
			continue;
		mask[AUDIT_WORD(nr)] &= ~AUDIT_BIT(nr);
		buffer_printf(out, "%s%s", before, calls[i].name);
		before = ",";
	}
	for (size_t i = 0; i < AUDIT_BITMASK_SIZE; i++)
		if (mask[i])
			return -ENOTSUP;
	return *before == ',' ? 0 : -ENOTSUP;
}

/* A key that stays one word, on a command line and in a file. */
static int format_key(const struct audit_rule_data *rule, uint32_t i, struct buffer *out)
{
	const char *key = rule_string(rule, i);

	if (!key || !rule->values[i] || i + 1 != rule->field_count)
		return -ENOTSUP;
	for (uint32_t k = 0; k < rule->values[i]; k++)
		if (key[k] <= ' ' || key[k] > '~' || strchr("\"'\\$`", key[k]))
			return -ENOTSUP;
	buffer_add_string(out, " -k ");
	buffer_add(out, key, rule->values[i]);
	return 0;
}

static int format_field(const struct audit_rule_data *rule, uint32_t i,
			struct buffer *out)
{
	uint32_t field = rule->fields[i];
	const char *op = audit_operator_to_symbol((int)rule->fieldflags[i]);

	if (!op)
		return -ENOTSUP;
	if (field >= AUDIT_ARG0 && field <= AUDIT_ARG3)
		buffer_printf(out, " -F a%u%s%u", field - AUDIT_ARG0, op,
			      rule->values[i]);
	else if (field == AUDIT_SUCCESS)
		buffer_printf(out, " -F success%s%u", op, rule->values[i]);
	else if (field == AUDIT_FILTERKEY && rule->fieldflags[i] == AUDIT_EQUAL)
		return format_key(rule, i, out);
	else
		return -ENOTSUP;
	return 0;
}

int rules_format(const struct audit_rule_data *rule, struct buffer *out)
{
	const struct sigarch *arch = rule_arch(rule);
	struct buffer line = { 0 };
	int r;

	if (!arch || rule->flags != AUDIT_FILTER_EXIT || rule->action != AUDIT_ALWAYS)
		return -ENOTSUP;
	buffer_printf(&line, "-a always,exit -F arch=%s",
		      arch->audit_arch & __AUDIT_ARCH_64BIT ? "b64" : "b32");
	r = format_calls(rule, arch, &line);
	for (uint32_t i = 1; !r && i < rule->field_count; i++)
		r = format_field(rule, i, &line);
	if (!r && line.failed)
		r = -ENOMEM;
	if (!r)
		buffer_add(out, line.data, line.len);
	buffer_free(&line);
	return r;
}

/* libaudit writes into the rule that it is given. */
static int request(int fd, const struct audit_rule_data *rule,
		   int (*function)(int fd, struct audit_rule_data *rule, int flags,
				   int action))
{
	struct audit_rule_data *copy = rule_copy(rule);
	int r;

	if (!copy)
		return -ENOMEM;
	audit_link_drain(fd);
	r = function(fd, copy, (int)rule->flags, (int)rule->action);
	free(copy);
	return r < 0 ? r : 0;
}

int rules_add(int fd, const struct audit_rule_data *rule, struct reason *reason)
{
	int r = request(fd, rule, audit_add_rule_data);

	if (r < 0 && r != -EEXIST)
		audit_link_refused(r, "add audit rules", reason);
	return r;
}

int rules_delete(int fd, const struct audit_rule_data *rule, struct reason *reason)
{
	int r = request(fd, rule, audit_delete_rule_data);

	if (r < 0 && r != -ENOENT)
		audit_link_refused(r, "remove audit rules", reason);
	return r;
}
