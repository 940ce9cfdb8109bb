/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/aujoin.h"

#include <errno.h>
#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/nodes.h"

struct aujoin {
	auparse_state_t *parser;
	join_event_fn *event;
	join_incomplete_fn *incomplete;
	void *userdata;
	struct buffer line;
	struct node *nodes;
	struct bytes obj_pids[JOIN_TARGETS_MAX];
};

/* The type's name as it stands in logs; NULL: no record that says anything of signals. */
static const char *type_word(uint16_t type)
{
	switch (type) {
	case AUDIT_SYSCALL:
		return "SYSCALL";
	case AUDIT_OBJ_PID:
		return "OBJ_PID";
	case AUDIT_PROCTITLE:
		return "PROCTITLE";
	case AUDIT_EOE:
		return "EOE";
	case AUDIT_ANOM_ABEND:
		return "ANOM_ABEND";
	case AUDIT_SECCOMP:
		return "SECCOMP";
	default:
		return NULL;
	}
}

static bool read_record(struct aujoin *a, struct record *record)
{
	const char *text = auparse_get_record_text(a->parser);

	return text && record_parse_line(text, strlen(text), record) == 0;
}

static void take_record(struct aujoin *a, const struct record *record,
			struct joined *joined)
{
	switch (record->type) {
	case AUDIT_SYSCALL:
		if (!joined->syscall.len)
			joined->syscall = record->body;
		break;
	case AUDIT_PROCTITLE:
		if (!joined->proctitle.len)
			joined->proctitle = record->body;
		break;
	case AUDIT_OBJ_PID:
		if (joined->n_obj_pids < JOIN_TARGETS_MAX)
			a->obj_pids[joined->n_obj_pids++] = record->body;
		joined->n_targets++;
		break;
	}
}

static void hand_on_death(struct aujoin *a, const struct joined *stamp,
			  const struct record *record)
{
	struct joined joined = *stamp;

	joined.obj_pids = NULL;
	joined.death = record->body;
	joined.death_type = record->type;
	a->event(&joined, a->userdata);
}

static void reverse(struct bytes *bodies, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct bytes swap = bodies[i];

		bodies[i] = bodies[n - 1 - i];
		bodies[n - 1 - i] = swap;
	}
}

static bool is_death(uint16_t type)
{
	return type == AUDIT_ANOM_ABEND || type == AUDIT_SECCOMP;
}

static void on_parsed(auparse_state_t *parser, auparse_cb_event_t kind, void *userdata)
{
	struct aujoin *a = userdata;
	const struct node *node = NULL;
	struct joined joined;
	struct record record;
	bool backwards = false; /* as join does it (texts_target()) */
	int signal = 0;

	if (kind != AUPARSE_CB_EVENT_READY || auparse_first_record(parser) <= 0 ||
	    !read_record(a, &record) || nodes_find(&a->nodes, &record.node, &node) < 0)
		return;
	joined = (struct joined){ .node = node_name(node),
				  .sec = record.sec,
				  .msec = record.msec,
				  .serial = record.serial };
	do {
		if (!read_record(a, &record))
			continue;
		if (record.type == AUDIT_SYSCALL)
			signal = join_is_signal(&record);
		if (is_death(record.type))
			hand_on_death(a, &joined, &record);
		else if (record.type != AUDIT_SYSCALL || signal > 0)
			take_record(a, &record, &joined);
		else if (signal == 0)
			return;
		backwards =
			backwards || (record.type == AUDIT_SYSCALL && joined.n_targets);
	} while (auparse_next_record(parser) > 0);
	joined.obj_pids = a->obj_pids;
	if (backwards)
		reverse(a->obj_pids, joined.n_obj_pids);
	if (joined.syscall.len)
		a->event(&joined, a->userdata);
	else if (joined.n_targets)
		a->incomplete(joined.sec * 1000000 + joined.msec * 1000, joined.serial,
			      a->userdata);
}

int aujoin_feed(struct aujoin *a, const struct record *record)
{
	const char *word = type_word(record->type);

	if (!word)
		return 0;
	buffer_reset(&a->line);
	if (record->node.len) {
		buffer_add_string(&a->line, "node=");
		buffer_add(&a->line, record->node.data, record->node.len);
		buffer_add_char(&a->line, ' ');
	}
	buffer_printf(&a->line, "type=%s msg=audit(%lld.%03d:%llu): ", word,
		      (long long)record->sec, record->msec,
		      (unsigned long long)record->serial);
	buffer_add(&a->line, record->body.data, record->body.len);
	buffer_add_char(&a->line, '\n');
	if (a->line.failed || auparse_feed(a->parser, a->line.data, a->line.len) < 0)
		return -ENOMEM;
	return 0;
}

void aujoin_flush(struct aujoin *a)
{
	auparse_flush_feed(a->parser);
}

int aujoin_new(struct aujoin **aujoin, auparse_state_t *parser, join_event_fn *event,
	       join_incomplete_fn *incomplete, void *userdata)
{
	struct aujoin *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->parser = parser;
	a->event = event;
	a->incomplete = incomplete;
	a->userdata = userdata;
	auparse_add_callback(parser, on_parsed, a, NULL);
	*aujoin = a;
	return 0;
}

struct aujoin *aujoin_free(struct aujoin *a)
{
	if (!a)
		return NULL;
	buffer_free(&a->line);
	nodes_free(a->nodes);
	free(a);
	return NULL;
}
