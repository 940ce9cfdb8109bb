/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bootline: what the kernel's command line says about audit. */
#pragma once

#include <stddef.h>

enum boot_audit { BOOT_AUDIT_UNSET, BOOT_AUDIT_OFF, BOOT_AUDIT_ON };

/* Reads the text of /proc/cmdline. The last audit= counts, up to the arguments of process
 * 1 (behind "--"). What is neither off nor on switches it on (kernel/audit.c). */
enum boot_audit bootline_audit(const char *text, size_t len);
