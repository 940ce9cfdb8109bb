/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/sieve.h"

#include <errno.h>
#include <stdlib.h>

struct sieve {
	struct sink sink; /* first, so that one is the other */
	struct sink *behind;
	sieve_pass_fn *pass;
	void *userdata;
};

/* Who looks at the sieve sees how the one behind it fares. */
static int mirror(struct sieve *sieve, int result)
{
	const struct sink_ops *ops = sieve->sink.ops;

	sieve->sink = *sieve->behind;
	sieve->sink.ops = ops;
	return result;
}

static int sieve_write(struct sink *sink, const struct signal_event *ev)
{
	struct sieve *sieve = (struct sieve *)sink;

	struct signal_event copy = *ev;

	if (!sieve->pass(&copy, sieve->userdata))
		return 0;
	return mirror(sieve, sink_write(sieve->behind, &copy));
}

static int sieve_flush(struct sink *sink)
{
	struct sieve *sieve = (struct sieve *)sink;

	return mirror(sieve, sink_flush(sieve->behind));
}

static int sieve_reopen(struct sink *sink)
{
	struct sieve *sieve = (struct sieve *)sink;

	return mirror(sieve, sink_reopen(sieve->behind));
}

static struct sink *sieve_free(struct sink *sink)
{
	struct sieve *sieve = (struct sieve *)sink;

	sink_free(sieve->behind);
	free(sieve);
	return NULL;
}

int sieve_new(struct sink **sink, struct sink *behind, sieve_pass_fn *pass,
	      void *userdata)
{
	static const struct sink_ops ops = { sieve_write, sieve_flush, sieve_reopen,
					     sieve_free };
	struct sieve *sieve = calloc(1, sizeof(*sieve));

	if (!sieve) {
		sink_free(behind);
		return -ENOMEM;
	}
	sieve->sink.ops = &ops;
	sieve->behind = behind;
	sieve->pass = pass;
	sieve->userdata = userdata;
	(void)mirror(sieve, 0);
	*sink = &sieve->sink;
	return 0;
}
