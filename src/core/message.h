/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* message: what kind of journal message an event is: its MESSAGE_ID and its priority. */
#pragma once

#include "core/event.h"

/* One a kind; each has a text in systemd/sigtrail.catalog (journalctl -x). */
#define MESSAGE_SIGNAL	   "ccc71516c8ad4eaea01d4b4f43f043ac"
#define MESSAGE_REPEATED   "0256e4eb7c954b72a9bbef1c70c13e6e"
#define MESSAGE_DIED	   "b476117a6b5841ea9d4b233d71163e4a"
#define MESSAGE_STARTED	   "d2fde6447e3547699fa0b51b90f7b51a"
#define MESSAGE_STOPPED	   "034e919368e44592ba2dd0c61ea957ef"
#define MESSAGE_INCOMPLETE "7a20b75478e341418b59b8a051ce8aaa"
#define MESSAGE_RULES	   "82e0cf6f8716453786b023cb59fb7848"
#define MESSAGE_SOURCE	   "99db54c4be114999828712de4985622d"

/* The MESSAGE_ID of an event, 32 hexadecimal digits. */
const char *message_id(const struct signal_event *ev);

/* Its syslog priority: 4 for the notes thread-target, stale-pidfile and escalation, and
 * for the trail's "incomplete" and "rules"; 5 for a signal that ends a process by default
 * and for a death; 6 else. */
int message_priority(const struct signal_event *ev);
