/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* finding: what a check of the host found, and what to do about it. */
#pragma once

#include <stddef.h>

#include "core/buffer.h"

enum finding_status {
	FINDING_OK,
	FINDING_WARNING,   /* the trail may lack something */
	FINDING_UNCHECKED, /* it could not be told */
	FINDING_PROBLEM,   /* the trail lacks something */
};

#define FINDINGS_MAX	   64
#define FINDING_TEXT_BYTES 640

struct finding {
	enum finding_status status;
	const char *check;		 /* its name, static */
	char text[FINDING_TEXT_BYTES];	 /* what is so; escaped where it isn't ours */
	char advice[FINDING_TEXT_BYTES]; /* what to do; empty: nothing */
};

/* All zero is none. */
struct findings {
	struct finding of[FINDINGS_MAX];
	size_t n;
};

/* Adds one, printf-style, without full stop; cut to the room there is. Above FINDINGS_MAX
 * the last one is replaced. */
void finding_add(struct findings *findings, enum finding_status status, const char *check,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Says what to do about the one added last. */
void finding_advise(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "ok", "warning", "unchecked", "problem". */
const char *finding_status_name(enum finding_status status);

/* The worst status there is; FINDING_OK where there is none. */
enum finding_status finding_worst(const struct findings *findings);

/* Adds one as a line of text, with its newline. */
void finding_text(struct buffer *out, const struct finding *finding);

/* Adds all as one JSON object, without newline. 0 or -ENOMEM. */
int finding_json(struct buffer *out, const struct findings *findings);
