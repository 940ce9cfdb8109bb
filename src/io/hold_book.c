/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/hold_book.h"

#include <errno.h>
#include <string.h>

#include "io/plan.h"

static int failed(int error, struct reason *reason)
{
	reason_set(reason, "can't write down what is wanted of the audit rules: %s",
		   strerror(-error));
	return error;
}

int hold_book_init(struct hold_book *book, const char *rundir, struct reason *reason)
{
	*book = (struct hold_book){ 0 };
	return hold_file_init(&book->file, rundir, reason);
}

void hold_book_close(struct hold_book *book)
{
	hold_file_close(&book->file);
	ledger_clear(&book->ledger);
	ledger_clear(&book->wants);
}

/* Locks end with their process, lines in a file don't. */
static void strike_wants_of_the_dead(struct hold_book *book)
{
	const struct ledger nothing = { 0 };
	struct ledger *ledger = &book->ledger;

	for (size_t i = 0; i < ledger->n_wants;)
		if (hold_file_holds(&book->file, ledger->want[i].holder))
			i++;
		else
			ledger_set_wants(ledger, ledger->want[i].holder, &nothing);
}

int hold_book_read(struct hold_book *book, struct reason *reason)
{
	struct ledger written = { 0 };
	int r = hold_file_read(&book->file, &written, reason);

	if (r < 0)
		return r;
	/* While we hold it is there, unless somebody removed the whole directory. */
	if (r > 0 || !book->file.holder) {
		ledger_clear(&book->ledger);
		book->ledger = written;
	}
	book->known = true;
	strike_wants_of_the_dead(book);
	/* Ours are missing where the files were made anew. */
	r = book->file.holder
		    ? ledger_set_wants(&book->ledger, book->file.holder, &book->wants)
		    : 0;
	return r < 0 ? failed(r, reason) : 0;
}

int hold_book_join(struct hold_book *book, struct reason *reason)
{
	return hold_file_join(&book->file, reason);
}

int hold_book_want(struct hold_book *book, struct ledger *wants, struct reason *reason)
{
	const struct ledger before = book->wants;
	int r = ledger_set_wants(&book->ledger, book->file.holder, wants);

	if (r < 0) {
		ledger_set_wants(&book->ledger, book->file.holder, &before);
		return failed(r, reason);
	}
	book->wants = *wants;
	*wants = before;
	return 0;
}

void hold_book_want_nothing(struct hold_book *book)
{
	ledger_clear(&book->wants);
	ledger_set_wants(&book->ledger, book->file.holder, &book->wants);
}

int hold_book_stays(const struct hold_book *book, struct ledger *stays,
		    struct reason *reason)
{
	const struct ledger *ledger = &book->ledger;
	bool others = !hold_file_alone(&book->file);
	int r = 0;

	for (size_t i = 0; !r && i < ledger->n_rules; i++)
		if ((others && ledger->rule[i].kept) ||
		    ledger_is_wanted(ledger, ledger->rule[i].text))
			r = ledger_add_rule(stays, ledger->rule[i].text);
	stays->enabled = stays->enabled || others;
	stays->backlog = stays->backlog || others;
	return r < 0 ? failed(r, reason) : 0;
}

int hold_book_found(const struct hold_book *book, struct ledger *found,
		    struct reason *reason)
{
	const struct ledger *ledger = &book->ledger;
	bool left;
	int r = 0;

	for (size_t i = 0; !r && i < ledger->n_rules; i++)
		if (ledger->rule[i].kept ||
		    !ledger_is_wanted(ledger, ledger->rule[i].text))
			r = ledger_add_rule(found, ledger->rule[i].text);
	left = found->n_rules || hold_file_alone(&book->file);
	found->enabled = left && ledger->enabled;
	found->backlog = left && ledger->backlog;
	return r < 0 ? failed(r, reason) : 0;
}

int hold_book_write(struct hold_book *book, struct reason *reason)
{
	return hold_file_write(&book->file, &book->ledger, reason);
}

void hold_book_disown(struct hold_book *book, const struct rules *rules)
{
	struct buffer line = { 0 };

	if (hold_file_try_lock(&book->file) < 0)
		return;
	if (hold_file_alone(&book->file) && hold_book_read(book, NULL) == 0) {
		for (size_t i = 0; i < rules->n; i++) {
			const char *text = plan_rule_text(rules->rule[i], &line, NULL);

			if (text)
				ledger_strike_rule(&book->ledger, text);
		}
		hold_book_write(book, NULL);
	}
	hold_file_unlock(&book->file);
	buffer_free(&line);
}

void hold_book_tidy(struct hold_book *book)
{
	if (book->known && ledger_empty(&book->ledger) && hold_file_alone(&book->file))
		hold_file_remove(&book->file);
}
