/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit_link: a socket for requests to the kernel's audit, and the replies to them. */
#pragma once

#include <libaudit.h>

#include "core/reason.h"

/* Opens the socket and keeps libaudit from writing messages of its own. Its descriptor,
 * or -errno with the reason. */
int audit_link_open(struct reason *reason);

/* Throws away what is left of earlier requests. To be called before each request:
 * libaudit takes the next message for its acknowledgement, whatever it is. */
void audit_link_drain(int fd);

/* Waits for the next message that answers the request with this sequence number (the
 * result of libaudit's request functions). 0; -ETIMEDOUT after a few seconds, or the
 * error that the kernel answers with. */
int audit_link_reply(int fd, int sequence, struct audit_reply *reply);

/* Sets the reason why the kernel refused: what could not be done ("change the audit
 * rules"), and what to do about it. Returns error, a negative errno. */
int audit_link_refused(int error, const char *what, struct reason *reason);
