/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* people: names of user ids and where a login session came from, on the reader's side.
 * Answers are remembered. */
#pragma once

#include <stdint.h>

#include "core/event.h"

struct people;

/* 0 or -ENOMEM. *people is the caller's. */
int people_new(struct people **people);
struct people *people_free(struct people *people);

/* The name that this host gives the user id, NULL where it has none; valid until
 * people_free(). */
const char *people_user(struct people *people, int64_t uid);
