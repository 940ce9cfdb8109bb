/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz: what the fuzz targets share. Each is one LLVMFuzzerTestOneInput(), which
 * libFuzzer calls (scripts/fuzz), or replay.c with the inputs of tests/fuzz/corpus. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/buffer.h"
#include "core/bytes.h"
#include "core/entry.h"
#include "core/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds for every input; one for which it doesn't is a finding. */
#define FUZZ_REQUIRE(condition)                                                          \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "%s:%d: this must hold: %s\n", __FILE__,         \
				__LINE__, #condition);                                   \
			abort();                                                         \
		}                                                                        \
	} while (0)

/* A copy with a NUL behind it, for free(). */
char *fuzz_string(const void *data, size_t size);

/* Takes the next line off the front, without its newline. False: there is none left. */
bool fuzz_line(struct bytes *rest, struct bytes *line);

/* A file in memory that holds the input, to be read from its start; for close(). */
int fuzz_file(const void *data, size_t size);

/* The text is UTF-8 and holds nothing that changes how what is around it is shown: no
 * control but newlines, as many as said, and none for bidirectional text. */
void fuzz_require_shown(const char *text, size_t len, size_t newlines);
/* The same, with any number of newlines. */
void fuzz_require_lines(const char *text, size_t len);

/* What holds for each event: it is one line of text, one of JSON, and what the journal
 * gets of it reads back as the same event. */
void fuzz_require_event(const struct signal_event *ev);
