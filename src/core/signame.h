/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* signame: names of signals, and sets of them as people write them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/reason.h"

#define SIGNAL_MAX 64

/* Signals 0..64 as bits of two words; bit n of the set is signal n. */
struct signal_set {
	uint64_t low; /* 0..63 */
	bool max;     /* 64 */
};

/* Room for every name and every 64-bit number in digits. */
#define SIGNAME_SIZE 24

/* Writes the signal's name into name and returns it: SIGHUP ... SIGSYS (29 is SIGIO),
 * SIG32, SIG33, SIGRTMIN, SIGRTMIN+n up to 64; 0 and any other number as digits. */
const char *signame_format(int64_t signo, char name[SIGNAME_SIZE]);

/* The number of one signal: with or without SIG, any case, a number 0..64, RTMIN,
 * RTMIN+n, RTMAX, RTMAX-n, SIGPOLL and SIGCLD as synonyms. -EINVAL if it is none. */
int signame_parse(const char *name);

bool signal_set_has(const struct signal_set *set, int64_t signo);
void signal_set_add(struct signal_set *set, int signo);

/* Parses names separated by commas, each a name, a number or a range of numbers (1-15),
 * "all" for every signal 1..64. 0, or -EINVAL with the reason; then *set is unchanged. */
int signal_set_parse(const char *text, struct signal_set *set, struct reason *reason);
