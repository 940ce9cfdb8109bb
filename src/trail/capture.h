/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* capture: what makes this kernel record signals for us: the hold on its audit (rules,
 * enabled, backlog) and the socket; from the start to the state of the host that was
 * there before. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/config.h"
#include "core/event.h"
#include "core/guard.h"
#include "core/reason.h"
#include "core/record.h"
#include "io/source.h"

struct capture;
struct carry;
struct record_place;

/* Binds the socket (at place, with multicast: see record_socket_open_at(); may be NULL),
 * then puts the rules in, so that nothing that they give is missed, and says on standard
 * error what can't be seen and why. *capture and *source are the caller's. 0, or -errno
 * with the reason; then the host is as before. */
int capture_new(struct capture **capture, const struct config *config,
		struct record_place *place, struct source **source,
		struct reason *reason);

/* What is known of the kernel's counter and of who leaves records, for who goes on; and
 * that this one goes on: then it is as it was there. What had changed since, so that the
 * kernel recorded less; CAUSE_NONE: nothing. */
void capture_save(const struct capture *capture, struct carry *carry);
enum trail_cause capture_go_on(struct capture *capture, const struct carry *carry);

/* Says in one line that all is in place, and where lines go. */
void capture_say_ready(const struct capture *capture, const char *output);

/* Says that the audit daemon's place was left to this process, and what that means. */
void capture_say_replaced(pid_t successor);

/* Processes that began after this time (CLOCK_REALTIME) leave records of what they send:
 * the boot's with audit=1 on the kernel command line, now where audit was off; absent
 * where others enabled it, nobody knows when. */
int64_t capture_since_usec(const struct capture *capture);

/* Do processes older than that leave none? */
enum trail_unseen capture_unseen(const struct capture *capture);

/* Other rules from now on. 0, or -errno with the reason; then the old ones stay. */
int capture_reload(struct capture *capture, const struct config *config,
		   struct reason *reason);

/* To be shown each record: others' changes of the audit state, our own markers. */
void capture_see(struct capture *capture, const struct record *record);

/* Has the marker come that was sent when the socket could hear? Serials behind it leave
 * a trace. */
bool capture_begin_seen(const struct capture *capture);

/* Sends a record of our own (AUDIT_USER), so that there is one behind all that was
 * recorded up to now. */
void capture_mark(struct capture *capture);

/* Reads the kernel's counter of lost records: *lost gets how many more there are than at
 * the last reading. 0 where the counter says nothing of what we get: with audit=1 and
 * without an audit daemon it counts what the kernel couldn't keep for that daemon, too.
 * 0 or -errno. */
int capture_lost(struct capture *capture, uint32_t *lost);

/* Looks at what is loaded and set. 0 or -errno with the reason. */
int capture_survey(struct capture *capture, struct guard_found *found,
		   struct reason *reason);

/* Puts back what others undid, the rules only if asked for. As hold_again(). */
int capture_put_back(struct capture *capture, bool rules, struct reason *reason);

/* Somebody else has switched auditing on, or loaded our rules anew, meanwhile. */
void capture_enabled_by_other(struct capture *capture);
void capture_rules_by_other(struct capture *capture);

/* The end of recording: takes our rules out (unless keep, or others want them too) and
 * sends a marker behind the last record. Then capture_marker_seen() tells when all that
 * was recorded has come. */
void capture_end(struct capture *capture, bool keep);
/* Sends the marker again, which then is the one that is waited for. */
void capture_mark_end(struct capture *capture);
bool capture_marker_seen(const struct capture *capture);

/* Puts the rest of the host's audit state back. Not before what was recorded has been
 * read: with audit off the marker isn't sent. */
struct capture *capture_free(struct capture *capture);
