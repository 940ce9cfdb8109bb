/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* review_who: the parts of a verdict's sentences that say who and when. */
#pragma once

#include "core/review_words.h"

/* "15 ms", "3.2 s", "12 min", "5 h". */
void who_add_span(struct buffer *out, int64_t usec);

/* "SIGTERM, sent by pkill[4312] (/usr/bin/pkill, root, cron.service) 15 ms before". */
void who_add_sent(struct buffer *out, const struct verdict *verdict,
		  const struct signal_event *ev, const struct review_show *show);

/* Sentences on the sender: its ancestors, its command line, whose login. */
void who_add_background(struct buffer *out, const struct signal_event *ev,
			const struct review_show *show);
