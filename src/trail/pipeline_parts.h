/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pipeline_parts: what a pipeline is made of, for its own files alone. */
#pragma once

#include <stdint.h>

#include "core/burst.h"
#include "core/decode.h"
#include "core/loss.h"
#include "core/serials.h"
#include "trail/pipeline.h"
#include "trail/remark.h"

struct pipeline {
	const struct config *config;
	struct sink *sink;
	int proc_fd;
	struct join *join;
	struct decode *decode;
	struct identity *identity;
	struct remark *remark;
	struct burst *burst;
	struct loss loss;
	struct serials serials;
	int64_t caught_up_usec; /* the source was empty then */
	uint64_t sink_lost; /* of sink->lost and failed, what is in the ledger already */
	uint64_t sink_failed;
	bool loss_waits;       /* for room in the sink */
	uint64_t late_targets; /* of the join's, what is in the ledger already */
	uint64_t evicted;      /* processes, what is in the ledger already */
	int64_t now_usec;
	int64_t last_record_usec; /* its stamp; 0: none came yet */
	int64_t batch_since_usec; /* last_record_usec as it was before the batch */
	struct pipeline_counts counts;
};

/* Puts into the ledger what its parts have counted as lost. */
void pipeline_note(struct pipeline *pipeline);
