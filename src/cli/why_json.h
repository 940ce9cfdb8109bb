/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* why_json: a verdict as one JSON object. */
#pragma once

#include "core/buffer.h"
#include "core/review_words.h"

/* Adds the object and a newline. 0 or -ENOMEM. */
int why_json(struct buffer *out, const struct review *review,
	     const struct verdict *verdict, const struct review_show *show);
