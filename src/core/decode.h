/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* decode: from the records of one finished event to one struct signal_event a target. */
#pragma once

#include <auparse.h>

#include "core/event.h"
#include "core/join.h"

/* Called for each target of an event (once, without target, where there is none); the
 * event may be filled in further by the one called. */
typedef void decode_event_fn(struct signal_event *ev, void *userdata);

struct decode;

/* parser: NULL; or, for comparison, a state from auparse_init(AUSOURCE_FEED) that nobody
 * else uses, and libauparse splits the records of senders and deaths into their fields.
 * It stays the caller's and must outlive *decode, which installs its callback there. 0 or
 * -ENOMEM. */
int decode_new(struct decode **decode, auparse_state_t *parser, decode_event_fn *event,
	       void *userdata);
struct decode *decode_free(struct decode *decode);

/* Decodes one event and calls event() for it. 0, or -EBADMSG: the SYSCALL can't be read;
 * then nothing was called. */
int decode_event(struct decode *decode, const struct joined *joined);
