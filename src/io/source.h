/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source: where audit records come from. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/record.h"

struct carry;
struct source;

/* Called for each record of a batch; valid for the call. */
typedef void source_record_fn(const struct record *record, void *userdata);

struct source_counts {
	uint64_t malformed; /* datagrams or lines that are no records */
	uint64_t forged;    /* datagrams that the kernel didn't send */
	uint64_t overruns;  /* how often the receive buffer was full */
	uint64_t lost;	    /* records lost by that, as the kernel counts them */
};

struct source_ops {
	/* Reads one batch. More than 0: so many records came; -EAGAIN: nothing now; 0:
	 * the end of input; -ENOBUFS: records were lost since the batch before, see
	 * counts, others may have come; other -errno: broken. */
	int (*read)(struct source *source, source_record_fn *record, void *userdata);
	/* NULL: nothing to choose. */
	int (*want_eoe)(struct source *source, bool wanted);
	struct source *(*free)(struct source *source);
	/* Says how far it has read, for who goes on; NULL: nobody can. */
	void (*save)(const struct source *source, struct carry *carry);
};

/* What every source begins with. */
struct source {
	const struct source_ops *ops;
	int fd; /* readable when read() has something to give */
	struct source_counts counts;
	/* Who asked for the place of the audit daemon, which this source has left since;
	 * 0: nobody has, or it never had it. */
	pid_t successor;
};

static inline int source_read(struct source *source, source_record_fn *record,
			      void *userdata)
{
	return source->ops->read(source, record, userdata);
}

/* Are EOE records wanted? They are at first. They end an event that has no PROCTITLE,
 * since somebody excludes those; else they are a quarter of what comes for nothing. 0 or
 * -errno. */
static inline int source_want_eoe(struct source *source, bool wanted)
{
	return source->ops->want_eoe ? source->ops->want_eoe(source, wanted) : 0;
}

static inline struct source *source_free(struct source *source)
{
	return source ? source->ops->free(source) : NULL;
}
