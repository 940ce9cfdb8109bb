/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sieve: a sink that lets through to another what somebody wants to see. */
#pragma once

#include <stdbool.h>

#include "io/sink.h"

/* Shall the event go through? ev is the sieve's copy, which may be added to. */
typedef bool sieve_pass_fn(struct signal_event *ev, void *userdata);

/* behind becomes the sieve's, also when this fails. 0 or -ENOMEM. */
int sieve_new(struct sink **sink, struct sink *behind, sieve_pass_fn *pass,
	      void *userdata);
