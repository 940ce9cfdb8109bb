/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* body: the fields of a short record, split in place. For OBJ_PID and PROCTITLE, of which
 * an event may have thousands: libauparse takes time that grows with their square, and as
 * long for each as for the whole rest of the event. */
#pragma once

#include <stdbool.h>

/* Splits the next NAME=VALUE off *rest, which is writable and ends with a NUL, and moves
 * *rest behind it. Words without = are passed over; what auditd adds behind \x1d is none.
 * False: there is no more. */
bool body_next(char **rest, const char **name, const char **value);
