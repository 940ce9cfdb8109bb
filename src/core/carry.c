/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/carry.h"

#include <errno.h>
#include <string.h>

/* One list of fields for both directions. */
struct coder {
	struct buffer *out; /* NULL: reads */
	const char *data;
	size_t left;
	bool failed;
};

static uint64_t code(struct coder *coder, uint64_t value)
{
	if (coder->out) {
		buffer_add(coder->out, &value, sizeof(value));
		return value;
	}
	if (coder->left < sizeof(value)) {
		coder->failed = true;
		return 0;
	}
	memcpy(&value, coder->data, sizeof(value));
	coder->data += sizeof(value);
	coder->left -= sizeof(value);
	return value;
}

/* For a number that is an index or a count: as high as that at most. */
static uint64_t code_below(struct coder *coder, uint64_t value, uint64_t end)
{
	value = code(coder, value);
	if (value < end)
		return value;
	coder->failed = true;
	return 0;
}

static void code_loss_entry(struct coder *coder, struct loss_entry *entry)
{
	entry->used = code_below(coder, entry->used, 2);
	if (!entry->used)
		return;
	entry->lost = (int64_t)code_below(coder, (uint64_t)entry->lost, INT64_MAX);
	entry->since_usec = (int64_t)code(coder, (uint64_t)entry->since_usec);
	entry->until_usec = (int64_t)code(coder, (uint64_t)entry->until_usec);
}

static void code_loss(struct coder *coder, struct loss *loss)
{
	loss->deadline_usec = (int64_t)code(coder, (uint64_t)loss->deadline_usec);
	loss->total_events = (int64_t)code(coder, (uint64_t)loss->total_events);
	if (code(coder, CAUSE_COUNT) != CAUSE_COUNT)
		coder->failed = true;
	for (int cause = 0; cause < CAUSE_COUNT; cause++) {
		loss->total[cause] = (int64_t)code(coder, (uint64_t)loss->total[cause]);
		for (int of = 0; of <= OF_RECORDS; of++)
			code_loss_entry(coder, &loss->entries[cause][of]);
	}
}

static void code_serials(struct coder *coder, struct serials *serials)
{
	serials->based = code_below(coder, serials->based, 2);
	serials->head = (uint32_t)code(coder, serials->head);
	serials->head_usec = (int64_t)code(coder, (uint64_t)serials->head_usec);
	serials->n_holes = code_below(coder, serials->n_holes, SERIALS_HOLES_MAX + 1);
	for (size_t i = 0; i < serials->n_holes; i++) {
		struct serial_hole *hole = &serials->holes[i];

		hole->first = (uint32_t)code(coder, hole->first);
		hole->last = (uint32_t)code(coder, hole->last);
		hole->noticed_usec = (int64_t)code(coder, (uint64_t)hole->noticed_usec);
		hole->since_usec = (int64_t)code(coder, (uint64_t)hole->since_usec);
		hole->until_usec = (int64_t)code(coder, (uint64_t)hole->until_usec);
	}
}

static void code_totals(struct coder *coder, struct carry_totals *totals)
{
	totals->signals = code(coder, totals->signals);
	totals->ignored = code(coder, totals->ignored);
	totals->deaths = code(coder, totals->deaths);
	totals->lines = code(coder, totals->lines);
	totals->repeats = code(coder, totals->repeats);
	totals->lost = code(coder, totals->lost);
}

static void code_carry(struct coder *coder, struct carry *c)
{
	if (code(coder, CARRY_VERSION) != CARRY_VERSION)
		coder->failed = true;
	c->batch = code(coder, c->batch);
	c->drops = (uint32_t)code(coder, c->drops);
	c->queue_origin = code(coder, c->queue_origin);
	c->queue_tail = code(coder, c->queue_tail);
	c->counted = code_below(coder, c->counted, 2);
	c->kernel_lost = (uint32_t)code(coder, c->kernel_lost);
	c->auditd = (uint32_t)code(coder, c->auditd);
	c->since_usec = (int64_t)code(coder, (uint64_t)c->since_usec);
	c->unseen = (uint32_t)code_below(coder, c->unseen, UNSEEN_OLDER + 1);
	c->last_record_usec = (int64_t)code(coder, (uint64_t)c->last_record_usec);
	c->held = code(coder, c->held);
	code_totals(coder, &c->totals);
	code_loss(coder, &c->loss);
	code_serials(coder, &c->serials);
}

void carry_encode(struct carry *carry, struct buffer *out)
{
	struct coder coder = { .out = out };

	code_carry(&coder, carry);
}

int carry_decode(struct carry *carry, const char *data, size_t len)
{
	struct coder coder = { .data = data, .left = len };

	memset(carry, 0, sizeof(*carry));
	code_carry(&coder, carry);
	carry->records = (struct bytes){ coder.data, coder.left };
	return coder.failed ? -EBADMSG : 0;
}

/* --- records --- */

struct head {
	int64_t sec;
	uint64_t serial;
	int32_t msec;
	uint16_t type;
	uint16_t len;
};

bool carry_add_record(struct buffer *out, const struct record *record)
{
	const struct head head = { record->sec, record->serial, record->msec,
				   record->type, (uint16_t)record->body.len };

	if (record->body.len > RECORD_MAX_BYTES ||
	    out->len + sizeof(head) + record->body.len > CARRY_RECORDS_BYTES)
		return false;
	buffer_add(out, &head, sizeof(head));
	buffer_add(out, record->body.data, record->body.len);
	return !out->failed;
}

bool carry_record(struct carry *carry, struct record *record)
{
	struct bytes *rest = &carry->records;
	struct head head;

	if (rest->len < sizeof(head))
		return false;
	memcpy(&head, rest->data, sizeof(head));
	if (head.len > rest->len - sizeof(head) || head.len > RECORD_MAX_BYTES ||
	    head.msec < 0 || head.msec > 999 || head.sec < 0 ||
	    head.sec > INT64_MAX / 1000000 - 1) {
		rest->len = 0;
		return false;
	}
	*record = (struct record){
		.type = head.type,
		.sec = head.sec,
		.msec = head.msec,
		.serial = head.serial,
		.body = { rest->data + sizeof(head), head.len },
	};
	rest->data += sizeof(head) + head.len;
	rest->len -= sizeof(head) + head.len;
	return true;
}
