/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* people: names of user ids, on the reader's side. Answers are remembered, a
 * bounded number of them. */
#pragma once

#include <stdint.h>

#include "core/number.h"

struct people;

/* 0 or -ENOMEM. *people is the caller's. */
int people_new(struct people **people);
struct people *people_free(struct people *people);

/* The name that this host gives the user id, NULL where it has none; raw bytes, valid
 * until the next call. */
const char *people_user(struct people *people, int64_t uid);
