/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hold_book: the ledger in the hands of one who holds or lets go: as it is written down,
 * without the wants of those that hold no more, and with his own. All but init and close
 * is done under the mutex (hold_file_lock()). */
#pragma once

#include "core/ledger.h"
#include "core/reason.h"
#include "io/hold_file.h"
#include "io/rules.h"

struct hold_book {
	struct hold_file file;
	struct ledger ledger; /* as of the last time that we had the mutex */
	struct ledger wants;  /* its rules are those that we want */
	bool known;	      /* the ledger was read, or there was none */
};

/* rundir is copied. 0 or -errno with the reason; hold_book_close() in either case. */
int hold_book_init(struct hold_book *book, const char *rundir, struct reason *reason);

/* Lets all locks go: what we wanted is wanted no more. */
void hold_book_close(struct hold_book *book);

/* Reads what is written down. 0 or -errno with the reason. */
int hold_book_read(struct hold_book *book, struct reason *reason);

/* From now on we are one of those who hold. 0 or -errno with the reason. */
int hold_book_join(struct hold_book *book, struct reason *reason);

/* Enters these rules as those that we want, instead of those before; what it is given has
 * those before then. 0 or -errno with the reason, then nothing has changed. */
int hold_book_want(struct hold_book *book, struct ledger *wants, struct reason *reason);

/* Enters that we want nothing any more. */
void hold_book_want_nothing(struct hold_book *book);

/* What of the ledger is to stay, given what we want ourselves: rules that somebody wants;
 * if others hold, also what is kept, auditing and the backlog limit. Entered into stays,
 * which may have some already. 0 or -errno with the reason. */
int hold_book_stays(const struct hold_book *book, struct ledger *stays,
		    struct reason *reason);

/* What nobody is going to put back who holds by now, before we join: rules that nobody
 * wants or that are kept, and auditing and the backlog limit if there are such rules or
 * nobody holds. Into an empty *found. 0 or -errno with the reason. */
int hold_book_found(const struct hold_book *book, struct ledger *found,
		    struct reason *reason);

/* Replaces what is written down. 0 or -errno with the reason. */
int hold_book_write(struct hold_book *book, struct reason *reason);

/* Takes the mutex, if it is free, and strikes these rules out: they are others'. Not
 * while others hold: one of them may have added them. */
void hold_book_disown(struct hold_book *book, const struct rules *rules);

/* Removes the files where nothing is left to put back and nobody else holds. */
void hold_book_tidy(struct hold_book *book);
