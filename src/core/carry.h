/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* carry: what a recorder hands to the one that goes on after it, as bytes: the accounts
 * of serials and losses, and the records of events that aren't complete. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/bytes.h"
#include "core/loss.h"
#include "core/record.h"
#include "core/serials.h"

/* Another one can't be read. */
#define CARRY_VERSION 1

/* Records of open events beyond so many bytes aren't carried, their events are counted.
 */
#define CARRY_RECORDS_BYTES (768u * 1024)

/* Numbers of signals, deaths and their lines since the trail began. */
struct carry_totals {
	uint64_t signals;
	uint64_t ignored;
	uint64_t deaths;
	uint64_t lines;
	uint64_t repeats;
	uint64_t lost;
};

struct carry {
	uint64_t batch; /* the last batch of records that is in all this */
	uint32_t drops; /* as the socket counted them */
	/* What waits to go out: io/queue.h. */
	uint64_t queue_origin;
	uint64_t queue_tail;
	/* The kernel's counter of lost records: core/event.h has what unseen is. */
	bool counted;
	uint32_t kernel_lost;
	uint32_t auditd;
	int64_t since_usec;
	uint32_t unseen;
	/* The pipeline's. */
	int64_t last_record_usec;
	uint64_t held; /* events that no line stands for yet: bursts', and open events
			  without room here */
	struct carry_totals totals;
	struct loss loss;
	struct serials serials;
	/* carry_decode(): what carry_record() reads. */
	struct bytes records;
};

/* Appends all but the records; *carry stays as it is. */
void carry_encode(struct carry *carry, struct buffer *out);

/* Appends a record, without its node, to those that go behind it. False where that makes
 * more than CARRY_RECORDS_BYTES; then nothing is appended. */
bool carry_add_record(struct buffer *records, const struct record *record);

/* Reads what carry_encode() wrote; damaged bytes are as likely as any. records points
 * into data. 0, or -EBADMSG. */
int carry_decode(struct carry *carry, const char *data, size_t len);

/* Takes the next record off carry->records; its body points there. False at the end, and
 * at what is none. */
bool carry_record(struct carry *carry, struct record *record);
