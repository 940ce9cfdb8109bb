/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* say: diagnostics to standard error, for the administrator. */
#pragma once

/* The program's name, "sigtraild" until then; static. */
void say_as(const char *name);

/* Writes one line, printf-style without newline: behind a <N> priority where the service
 * manager reads standard error (sd-daemon(3)), else behind the program's name. priority
 * is one of syslog(3)'s LOG_*.
 * Never blocks: where nobody reads, what is said is lost. */
void say(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
