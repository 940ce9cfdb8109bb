/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trail/opening.h"

#include <unistd.h>

#include "core/number.h"
#include "io/journal_last.h"
#include "io/privileges.h"
#include "io/source_stdin.h"

int opening_source(const struct config *config, bool alone, struct record_place *place,
		   struct capture **capture, struct source **source,
		   struct reason *reason)
{
	int r;

	if (config->source == SOURCE_STDIN) {
		r = source_stdin_new(source, STDIN_FILENO);
		if (r < 0)
			reason_set(reason, "out of memory");
		return r;
	}
	r = privileges_check(reason);
	if (r == 0)
		r = capture_new(capture, config, place, source, reason);
	if (r == 0 && alone && config->track)
		privileges_hasten();
	if (r == 0 && alone)
		r = privileges_drop(reason);
	return r;
}

void opening_say(struct pipeline *pipeline, const struct capture *capture,
		 const struct output *output, bool goes_on)
{
	int64_t last_usec = NUMBER_ABSENT;

	if (goes_on) {
		pipeline_started_again(pipeline, capture_since_usec(capture),
				       capture_unseen(capture));
		return;
	}
	if (output->is_journal)
		last_usec = journal_last_usec();
	if (capture)
		pipeline_started(pipeline, last_usec, capture_since_usec(capture),
				 capture_unseen(capture));
	else
		pipeline_started(pipeline, last_usec, NUMBER_ABSENT, UNSEEN_UNKNOWN);
}
