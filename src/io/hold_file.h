/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hold_file: the files in the run directory that those who hold share. "rules" is the
 * ledger, replaced as a whole so that no crash leaves half of one. "lock" bears open file
 * description locks (fcntl_locking(2)), which end with their process: byte 0 is the mutex
 * for reading and writing the ledger, and each who holds has one of the bytes behind it.
 * That byte's number is the holder's in the ledger. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/ledger.h"
#include "core/reason.h"

/* How many can hold at once. */
#define HOLD_FILE_HOLDERS_MAX 1024

/* Made by hold_file_init(). */
struct hold_file {
	char *path;
	int dir_fd;
	int lock_fd;
	unsigned holder; /* our number, 0 as long as we don't hold */
	char boot_id[64];
};

/* path is copied. 0 or -errno with the reason. */
int hold_file_init(struct hold_file *file, const char *path, struct reason *reason);

/* Lets all locks go. */
void hold_file_close(struct hold_file *file);

/* Takes the mutex, makes the directory and the lock file if they aren't there (also when
 * somebody removed them while we held, and then holds again, perhaps by another number).
 * Waits some seconds for others at most. 0 or -errno with the reason. */
int hold_file_lock(struct hold_file *file, struct reason *reason);

/* The same without waiting: -EBUSY with the reason. */
int hold_file_lock_at_once(struct hold_file *file, struct reason *reason);

/* As that, but -EBUSY also where the lock's file has to be opened again. */
int hold_file_try_lock(struct hold_file *file);
void hold_file_unlock(struct hold_file *file);

/* From now on we are one of those who hold, until hold_file_close(). 0 or -errno with the
 * reason (-EUSERS: too many). Under the mutex. */
int hold_file_join(struct hold_file *file, struct reason *reason);

/* Does the one with this number hold, be it us? Under the mutex. */
bool hold_file_holds(const struct hold_file *file, unsigned holder);

/* Is there nobody else who holds? For certain only under the mutex. */
bool hold_file_alone(const struct hold_file *file);

/* Does anybody hold, who asks not being one of them? Makes nothing. 1, 0, or -errno
 * (-EACCES: not to be told to this user). */
int hold_file_in_use(const char *path);

/* Reads the ledger into an empty one. 1; 0: there is none; -errno with the reason. */
int hold_file_read(struct hold_file *file, struct ledger *ledger, struct reason *reason);

/* Replaces the ledger. 0 or -errno with the reason, then the old one is still there. */
int hold_file_write(struct hold_file *file, const struct ledger *ledger,
		    struct reason *reason);

/* Removes all files, and the directory if it is empty then. Under the mutex, alone. */
void hold_file_remove(struct hold_file *file);
