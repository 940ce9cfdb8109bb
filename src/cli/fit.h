/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fit: makes escaped text fit the columns of a terminal. It needs the UTF-8 character
 * type of fit_begin(). */
#pragma once

#include <locale.h>
#include <stddef.h>

#include "core/buffer.h"

/* This thread's characters are UTF-8 from now on, whatever the locale says: the escaper
 * gives nothing else. fit_end() gets what this gave. */
locale_t fit_begin(locale_t utf8);
void fit_end(locale_t before);

/* How many columns the text takes: 2 for a wide character, 0 for a combining one. */
size_t fit_width(const char *text, size_t len);

/* Adds the text; where it is wider than width, its middle gives way to an ellipsis, so
 * that the last tail bytes (a "[PID]", which is ASCII) stay whole where they can. Never
 * wider than width. */
void fit_add(struct buffer *out, const char *text, size_t len, size_t tail, size_t width);

/* Adds the text and a newline, broken at blanks into lines no wider than width; those
 * after the first have indent blanks before them, and the first is taken to have as many
 * columns used. A word that is wider than a line isn't broken. */
void fit_fold(struct buffer *out, const char *text, size_t len, size_t indent,
	      size_t width);
