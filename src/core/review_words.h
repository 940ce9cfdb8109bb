/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* review_words: a verdict in plain sentences. */
#pragma once

#include "core/buffer.h"
#include "core/review.h"
#include "core/text.h"

/* How times and users are shown. */
struct review_show {
	const struct text_clock *clock;
	/* The name of a user id, or NULL; raw bytes. NULL: nobody has names. */
	const char *(*user)(void *userdata, int64_t uid);
	/* Where an audit session came from ("by sshd from ..."), likewise. */
	const char *(*session)(void *userdata, int64_t session);
	void *userdata;
};

/* Each adds sentences with a newline behind each, escaped for terminals: what happened,
 * who did it and how that is known ... */
void review_add_verdict(struct buffer *out, const struct review *review,
			const struct verdict *verdict, const struct review_show *show);
/* ... what the trail knows of the time before the end, one for each gap ... */
void review_add_gaps(struct buffer *out, const struct verdict *verdict,
		     const struct review_show *show);
/* One gap alone, without newline. */
void review_add_gap(struct buffer *out, const struct review_gap *gap,
		    const struct review_show *show);
/* ... and what to do next. */
void review_add_advice(struct buffer *out, const struct review *review,
		       const struct verdict *verdict);

/* Adds what it is about, as in "app.service", "sleep[71]", "container 4f0c2d8c7a1b". */
void review_add_subject(struct buffer *out, const struct review *review);

/* The verdict in one line of few words, without the subject and newline: "killed by
 * SIGTERM from pkill[4312]". */
void review_add_brief(struct buffer *out, const struct verdict *verdict);
