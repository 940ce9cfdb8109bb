/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* records: audit records as the kernel words them, for tests. */
#pragma once

#include <check.h>
#include <libaudit.h>
#include <string.h>

#include "core/record.h"

#define TIME_SEC 1795301637
#define SYSCALL_62                                                                       \
	"arch=c000003e syscall=62 success=yes exit=0 a0=6f1 a1=f a2=0 a3=7fae370f0580 "  \
	"items=0 ppid=1478 pid=1776 auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 "  \
	"egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295 comm=\"sig\" "                  \
	"exe=\"/opt/demo/sig\" key=\"sigtrail\""
#define SYSCALL_OPEN                                                                     \
	"arch=c000003e syscall=257 success=yes exit=3 a0=0 a1=0 a2=0 a3=0 items=1 "      \
	"ppid=1 "                                                                        \
	"pid=2 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 " \
	"ses=1 comm=\"cat\" exe=\"/bin/cat\" key=\"files\""
#define OBJ_PID_1777 "opid=1777 oauid=-1 ouid=0 oses=-1 ocomm=\"sig\""
#define PROCTITLE    "proctitle=2E2F736967002D78"

/* A record of this type, serial and body, TIME_SEC.487, no node. */
static inline struct record record_of(uint16_t type, uint64_t serial, const char *body)
{
	return (struct record){
		.type = type,
		.sec = TIME_SEC,
		.msec = 487,
		.serial = serial,
		.body = bytes_of(body),
	};
}
